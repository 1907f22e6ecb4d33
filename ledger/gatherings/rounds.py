"""巡查: the monthly walk through the yards of a group, noted and closed into deeds."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import Household, User, Village, VillagerGroup
from ledger.gatherings.batch_recording import record_batch, who_is_left_out
from ledger.models import Finding, Round, ScoringItem
from ledger.months import check_recordable, first_day
from ledger.operations import claim_operation
from ledger.recording import NotOfThisVillage
from ledger.refusals import Refused
from ledger.rulebook_versions import Versions

# What a round produces, by the codes of the sample rulebook.
YARD, SORTING = "Z03", "Z04"


class RoundIsClosed(Refused):
    """The findings of a closed round stay as they are."""


class FindingsHaveChanged(Refused):
    """Somebody noted something since the findings were checked."""


@dataclass(frozen=True)
class Seen:
    """What was seen at one household: its yard, its waste, a word about it."""

    yard: str = ""
    is_sorted: bool = False
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One deed that closing a round would make, in points, or why it would not."""

    finding: Finding
    item: ScoringItem
    points: int
    left_out: str = ""

    @property
    def why(self) -> str:
        return str(Finding(yard_left_out=self.left_out).get_yard_left_out_display())


@dataclass(frozen=True)
class Outcome:
    """What closing a round now would record, and which yards it would remind of."""

    lines: list[Line]
    poor: list[Finding]

    @property
    def counted(self) -> list[Line]:
        return [line for line in self.lines if not line.left_out]

    @property
    def left_out(self) -> list[Line]:
        return [line for line in self.lines if line.left_out]

    @property
    def points(self) -> int:
        return sum(line.points for line in self.counted)

    @property
    def mark(self) -> str:
        """Return what names exactly these findings, so that others are noticed."""
        facts = [
            [x.finding.household_id, x.item.code, x.points, x.left_out]
            for x in self.lines
        ]
        facts.append([one.household_id for one in self.poor])
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


@transaction.atomic
def begin_round(group: VillagerGroup, *, day: date, by: User, at: datetime) -> Round:
    """Begin the round of a group in the month of a day; once a month.

    Beginning it again returns the one there is.

    :raises DayNotAccepted: if the day is in the future, or so far back that what
        is found could not be recorded
    """
    village = lock_village(group.village)
    check_recordable(village, day, at=at)
    begun, is_new = Round.objects.get_or_create(
        village=village,
        group=group,
        month=first_day(day),
        defaults={"day": day, "begun_by": by, "begun_at": at},
    )
    if is_new:
        record_event("round.begin", village=village, by=by, at=at, subject=begun)
    return begun


@transaction.atomic
def note_findings(
    round: Round, seen: Mapping[Household, Seen], *, by: User, at: datetime
) -> int:
    """Keep what was seen at some households; return how many are otherwise now.

    :raises RoundIsClosed: if the round is closed
    :raises NotOfThisVillage: if a household is not of the round's group
    """
    round = _open(round)
    standing = {one.household_id: one for one in round.findings.all()}
    changed = []
    for home, found in seen.items():
        if home.village_id != round.village_id or home.group_id != round.group_id:
            raise NotOfThisVillage(_("A household is not of this group."))
        one = standing.get(home.pk)
        if one is None and found == Seen():
            continue
        if one and Seen(one.yard, one.is_sorted, one.note) == found:
            continue
        one = one or Finding(village=round.village, round=round, household=home)
        one.yard, one.is_sorted, one.note = found.yard, found.is_sorted, found.note
        one.by, one.at = by, at
        one.save()
        changed.append(home.pk)
    if changed:
        record_event(
            "round.note",
            village=round.village,
            by=by,
            at=at,
            subject=round,
            households=changed,
        )
    return len(changed)


def outcome_of(round: Round) -> Outcome:
    """Return what closing a round would record, without recording it.

    :raises NotOfThisVillage: if the rules of its day lack an item it needs
    """
    return Outcome(
        [line for act in _acts(round) for line in act.lines()],
        [one for one in _findings(round) if one.yard == Finding.Yard.POOR],
    )


