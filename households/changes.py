"""What a household is from a day on: its head and its status, each with its record.

Nothing else writes them once a household is on the roster. A change that moves
points goes through the ledger, which knows what it costs.
"""

from datetime import date, datetime

from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.audit import record_event
from households.consent import end_with_head
from households.models import ChangeNote, Household, HouseholdChange, User, Village
from households.pinyin import initials_of_name

Kind = HouseholdChange.Kind
Status = Household.Status

STATUS_AFTER = {
    Kind.MERGE: Status.LEFT,
    Kind.MOVE_OUT: Status.LEFT,
    Kind.MOVE_IN: Status.ACTIVE,
    Kind.AWAY: Status.AWAY,
    Kind.BACK: Status.ACTIVE,
}


def change_household(
    household: Household,
    kind: str,
    *,
    takes_effect_on: date,
    paper: str,
    signed_by: str,
    signed_by_other: str = "",
    head_name: str = "",
    other: Household | None = None,
    points: int = 0,
    spendable_until: date | None = None,
    note: ChangeNote | None = None,
    noted_by: User | None,
    decided_by: User | None,
    at: datetime,
) -> HouseholdChange:
    """Write down what changed and change it; the caller holds the village.

    A new head has agreed to nothing yet, and has left no phone; who left needs none.
    A name that was put right is the same person's, whose consent stands.
    """
    change = HouseholdChange.objects.create(
        village_id=household.village_id,
        number=next_number(household.village_id),
        household=household,
        kind=kind,
        other=other,
        takes_effect_on=takes_effect_on,
        paper=paper,
        signed_by=signed_by,
        signed_by_other=signed_by_other,
        points=points,
        head_before="" if kind == Kind.MOVE_IN else household.head_name,
        head_after=head_name or household.head_name,
        status_before="" if kind == Kind.MOVE_IN else household.status,
        status_after=STATUS_AFTER.get(Kind(kind), household.status),
        spendable_until=spendable_until,
        note=note,
        noted_by=noted_by,
        decided_by=decided_by,
        at=at,
    )
    if kind == Kind.HEAD:
        end_with_head(change, household)
    if kind in (Kind.HEAD, *HouseholdChange.ENDING):
        household.phone = ""
    if household.head_name != change.head_after:
        household.head_initials = initials_of_name(change.head_after)
    household.head_name = change.head_after
    household.status = change.status_after
    household.save(
        update_fields=[
            "head_name",
            "head_initials",
            "status",
            "phone",
            "full_name_consented_on",
        ]
    )
    record_event(
        f"household.{kind}",
        village=household.village,
        by=decided_by or noted_by,
        at=at,
        subject=household,
        change=change.number,
    )
    return change


def next_number(village_id: int) -> int:
    """Return the number of a village's next change: 1, 2, 3 … without a gap."""
    of_village = HouseholdChange.objects.filter(village=village_id)
    return (of_village.aggregate(number=Max("number"))["number"] or 0) + 1


def next_free_number(village: Village) -> str:
    """Suggest a household number: the one after the highest, as wide as the others."""
    numbers = village.households.values_list("number", flat=True)
    plain = [number for number in numbers if number.isascii() and number.isdigit()]
    highest = max(map(int, plain), default=0)
    width = max(map(len, plain), default=3)
    return f"{highest + 1:0{width}d}"


def departure_of(household: Household) -> HouseholdChange | None:
    """Return the change by which a household ended, if it did."""
    ending = HouseholdChange.objects.filter(
        village=household.village_id,
        household=household,
        kind__in=HouseholdChange.ENDING,
    )
    return ending.select_related("other").order_by("-number").first()


def why_gone(household: Household) -> str:
    """Say in one sentence that a household takes no records any more."""
    change = departure_of(household)
    if change is None:
        return _("Household %(number)s has moved out.") % {"number": household.number}
    if change.other:
        return _(
            "Household %(number)s was merged into %(other)s on %(day)s: choose "
            "%(other)s."
        ) % {
            "number": household.number,
            "other": change.other,
            "day": change.takes_effect_on,
        }
    return _("Household %(number)s moved out on %(day)s; nothing more is recorded.") % {
        "number": household.number,
        "day": change.takes_effect_on,
    }


def what_became_of(household: Household, *, today: date) -> str:
    """Tell a household in its passbook what a split, a merge or a move did to it.

    One sentence about the newest, for a year; whoever has left is told for good.
    """
    told = [*HouseholdChange.JOINT, Kind.MOVE_OUT]
    change = (
        HouseholdChange.objects.about(household)
        .filter(kind__in=told)
        .select_related("household", "other")
        .order_by("-number")
        .first()
    )
    is_gone = household.status == Status.LEFT
    if change is None or not (is_gone or (today - change.takes_effect_on).days < 366):
        return ""
    facts = {
        "day": date_format(change.takes_effect_on, "DATE_FORMAT"),
        "points": change.points,
        "number": change.household.number,
        "other": change.other and change.other.number,
    }
    if change.kind == Kind.MOVE_OUT:
        until = change.spendable_until
        facts["until"] = date_format(until, "DATE_FORMAT") if until else ""
        return (
            _(
                "This household moved out on %(day)s. Its points can be spent until "
                "%(until)s; what is left then expires."
            )
            % facts
        )
    is_first = change.household_id == household.pk
    sentences = {
        (Kind.SPLIT, True): _(
            "On %(day)s household %(other)s split off and took %(points)s points along."
        ),
        (Kind.SPLIT, False): _(
            "This household split off from %(number)s on %(day)s with %(points)s "
            "points; its year began at the base."
        ),
        (Kind.MERGE, True): _(
            "This household was merged into %(other)s on %(day)s; its points are there."
        ),
        (Kind.MERGE, False): _(
            "Household %(number)s was merged into yours on %(day)s and brought its "
            "points along."
        ),
    }
    return sentences[Kind(change.kind), is_first] % facts
