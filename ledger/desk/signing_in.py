"""签到: numbers typed, a paper sheet ticked back, a group on a phone; then closing."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from households.models import Household, VillagerGroup
from households.typed_households import TypedHouseholds
from households.typed_numbers import whole_numbers
from ledger.desk.access import page, staff_object
from ledger.desk.activity_form import CloseForm
from ledger.gatherings.activities import has_its_day, item_of_its_day
from ledger.gatherings.attendance import sign_in, sign_ins_of, sign_out
from ledger.gatherings.closing import ListHasChanged, attendance_of, close_activity
from ledger.models import Activity, ScoringItem, SignIn
from ledger.operations import KeyUsedForSomethingElse
from ledger.recording import NotOfThisVillage
from ledger.refusals import Refused

RECORDS = "ledger.record_deed"
HOWS = (SignIn.How.PAPER, SignIn.How.DESK)


@dataclass(frozen=True)
class Row:
    """One household of the group on show, and how it stands on the list."""

    household: Household
    sign_in: SignIn | None

    @property
    def is_there(self) -> bool:
        return self.sign_in is not None and not self.sign_in.is_ahead


class Sheet:
    """The list of one activity as somebody works on it."""

    def __init__(self, activity: Activity, asked):
        self.activity = activity
        self.has_its_day = has_its_day(activity, timezone.now())
        self.item = _item(activity)
        self.homes = list(
            Household.objects.filter(village=activity.village)
            .listed()
            .select_related("group")
            .in_reading_order()
        )
        self.by_pk = {home.pk: home for home in self.homes}
        self.signed = {one.household_id: one for one in sign_ins_of(activity)}
        self.group = self._group(asked.get("group", ""))
        how = asked.get("how", "")
        self.how = SignIn.How(how) if how in HOWS else SignIn.How.PAPER
        self.typed = asked.get("households", "")
        self.reading: TypedHouseholds | None = None
        self.refused = ""

    @property
    def has_range(self) -> bool:
        return self.item.points_min != self.item.points_max

    @property
    def groups(self) -> list[VillagerGroup]:
        return list(dict.fromkeys(home.group for home in self.homes))

    @property
    def rows(self) -> list[Row]:
        """Return the households of the group on show."""
        return [
            Row(home, self.signed.get(home.pk))
            for home in self.homes
            if home.group == self.group
        ]

    @property
    def shown(self) -> str:
        """Return whom the page shows as there, so that others are left alone."""
        return ",".join(str(row.household.pk) for row in self.rows if self._is_on(row))

    def _is_on(self, row: Row) -> bool:
        return row.is_there if self.has_its_day else row.sign_in is not None

    @property
    def on(self) -> set[int]:
        return {row.household.pk for row in self.rows if self._is_on(row)}

    def _group(self, number: str) -> VillagerGroup | None:
        groups = self.groups
        return next(
            (one for one in groups if str(one.number) == number),
            groups[0] if groups else None,
        )

    def read(self) -> list[Household]:
        self.reading = TypedHouseholds(self.typed, self.homes)
        return list(self.reading.found.values())


@staff_object(Activity.objects.select_related("item", "village").all, RECORDS)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_ins(request, activity):
    """Put households on the list of an activity, or take them off."""
    sheet = Sheet(activity, request.POST or request.GET)
    if request.method == "POST":
        try:
            _act(request, sheet)
        except Refused as refused:
            sheet.refused = str(refused)
        is_misread = sheet.reading is not None and sheet.reading.misread
        if not sheet.refused and not is_misread:
            return redirect(_address(sheet))
        if is_misread:
            sheet.typed = " ".join(sheet.reading.misread)
            sheet.signed = {one.household_id: one for one in sign_ins_of(activity)}
    return page(
        request,
        "activity_sign_ins.html",
        activity.village,
        _("Sign in"),
        activity=activity,
        sheet=sheet,
        there=[one for one in sheet.signed.values() if not one.is_ahead],
        ahead=[one for one in sheet.signed.values() if one.is_ahead],
        back=reverse("ledger_desk:activity", args=[activity.pk]),
    )


@staff_object(Activity.objects.select_related("item", "village").all, RECORDS)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request, activity):
    """Show what closing would record and leave out; after a yes, record it."""
    back = reverse("ledger_desk:activity", args=[activity.pk])
    if request.method != "POST" and not activity.is_open:
        return redirect(back)
    now = timezone.now()
    form = CloseForm(request.POST or None, village=activity.village)
    try:
        if form.is_valid():
            close_activity(
                activity,
                seen=form.cleaned_data["seen"],
                key=form.cleaned_data["key"],
                by=request.user,
                at=now,
            )
            messages.success(request, _("Closed. The deeds wait for the reviewer."))
            return redirect(back)
        attendance = attendance_of(activity)
    except (ListHasChanged, KeyUsedForSomethingElse) as refused:
        form.renew_key()
        form.add_error(None, str(refused))
        attendance = attendance_of(activity)
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect(back)
    if form.is_bound:
        form.change(seen=attendance.mark)
    else:
        form.initial["seen"] = attendance.mark
    return page(
        request,
        "activity_close.html",
        activity.village,
        _("Close the activity"),
        activity=activity,
        attendance=attendance,
        form=form,
        back=back,
    )


def _item(activity: Activity) -> ScoringItem:
    """Return the item whose range the list shows: that of its day, if there is one."""
    try:
        return item_of_its_day(activity)
    except NotOfThisVillage:
        # Closing says so; until then the list is kept as it was announced.
        return activity.item


def _act(request, sheet: Sheet) -> None:
    sent = request.POST
    facts = {"by": request.user, "at": timezone.now()}
    activity = sheet.activity
    if "drop" in sent:
        sign_out(activity, _chosen(sheet, [sent["drop"]]), **facts)
    elif "pick" in sent:
        _sign_in(request, sheet, _chosen(sheet, [sent["pick"]]), **facts)
    elif "all" in sent:
        living = [
            row.household
            for row in sheet.rows
            if row.household.status == Household.Status.ACTIVE
        ]
        _sign_in(request, sheet, living, **facts)
    elif "save" in sent:
        _save_group(request, sheet, **facts)
    else:
        found = sheet.read()
        if found:
            _sign_in(request, sheet, found, **facts)
        elif not sheet.typed.strip():
            messages.warning(request, _("Type the number or the name of a household."))


def _save_group(request, sheet: Sheet, *, by, at) -> None:
    """Do what was ticked and unticked; who came meanwhile by phone stays."""
    sent = request.POST
    shown = {home.pk for home in _chosen(sheet, sent.get("shown", "").split(","))}
    there = _chosen(sheet, sent.getlist("there"))
    ticked = {home.pk for home in there}
    gone = [sheet.by_pk[pk] for pk in shown - ticked]
    points = {
        home.pk: int(text)
        for home in there
        if (text := sent.get(f"points-{home.pk}", "").strip()).isdecimal()
        and len(text) < 5
    }
    new = [home for home in there if home.pk not in shown or home.pk in points]
    with transaction.atomic():
        if gone:
            sign_out(sheet.activity, gone, by=by, at=at)
        if new:
            _sign_in(request, sheet, new, by=by, at=at, points=points)


def _sign_in(request, sheet: Sheet, homes, *, by, at, points=None) -> None:
    done = sign_in(
        sheet.activity, homes, how=sheet.how, by=by, at=at, points=points or None
    )
    if done.new:
        messages.success(
            request, _("Signed in: %(count)s households.") % {"count": len(done.new)}
        )
    elif done.already and not points:
        messages.info(request, _("They stand on the list already."))


def _chosen(sheet: Sheet, keys) -> list[Household]:
    """Return the village's own households among some ids of a form."""
    pks = whole_numbers(keys)
    return [home for home in sheet.homes if home.pk in pks]


def _address(sheet: Sheet) -> str:
    query = {"how": sheet.how.value}
    if sheet.group:
        query["group"] = str(sheet.group.number)
    place = reverse("ledger_desk:activity-sign-ins", args=[sheet.activity.pk])
    return place + "?" + "&".join(f"{name}={value}" for name, value in query.items())
