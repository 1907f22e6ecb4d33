"""What a household agrees to: signed, taken back, ended with its head.

The one home of `full_name_consented_on`, and of the rule that no phone is kept
of a household that wants no file. A row is written first, then the household
follows it (I-64). Whoever calls holds the village.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from households.audit import record_event, record_events
from households.models import Household, HouseholdChange, HouseholdConsent, Pledge, User

Asked = HouseholdConsent.Asked
Kind = HouseholdConsent.Kind


@dataclass(frozen=True)
class Answers:
    """The three ticks of one paper; what is not ticked is not agreed."""

    keeps_file: bool
    shows_name: bool
    tells_stories: bool


def newest_consent(household: Household) -> HouseholdConsent | None:
    """Return what a household agrees to now; None if it never signed."""
    return HouseholdConsent.objects.of(household).select_related("pledge").first()


def standing_consents(
    household: Household, newest: HouseholdConsent | None
) -> list[str]:
    """Return what a household agrees to now and can take back.

    A day that stood before there was a paper is a consent like any other.
    """
    said = {asked: newest is not None and getattr(newest, asked) for asked in Asked}
    said[Asked.NAME] = household.full_name_consented_on is not None
    return [asked.value for asked in Asked if said[asked]]


def record_signed(
    pledge: Pledge,
    papers: Mapping[Household, Answers],
    *,
    signed_on: date,
    by: User,
    at: datetime,
) -> list[HouseholdConsent]:
    """Write down signed papers and do what they say, by one statement each."""
    number = _next_number(pledge.village_id)
    rows = HouseholdConsent.objects.bulk_create(
        HouseholdConsent(
            village_id=pledge.village_id,
            number=number + place,
            household=household,
            kind=Kind.SIGNED,
            day=signed_on,
            pledge=pledge,
            signed_on=signed_on,
            **asdict(answers),
            named_since=_named_since(household, answers, signed_on),
            recorded_by=by,
            at=at,
        )
        for place, (household, answers) in enumerate(papers.items())
    )
    agreed = [home.pk for home, answers in papers.items() if answers.shows_name]
    no_file = [home.pk for home, answers in papers.items() if not answers.keeps_file]
    homes = Household.objects.filter(
        village=pledge.village_id, pk__in=[home.pk for home in papers]
    )
    # First the phones: with one, the database lets such a household change nothing.
    homes.filter(pk__in=no_file).update(phone="")
    field = "full_name_consented_on"
    later = Q(**{field: None}) | Q(**{f"{field}__gt": signed_on})
    homes.filter(later, pk__in=agreed).update(full_name_consented_on=signed_on)
    homes.exclude(pk__in=agreed).update(full_name_consented_on=None)
    record_events(
        "household.sign_pledge",
        (
            (home, {"version": pledge.number, **asdict(answers)})
            for home, answers in papers.items()
        ),
        village=pledge.village,
        by=by,
        at=at,
    )
    return rows


def take_back(
    household: Household, asked: Collection[str], *, by: User | None, at: datetime
) -> list[str]:
    """Take back some of what a household agreed to; return what stood until now.

    No reason is asked for. `by` is None when the household's own card does it.
    The same form sent twice leaves one trace (PIPL 15).
    """
    newest = newest_consent(household)
    gone = [one for one in standing_consents(household, newest) if one in asked]
    if not gone:
        return []
    row = _copy(household, newest, Kind.TAKEN_BACK, by=by, at=at)
    for one in gone:
        setattr(row, one, False)
    if Asked.NAME in gone:
        row.named_since = None
    row.save()
    if Asked.NAME in gone:
        household.full_name_consented_on = None
    if Asked.FILE in gone:
        household.phone = ""
    household.save(update_fields=["full_name_consented_on", "phone"])
    record_event(
        "household.take_back_consent",
        village=household.village,
        by=by,
        at=at,
        subject=household,
        asked=gone,
        card=by is None,
    )
    return gone


def end_with_head(change: HouseholdChange, household: Household) -> None:
    """Let what the old head agreed to end with their headship (PIPL 15).

    The caller saves the household.
    """
    newest = newest_consent(household)
    agreed_on = household.full_name_consented_on
    if newest is not None and newest.kind != Kind.NEW_HEAD:
        HouseholdConsent.objects.create(
            village_id=household.village_id,
            number=_next_number(household.village_id),
            household=household,
            kind=Kind.NEW_HEAD,
            day=change.takes_effect_on,
            recorded_by=change.decided_by or change.noted_by,
            at=change.at,
        )
    if agreed_on is None:
        return
    household.full_name_consented_on = None
    record_event(
        "household.withdraw_full_name",
        village=household.village,
        by=change.decided_by or change.noted_by,
        at=change.at,
        subject=household,
        agreed_on=agreed_on.isoformat(),
        change=change.number,
    )


def put_back(
    household: Household, *, imported_at: datetime, by: User | None, at: datetime
) -> None:
    """Let what an imported head ended stand again, with the head of before."""
    newest = newest_consent(household)
    if newest is None or newest.kind != Kind.NEW_HEAD or newest.at != imported_at:
        return
    earlier = HouseholdConsent.objects.of(household).exclude(pk=newest.pk).first()
    _copy(household, earlier, Kind.PUT_BACK, by=by, at=at).save()


def signed_since(households: Iterable[int], *, village: int, at: datetime) -> set[int]:
    """Return which of these households signed or took back after a moment."""
    later = HouseholdConsent.objects.filter(village=village, at__gt=at)
    return set(
        later.filter(household__in=households).values_list("household", flat=True)
    )


def wants_no_file(village: int) -> set[int]:
    """Return the households whose phone is not kept."""
    refused = HouseholdConsent.objects.filter(village=village).newest()
    return set(refused.filter(keeps_file=False).values_list("household", flat=True))


def wants_no_stories(village: int) -> QuerySet:
    """Return the ids of the households of which no story is told."""
    refused = HouseholdConsent.objects.filter(village=village).newest()
    return refused.filter(tells_stories=False).values("household")


def _copy(
    household: Household,
    row: HouseholdConsent | None,
    kind: HouseholdConsent.Kind,
    *,
    by: User | None,
    at: datetime,
) -> HouseholdConsent:
    """Return what stands as a new row, not written yet."""
    return HouseholdConsent(
        village_id=household.village_id,
        number=_next_number(household.village_id),
        household=household,
        kind=kind,
        day=timezone.localdate(at),
        pledge=row.pledge if row else None,
        signed_on=row.signed_on if row else None,
        keeps_file=row.keeps_file if row else None,
        shows_name=row.shows_name if row else None,
        tells_stories=row.tells_stories if row else None,
        named_since=row.named_since if row else None,
        recorded_by=by,
        at=at,
    )


def _named_since(
    household: Household, answers: Answers, signed_on: date
) -> date | None:
    """Return the day of the first consent that stands without a break."""
    if not answers.shows_name:
        return None
    return min(household.full_name_consented_on or signed_on, signed_on)


def _next_number(village_id: int) -> int:
    of_village = HouseholdConsent.objects.filter(village=village_id)
    return (of_village.aggregate(number=Max("number"))["number"] or 0) + 1
