"""承诺书 at the desk: the village's words, who signed, the sheets to print."""

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from households.masking import mask_name
from households.models import Household, HouseholdConsent, Pledge, Village
from households.typed_numbers import whole_number
from ledger.desk.access import page, staff_page
from ledger.desk.pledge_forms import PledgeForm
from ledger.operations import KeyUsedForSomethingElse
from ledger.pledging import write_pledge
from ledger.refusals import Refused

SEES = "households.view_pledge"
WRITES = "households.write_pledge"
RECORDS = "households.record_consent"
Asked = HouseholdConsent.Asked


@staff_page(SEES)
@require_safe
def pledges(request, village):
    """Show the words in force, and group by group who has signed them."""
    versions = list(
        Pledge.objects.filter(village=village)
        .select_related("written_by")
        .order_by("-number")
    )
    newest = versions[0] if versions else None
    return page(
        request,
        "pledges.html",
        village,
        _("Pledges"),
        pledge=newest,
        earlier=versions[1:],
        groups=_groups(village, newest),
        sums=_sums(village, newest),
        may_write=request.user.has_perm(WRITES, village),
        may_record=request.user.has_perm(RECORDS, village),
        villages=Village.objects.where_allowed(request.user, SEES),
    )


@staff_page(WRITES)
@require_http_methods(["GET", "HEAD", "POST"])
def new_pledge(request, village):
    """Write the next version; from the moment it is saved nobody can edit it."""
    newest = Pledge.objects.in_force(village)
    form = PledgeForm(request.POST or None, village=village, newest=newest)
    if form.is_valid():
        try:
            pledge = write_pledge(
                village,
                form.words(),
                key=form.cleaned_data["key"],
                by=request.user,
                at=timezone.now(),
            )
        except Refused as refused:
            if isinstance(refused, KeyUsedForSomethingElse):
                form.renew_key()
            form.add_error(None, str(refused))
        else:
            messages.success(
                request,
                _("Version %(number)s is in force. Print it and let households sign.")
                % {"number": pledge.number},
            )
            return redirect(address(village))
    return page(
        request,
        "pledge_new.html",
        village,
        _("New version of the pledge"),
        form=form,
        newest=newest,
        back=address(village),
    )


@staff_page(RECORDS)
@require_safe
def sheets(request, village):
    """Print the sheet to sign: blank, for one household, or for a whole group."""
    pledge = Pledge.objects.in_force(village)
    if pledge is None:
        return redirect(address(village))
    asked = {name: request.GET.get(name, "") for name in ("home", "group")}
    homes: list[Household | None] = [None]
    if any(asked.values()):
        homes = list(_printed(village, **asked))
    is_masked = request.GET.get("names") == "masked"
    response = render(
        request,
        "ledger/desk/pledge_sheets.html",
        {
            "village": village,
            "pledge": pledge,
            "sheets": [
                {"home": home, "name": _name(home, is_masked=is_masked)}
                for home in homes
            ],
            "asked": Asked,
            "these": urlencode({name: one for name, one in asked.items() if one}),
            "is_masked": is_masked,
            "back": address(village),
        },
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def address(village: Village) -> str:
    return f"{reverse('ledger_desk:pledges')}?village={village.slug}"


def unsigned(village: Village, pledge: Pledge):
    """Keep the households that have not signed a version, or not with this head."""
    signed = HouseholdConsent.objects.filter(village=village, pledge=pledge).newest()
    return (
        Household.objects.filter(village=village)
        .listed()
        .exclude(pk__in=signed.values("household"))
        .select_related("group")
        .in_reading_order()
    )


def _printed(village: Village, home: str, group: str):
    homes = Household.objects.filter(village=village).listed()
    if home:
        homes = homes.filter(pk=whole_number(home) or 0)
    if group:
        homes = homes.filter(group__number=whole_number(group) or 0)
    return homes.select_related("group").in_reading_order()


def _name(home: Household | None, *, is_masked: bool) -> str:
    if home is None:
        return ""
    return mask_name(home.head_name) if is_masked else home.head_name


def _groups(village: Village, pledge: Pledge | None) -> list[dict]:
    listed = Household.objects.filter(village=village).listed().order_by()
    missing = unsigned(village, pledge) if pledge else listed
    homes = dict(listed.values_list("group").annotate(n=Count("pk")))
    left = dict(missing.order_by().values_list("group").annotate(n=Count("pk")))
    return [
        {
            "group": group,
            "homes": homes[group.pk],
            "left": left.get(group.pk, 0),
            "signed": homes[group.pk] - left.get(group.pk, 0),
        }
        for group in village.groups.order_by("number")
        if group.pk in homes
    ]


def _sums(village: Village, pledge: Pledge | None) -> dict[str, int]:
    """Count households by what they agree to now, those without a paper apart."""
    said = HouseholdConsent.objects.filter(village=village).newest()
    here = said.exclude(household__status=Household.Status.LEFT)
    agreed = {f"n_{one}": Count("pk", filter=Q(**{one: True})) for one in Asked.values}
    no_paper = Household.objects.filter(
        village=village, full_name_consented_on__isnull=False
    ).listed()
    return {
        **here.aggregate(
            n_signed=Count("pk", filter=Q(pledge__isnull=False)),
            n_current=Count("pk", filter=Q(pledge=pledge, pledge__isnull=False)),
            **agreed,
        ),
        "n_homes": Household.objects.filter(village=village).listed().count(),
        "n_before": no_paper.exclude(pk__in=said.values("household")).count(),
    }
