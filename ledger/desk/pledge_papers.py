"""承诺书: enter what households signed, one or a stack of them, and take it back."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from households.consent import newest_consent, standing_consents
from households.models import Household, Pledge
from households.typed_numbers import whole_number, whole_numbers
from ledger.desk.access import page, staff_object, staff_page
from ledger.desk.pledge_forms import CHOICES, PaperForm, StackForm, TakeBackForm
from ledger.desk.pledges import RECORDS, address, unsigned
from ledger.operations import KeyUsedForSomethingElse
from ledger.pledging import (
    Asked,
    PapersNotRecorded,
    record_papers,
    take_back_consent,
)

ROWS = 100
_homes = Household.objects.select_related("village__policy", "group").all


@staff_page(RECORDS)
@require_http_methods(["GET", "HEAD", "POST"])
def stack(request, village):
    """Enter a stack of papers of one group: a row for each household, all or none."""
    pledge = Pledge.objects.in_force(village)
    asked = request.POST.get("group") or request.GET.get("group", "")
    group = village.groups.filter(number=whole_number(asked) or 0).first()
    if pledge is None or group is None:
        messages.info(request, _("Choose the group whose papers are in."))
        return redirect(address(village))
    left = unsigned(village, pledge).filter(group=group)
    homes, more = list(left[:ROWS]), max(0, left.count() - ROWS)
    if request.method == "POST":
        # Whoever was signed for meanwhile keeps the row, to be told so.
        sent = whole_numbers(request.POST.getlist("home"))
        of_group = Household.objects.filter(village=village, group=group)
        homes = list(of_group.filter(pk__in=sent).in_reading_order())
    form = StackForm(request.POST or None, village=village, homes=homes)
    if form.is_valid():
        rows = _recorded(request, form)
        if rows is not None:
            messages.success(
                request, _("Recorded: %(count)s papers.") % {"count": len(rows)}
            )
            return redirect(address(village))
    return page(
        request,
        "pledge_stack.html",
        village,
        _("Papers of %(group)s") % {"group": group.name},
        form=form,
        group=group,
        pledge=pledge,
        more=more,
        choices=CHOICES,
        asked=Asked.choices,
        back=address(village),
    )


@staff_object(_homes, RECORDS)
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request, household):
    """Enter the paper of one household."""
    back = reverse("ledger_desk:home", args=[household.pk])
    village = household.village
    if not Pledge.objects.in_force(village):
        messages.warning(request, _("The village has no pledge yet: write it first."))
        return redirect(address(village))
    form = PaperForm(request.POST or None, village=village, household=household)
    if form.is_valid() and _recorded(request, form) is not None:
        messages.success(request, _("Recorded. It stands in the household's file."))
        return redirect(f"{back}#pledge")
    return page(
        request,
        "pledge_paper.html",
        village,
        _("Record a signed pledge"),
        form=form,
        household=household,
        back=back,
    )


@staff_object(_homes, RECORDS)
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request, household):
    """Take back what a household no longer agrees to; it need give no reason."""
    back = reverse("ledger_desk:home", args=[household.pk])
    standing = standing_consents(household, newest_consent(household))
    if not standing and request.method != "POST":
        messages.info(request, _("Nothing stands that could be taken back."))
        return redirect(back)
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        asked = form.cleaned_data["asked"]
        take_back_consent(household, asked, by=request.user, at=timezone.now())
        messages.success(request, _("Taken back. It counts from now on."))
        return redirect(f"{back}#pledge")
    return page(
        request,
        "pledge_take_back.html",
        household.village,
        _("Take a consent back"),
        form=form,
        household=household,
        offered=[(one, label) for one, label in Asked.choices if one in standing],
        back=back,
    )


def _recorded(request, form):
    """Record; when that is refused the page comes back with all that was typed."""
    try:
        return record_papers(
            form.cleaned_data["pledge"],
            form.papers(),
            signed_on=form.cleaned_data["signed_on"],
            key=form.cleaned_data["key"],
            by=request.user,
            at=timezone.now(),
        )
    except PapersNotRecorded as refused:
        form.refuse(refused.problems, str(refused))
    except KeyUsedForSomethingElse as refused:
        form.renew_key()
        form.add_error(None, str(refused))
    return None
