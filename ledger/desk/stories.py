"""好人好事: what is told, what waits for another person, what was taken down."""

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from households.consent import wants_no_stories
from households.downloads import hand_out_photo
from households.models import Village
from households.own_households import own_households
from households.roles import roles_granting
from households.stewardships import serving
from ledger.desk.access import page, staff_object, staff_page
from ledger.desk.story_form import PublishStoryForm, SeenForm
from ledger.models import Deed, EvidencePhoto, Story
from ledger.naming import name_in_story
from ledger.refusals import Refused
from ledger.story_check import what_is_missing
from ledger.telling import hand_over_story, publish_story, withdraw_story

STORIES_SHOWN = 100
DEEDS_SHOWN = 40
MONTHS_SHOWN = 12


@staff_page("ledger.view_story")
@require_safe
def stories(request, village):
    """List the stories of a village, those that wait for the reader first."""
    of_village = Story.objects.filter(village=village).select_related(
        "deed__household__group", "deed__item", "written_by", "published_by"
    )
    drafts = of_village.standing().filter(published_at=None)
    may_publish = request.user.has_perm("ledger.publish_story", village)
    mine, others = [], []
    for story in drafts.order_by("handed_over_at", "pk"):
        is_mine = (
            may_publish and story.handed_over_at and story.written_by != request.user
        )
        (mine if is_mine else others).append(story)
    told = of_village.standing().filter(published_at__isnull=False)
    gone = of_village.filter(withdrawn_at__isnull=False)
    return page(
        request,
        "stories.html",
        village,
        _("Good-deed stories"),
        mine=mine,
        drafts=others,
        told=told.in_reading_order()[:STORIES_SHOWN],
        gone=gone.order_by("-withdrawn_at", "-pk")[:STORIES_SHOWN],
        may_write=request.user.has_perm("ledger.write_story", village),
        villages=Village.objects.where_allowed(request.user, "ledger.view_story"),
    )


@staff_page("ledger.write_story")
@require_safe
def choose(request, village):
    """Offer the deeds of a published month, those worth telling first."""
    months = list(
        village.periods.published()
        .order_by("-month")
        .values_list("month", flat=True)[:MONTHS_SHOWN]
    )
    asked = request.GET.get("month")
    month = next((m for m in months if f"{m:%Y-%m}" == asked), None)
    month = month or next(iter(months), None)
    photos = EvidencePhoto.objects.filter(village=village, deed=OuterRef("pk"))
    # What forty households did together is seldom one household's story.
    company = Count("operation__deeds", filter=Q(operation__deeds__village=village))
    deeds = (
        Deed.objects.filter(village=village, period__month=month)
        .tellable()
        .exclude(household__in=wants_no_stories(village.pk))
        .select_related("household__group", "item")
        .annotate(has_photo=Exists(photos), company=company)
        .order_by("-has_photo", "company", "-points", "-happened_on", "pk")
    )
    return page(
        request,
        "story_choose.html",
        village,
        _("Choose a good deed"),
        deeds=[deed for deed in deeds[:DEEDS_SHOWN] if deed.note or deed.has_photo],
        month=month,
        other_months=months,
        back=address(village),
    )


@staff_object(Story.objects.all, "ledger.view_story")
@require_safe
def story(request, story):
    """Show a story as everybody will read it, and what is left to do."""
    return show(request, story)


def show(request, story, form=None):
    """Render a story's own page, with what its buttons were refused for."""
    user, village = request.user, story.village
    missing = [] if story.withdrawn_at else what_is_missing(story)
    is_waiting = story.state == Story.State.WAITING
    may_publish = user.has_perm("ledger.publish_story", story)
    is_alone = story.written_by == user
    is_own = story.deed.household_id in own_households(user, story.village_id)
    by_role = serving(village)
    readers = [
        person
        for role in roles_granting("ledger.publish_story")
        for person in by_role.get(role, [])
        if person != story.written_by
    ]
    seen = {"seen": story.written_at.isoformat()}
    return page(
        request,
        "story.html",
        village,
        _("Good-deed stories"),
        story=story,
        name=name_in_story(story),
        missing=missing,
        form=form or PublishStoryForm(initial=seen),
        seen_form=SeenForm(initial=seen),
        readers="、".join(map(str, dict.fromkeys(readers))),
        may_write=user.has_perm("ledger.write_story", story),
        may_publish=is_waiting and may_publish and not (is_alone or is_own),
        may_withdraw=user.has_perm("ledger.withdraw_story", story),
        back=address(village),
    )


@staff_object(Story.objects.all, "ledger.write_story")
@require_POST
def hand_over(request, story):
    """Ask another person to look at a draft."""
    form = SeenForm(request.POST)
    if form.is_valid():
        _try(
            request,
            _("Handed over. Another person reads and publishes it."),
            lambda: hand_over_story(
                story,
                seen=form.cleaned_data["seen"],
                by=request.user,
                at=timezone.now(),
            ),
        )
    return redirect("ledger_desk:story", story.pk)


@staff_object(Story.objects.all, "ledger.publish_story")
@require_POST
def publish(request, story):
    """Let everybody read a story that another person wrote."""
    form = PublishStoryForm(request.POST)
    if not form.is_valid():
        return show(request, story, form)
    _try(
        request,
        _("Published. Everybody can read it now."),
        lambda: publish_story(
            story, seen=form.cleaned_data["seen"], by=request.user, at=timezone.now()
        ),
    )
    return redirect("ledger_desk:story", story.pk)


@staff_object(Story.objects.all, "ledger.withdraw_story")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, story):
    """Take a story down when its family wishes it, by whatever way they say so."""
    if request.method == "POST":
        withdraw_story(story, by=request.user, at=timezone.now())
        messages.success(request, _("Taken down. Words and photo are erased."))
        return redirect(address(story.village))
    if story.withdrawn_at:
        return redirect("ledger_desk:story", story.pk)
    return page(
        request,
        "story_withdraw.html",
        story.village,
        _("Take the story down"),
        story=story,
        back=reverse("ledger_desk:story", args=[story.pk]),
    )


@staff_object(Story.objects.all, "ledger.view_story", cacheable=True)
@require_safe
def photo(request, story):
    """Hand out the photo of a story to staff."""
    if not story.photo:
        raise Http404
    return hand_out_photo(story.photo)


def address(village) -> str:
    return f"{reverse('ledger_desk:stories')}?village={village.slug}"


def _try(request, done, act) -> None:
    try:
        act()
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, done)
