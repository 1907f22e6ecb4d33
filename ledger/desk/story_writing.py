"""写一个故事: from a published deed to a draft, and changing it."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from households.consent import newest_consent
from households.masking import mask_name
from ledger.desk.access import page, staff_object
from ledger.desk.stories import address
from ledger.desk.story_form import StoryForm
from ledger.models import Deed, Story
from ledger.operations import KeyUsedForSomethingElse
from ledger.refusals import Refused
from ledger.story_check import refusal_on_paper
from ledger.telling import ChangedMeanwhile, revise_story, write_story


@staff_object(Deed.objects.all, "ledger.write_story")
@require_http_methods(["GET", "HEAD", "POST"])
def write(request, deed):
    """Begin the story of one published good deed."""
    village = deed.village
    form = StoryForm(request.POST or None, request.FILES or None, village=village)
    if form.is_valid():
        story = _saved(request, form, lambda: _write(request, deed, form))
        if story:
            return redirect("ledger_desk:story", story.pk)
    elif request.method != "POST":
        told = deed.stories.standing().first()
        if told:
            return redirect("ledger_desk:story", told.pk)
        if not Deed.objects.tellable().filter(pk=deed.pk).exists():
            messages.warning(
                request, _("Only a good deed of a published month can be told.")
            )
            return redirect(address(village))
        refusal = refusal_on_paper(deed.household)
        if refusal:
            messages.warning(request, refusal)
            return redirect(address(village))
    back = f"{reverse('ledger_desk:story-new')}?village={village.slug}"
    return _page(request, deed, form, back, _("Write a story"))


@staff_object(Story.objects.all, "ledger.write_story")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request, story):
    """Change a story, or go on with a draft."""
    form = StoryForm(
        request.POST or None, request.FILES or None, village=story.village, story=story
    )
    back = reverse("ledger_desk:story", args=[story.pk])
    if story.withdrawn_at:
        return redirect(back)
    if form.is_valid() and _saved(request, form, lambda: _revise(request, story, form)):
        return redirect(back)
    return _page(request, story.deed, form, back, _("Change the story"), story=story)


def _write(request, deed, form) -> Story:
    return write_story(
        deed,
        form.telling(),
        photo=form.cleaned_data["photo"],
        key=form.cleaned_data["key"],
        by=request.user,
        at=timezone.now(),
    )


def _revise(request, story, form) -> Story:
    return revise_story(
        story,
        form.telling(),
        photo=form.photo_change(),
        seen=form.cleaned_data["seen"],
        by=request.user,
        at=timezone.now(),
    )


def _saved(request, form, save) -> Story | None:
    """Save; when that is refused the page comes back with all that was typed."""
    try:
        story = save()
    except Refused as refused:
        if isinstance(refused, KeyUsedForSomethingElse):
            form.renew_key()
        if isinstance(refused, ChangedMeanwhile):
            form.change(seen=form.initial["seen"])
        form.add_error(None, str(refused))
        return None
    messages.success(request, _("Saved. Nobody outside sees it yet."))
    return story


def _page(request, deed, form, back, title, *, story=None):
    name = deed.household.head_name
    return page(
        request,
        "story_write.html",
        deed.village,
        title,
        deed=deed,
        form=form,
        story=story,
        masked=mask_name(name),
        on_paper=newest_consent(deed.household),
        evidence=deed.photos.order_by("pk"),
        back=back,
    )