@transaction.atomic
def close_round(round: Round, *, seen: str, key: UUID, by: User, at: datetime) -> Round:
    """Make pending deeds of what was found good; an untidy yard costs nothing yet.

    `by` is the recorder of the deeds, so somebody else decides them. `seen` is
    the mark of the outcome that was checked. The same key closes once.

    :raises RoundIsClosed: if another form has closed it
    :raises FindingsHaveChanged: if the findings are not those that were checked
    :raises NotOfThisVillage: if the rules of its day lack an item it needs
    :raises DayNotAccepted: if the day is too far back to be recorded
    """
    village = lock_village(round.village)
    round = Round.objects.select_related("village__policy").get(
        village=village, pk=round.pk
    )
    _operation, is_first = claim_operation(
        key,
        village=village,
        kind="close_round",
        payload={"round": round.pk},
        by=by,
        at=at,
    )
    if not is_first:
        return round
    round = _open(round)
    if outcome_of(round).mark != seen:
        raise FindingsHaveChanged(
            _("The findings have changed since you looked at them. Check once more.")
        )
    recorded = sum(act.record(key, by=by, at=at) for act in _acts(round))
    round.closed_by, round.closed_at = by, at
    round.save(update_fields=["closed_by", "closed_at"])
    record_event(
        "round.close", village=village, by=by, at=at, subject=round, deeds=recorded
    )
    return round


@dataclass(frozen=True)
class _Act:
    """The findings of a round that have one item and the same points."""

    round: Round
    field: str
    item: ScoringItem
    points: int
    findings: list[Finding]

    @property
    def homes(self) -> list[Household]:
        return [one.household for one in self.findings]

    def lines(self) -> list[Line]:
        why = who_is_left_out(
            self.homes, self.item, day=self.round.day, magnitude=self.points
        )
        return [
            Line(one, self.item, self.points, why.get(one.household_id, ""))
            for one in self.findings
        ]

    def record(self, key: UUID, *, by: User, at: datetime) -> int:
        """Record the deeds and note at each finding what became of it."""
        deeds, left_out = record_batch(
            self.homes,
            self.item,
            day=self.round.day,
            magnitude=self.points,
            note=_note_of(self.round),
            key=uuid5(key, f"{self.item.code} {self.points}"),
            by=by,
            at=at,
        )
        for one in self.findings:
            setattr(one, f"{self.field}_deed", deeds.get(one.household_id))
            setattr(one, f"{self.field}_left_out", left_out.get(one.household_id, ""))
            one.save(update_fields=[f"{self.field}_deed", f"{self.field}_left_out"])
        return len(deeds)


def _acts(round: Round) -> list[_Act]:
    """Return what a round gives: clean the fewest points, cleanest the most."""
    findings = _findings(round)
    kinds = [
        ("yard", YARD, "points_min", [f for f in findings if f.yard == "clean"]),
        ("yard", YARD, "points_max", [f for f in findings if f.yard == "cleanest"]),
        ("sorting", SORTING, "points_min", [f for f in findings if f.is_sorted]),
    ]
    acts = []
    for field, code, points, found in kinds:
        if found:
            item = item_of_code(round.village, code, round.day)
            acts.append(_Act(round, field, item, getattr(item, points), found))
    return acts


def _note_of(round: Round) -> str:
    """Write in the village's language where a deed comes from: households read it."""
    with translation.override("zh-hans"):
        return _("Courtyard round of %(day)s") % {"day": date_format(round.day)}


def item_of_code(village: Village, code: str, day: date) -> ScoringItem:
    """Return the item of a code as the rules of a day have it.

    :raises NotOfThisVillage: if they have none
    """
    rulebook = Versions(village).on(day)
    items = ScoringItem.objects.filter(village=village, rulebook=rulebook, code=code)
    found = items.select_related("village").first()
    if found is None:
        raise NotOfThisVillage(
            _("The rules of %(day)s have no item %(code)s, so it cannot be recorded.")
            % {"day": date_format(day), "code": code}
        )
    return found


def _findings(round: Round) -> list[Finding]:
    findings = Finding.objects.filter(village=round.village_id, round=round)
    return list(findings.select_related("household").order_by("household__number"))


def _open(round: Round) -> Round:
    village = lock_village(round.village)
    round = Round.objects.select_related("village__policy").get(
        village=village, pk=round.pk
    )
    if round.closed_at:
        raise RoundIsClosed(_("This round is closed; its findings stay as they are."))
    return round
