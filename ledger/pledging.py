"""承诺书: put a version in force, record what households signed, take it back."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from households.audit import record_event
from households.changes import why_gone
from households.consent import Answers, record_signed, take_back
from households.locking import lock_village
from households.models import Household, HouseholdConsent, Pledge, User, Village
from ledger.models import Story
from ledger.operations import claim_operation
from ledger.refusals import Refused
from ledger.telling import withdraw_story

Asked = HouseholdConsent.Asked
Kind = HouseholdConsent.Kind


class NoNewPledge(Refused):
    """The words of a pledge are not complete, or are in force already."""


class PapersNotRecorded(Refused):
    """Nothing of a stack was recorded; `problems` says why, household by household."""

    def __init__(self, problems: dict[int, str]):
        super().__init__(" ".join(dict.fromkeys(problems.values())))
        self.problems = problems


@dataclass(frozen=True)
class PledgeWords:
    """What one version of a village's pledge says."""

    title: str
    lines: str
    kept: str
    contact: str

    def tidied(self) -> "PledgeWords":
        """Return the same words without empty lines and spaces around them."""
        return PledgeWords(
            **{
                name: "\n".join(filter(None, map(str.strip, words.splitlines())))
                for name, words in asdict(self).items()
            }
        )


@transaction.atomic
def write_pledge(
    village: Village, words: PledgeWords, *, key: UUID, by: User, at: datetime
) -> Pledge:
    """Put the next version of a village's pledge in force from today.

    Papers of earlier versions stay valid. The same key returns the same version.

    :raises NoNewPledge: if something is empty, or nothing differs
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(village)
    words = words.tidied()
    operation, is_first = claim_operation(
        key, village=village, kind="write_pledge", payload=asdict(words), by=by, at=at
    )
    pledges = Pledge.objects.filter(village=village)
    if not is_first:
        return pledges.get(written_by=by, at=operation.at)
    if not all(asdict(words).values()):
        raise NoNewPledge(_("Fill in all four: a household signs what stands here."))
    newest = Pledge.objects.in_force(village)
    if newest and words == PledgeWords(
        newest.title, newest.lines, newest.kept, newest.contact
    ):
        raise NoNewPledge(
            _("Version %(number)s says exactly this and is in force already.")
            % {"number": newest.number}
        )
    pledge = Pledge.objects.create(
        village=village,
        number=newest.number + 1 if newest else 1,
        **asdict(words),
        in_force_from=timezone.localdate(at),
        written_by=by,
        at=at,
    )
    record_event(
        "pledge.write",
        village=village,
        by=by,
        at=at,
        subject=pledge,
        number=pledge.number,
    )
    return pledge


@dataclass(frozen=True)
class Paper:
    """One signed paper: whose, and its three ticks."""

    household: Household
    answers: Answers


@transaction.atomic
def record_papers(
    pledge: Pledge,
    papers: Sequence[Paper],
    *,
    signed_on: date,
    key: UUID,
    by: User,
    at: datetime,
) -> list[HouseholdConsent]:
    """Record papers that were signed on one day, all of them or none.

    What was agreed to before gives way to the paper: a full name is shown or
    masked, a phone is erased where no file is wanted, stories are taken down
    where they are not wanted. The same key returns the same rows.

    :raises PapersNotRecorded: naming for each household what is in the way
    :raises KeyUsedForSomethingElse: if the form was saved with other content
    """
    village = lock_village(pledge.village)
    operation, is_first = claim_operation(
        key,
        village=village,
        kind="record_papers",
        payload={
            "pledge": pledge.pk,
            "signed_on": signed_on,
            "papers": sorted(
                [paper.household.pk, *asdict(paper.answers).values()]
                for paper in papers
            ),
        },
        by=by,
        at=at,
    )
    signed = HouseholdConsent.objects.filter(village=village, kind=Kind.SIGNED)
    if not is_first:
        return list(
            signed.filter(
                household__in=[paper.household.pk for paper in papers],
                recorded_by=by,
                at=operation.at,
            ).order_by("number")
        )
    homes = Household.objects.filter(village=village).in_bulk(
        [paper.household.pk for paper in papers]
    )
    _require_recordable(pledge, papers, homes, signed_on=signed_on, at=at)
    rows = record_signed(
        pledge,
        {homes[paper.household.pk]: paper.answers for paper in papers},
        signed_on=signed_on,
        by=by,
        at=at,
    )
    untold = [paper.household.pk for paper in papers if not paper.answers.tells_stories]
    _take_stories_down(village, untold, by=by, at=at)
    return rows


@transaction.atomic
def take_back_consent(
    household: Household, asked: Collection[str], *, by: User | None, at: datetime
) -> list[str]:
    """Take back some of what a household agreed to; return what stood until now.

    Nobody has to give a reason, and no points change. Without the stories'
    consent the stories are taken down and erased; without a file the phone is.
    """
    village = lock_village(household.village)
    household = Household.objects.select_related("village").get(
        village=village, pk=household.pk
    )
    gone = take_back(household, asked, by=by, at=at)
    if Asked.STORIES in gone:
        _take_stories_down(village, [household.pk], by=by, at=at)
    return gone


def _require_recordable(
    pledge: Pledge,
    papers: Sequence[Paper],
    homes: dict[int, Household],
    *,
    signed_on: date,
    at: datetime,
) -> None:
    if signed_on > timezone.localdate(at):
        raise _all_wrong(papers, _("The date cannot be later than today."))
    if signed_on < pledge.in_force_from:
        raise _all_wrong(
            papers,
            _("This version is there only since %(day)s: take that day or a later one.")
            % {"day": date_format(pledge.in_force_from)},
        )
    newest = {
        row.household_id: row
        for row in HouseholdConsent.objects.filter(
            village=pledge.village_id, household__in=list(homes)
        ).newest()
    }
    problems = {}
    for paper in papers:
        home = homes.get(paper.household.pk)
        sentence = (
            _("A household is not of this village.")
            if home is None
            else _in_the_way(pledge, home, paper, newest.get(home.pk), signed_on)
        )
        if sentence:
            problems[paper.household.pk] = sentence
    if problems:
        raise PapersNotRecorded(problems)


def _in_the_way(
    pledge: Pledge,
    home: Household,
    paper: Paper,
    newest: HouseholdConsent | None,
    signed_on: date,
) -> str:
    """Say why a paper does not count; an empty sentence when it does."""
    if home.status == Household.Status.LEFT:
        return why_gone(home)
    if newest is None:
        return ""
    facts = {"number": home.number, "day": date_format(newest.day)}
    if signed_on < newest.day:
        sentences = {
            Kind.SIGNED: _(
                "Of household %(number)s a newer paper of %(day)s is recorded already."
            ),
            Kind.TAKEN_BACK: _(
                "Household %(number)s took a consent back on %(day)s: it counts again "
                "only by a paper that is signed after that."
            ),
            Kind.NEW_HEAD: _(
                "Household %(number)s has had a new head since %(day)s: let the new "
                "head sign."
            ),
        }
        return sentences.get(Kind(newest.kind), sentences[Kind.SIGNED]) % facts
    same = (newest.kind, newest.pledge_id, newest.signed_on, *_ticks(newest))
    if same == (Kind.SIGNED, pledge.pk, signed_on, *_ticks(paper.answers)):
        return _("The paper of household %(number)s is recorded already.") % facts
    return ""


def _ticks(said: HouseholdConsent | Answers) -> tuple:
    return said.keeps_file, said.shows_name, said.tells_stories


def _all_wrong(papers: Sequence[Paper], sentence: str) -> PapersNotRecorded:
    return PapersNotRecorded({paper.household.pk: sentence for paper in papers})


def _take_stories_down(
    village: Village, households: list[int], *, by: User | None, at: datetime
) -> None:
    stories = Story.objects.filter(village=village, deed__household__in=households)
    for story in stories.standing().select_related("village"):
        withdraw_story(story, by=by, at=at)
