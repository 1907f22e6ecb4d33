"""Objections: a numbered ticket, answered by someone who had no part in the deed."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import Household, User
from households.own_households import OwnHouseholds
from households.roles import roles_granting
from ledger.models import Entry, Objection, Publication
from ledger.months import booking_month
from ledger.operations import FiledAlready, claim_operation
from ledger.posting import reverse_entry
from ledger.refusals import Refused
from ledger.workdays import workdays_after

STEPS = list(Objection.Step)
# How long each step has, in working days since the objection was filed.
WORKDAYS = {
    Objection.Step.GROUP: 3,
    Objection.Step.REVIEW: 5,
    Objection.Step.COMMITTEE: 10,
    Objection.Step.TOWNSHIP: 10,
}


class NotObjectable(Refused):
    """The publication was withdrawn meanwhile; there is nothing to object to."""


# What allows one to look into an objection at each step, and to hand it on.
HANDLED_BY = {
    Objection.Step.GROUP: "ledger.verify_objection",
    Objection.Step.REVIEW: "ledger.weigh_objection",
    Objection.Step.COMMITTEE: "ledger.decide_objection",
    Objection.Step.TOWNSHIP: "ledger.settle_objection",
}


class NotAnswerable(Refused):
    """The objection is answered or handed on already, or the answer is empty."""


class NobodyAbove(Refused):
    """The objection has come to the township; nobody stands above it here."""


class NotIndependent(Refused):
    """Whoever recorded or decided the deed does not answer the objection (I-38)."""


@transaction.atomic
def file_objection(
    publication: Publication,
    *,
    text: str,
    channel: str,
    household: Household | None = None,
    entry: Entry | None = None,
    grounds: str = "",
    contact: str = "",
    by: User | None,
    at: datetime,
    key: UUID | None = None,
) -> Objection:
    """Give an objection its number and stop the month from becoming final.

    The number is the day and a running number: 260704-02. Whoever objects is
    never stored; `by` is the clerk who wrote it down, nobody on the web. The
    `contact` is for the answer and is erased two weeks after it. The `key` of
    the form makes ten submits count once. A final month can still be objected
    to: what proves wrong is put right in the open month.

    :raises KeyUsedForSomethingElse: if the form was saved with other content
    :raises NotObjectable: if the publication was withdrawn
    """
    village = lock_village(publication.village)
    if not Publication.objects.of(village).filter(pk=publication.pk).exists():
        raise NotObjectable(
            _("This notice was withdrawn; wait for the next one of this month.")
        )
    said = {
        "publication": publication,
        "household": household,
        "entry": entry,
        "channel": channel,
        "text": text.strip(),
        "grounds": grounds.strip(),
    }
    if key and by:
        payload = {
            "publication": publication.pk,
            "text": text,
            "channel": channel,
            "household": household and household.pk,
            "entry": entry and entry.pk,
        }
        operation, is_first = claim_operation(
            key, village=village, kind="objection", payload=payload, by=by, at=at
        )
        if not is_first:
            return Objection.objects.get(
                village=village, filed_by=by, filed_at=operation.at
            )
    elif key:
        first = Objection.objects.filter(village=village, key=key).first()
        if first:
            return _same(first, said)
    day = f"{timezone.localdate(at):%y%m%d}-"
    same_day = Objection.objects.filter(village=village, number__startswith=day)
    objection = Objection.objects.create(
        village=village,
        number=f"{day}{same_day.count() + 1:02d}",
        contact=contact.strip(),
        key=key,
        filed_at=at,
        filed_by=by,
        due_on=due_day(Objection.Step.GROUP, filed_at=at, at=at),
        **said,
    )
    record_event("objection.file", village=village, by=by, at=at, subject=objection)
    return objection


def _same(first: Objection, said: Mapping) -> Objection:
    if any(getattr(first, name) != value for name, value in said.items()):
        raise FiledAlready(first.number)
    return first


def due_day(step: str, *, filed_at: datetime, at: datetime) -> date:
    """Return until when a step answers: 3, 5, 10 working days since the filing.

    Whoever receives an objection late still has one working day for it.
    """
    days = WORKDAYS[Objection.Step(step)]
    due = workdays_after(timezone.localdate(filed_at), days)
    return max(due, workdays_after(timezone.localdate(at), 1))


@transaction.atomic
def pass_on_objection(objection: Objection, *, by: User, at: datetime) -> Objection:
    """Hand an objection to the next step: group, review group, committee, township.

    :raises NotAnswerable: if it is answered or handed on already
    :raises NobodyAbove: if the township has it already
    """
    objection = _as_seen(objection)
    if objection.step == STEPS[-1]:
        raise NobodyAbove(_("The township has it already."))
    objection.step = STEPS[STEPS.index(Objection.Step(objection.step)) + 1]
    objection.due_on = due_day(objection.step, filed_at=objection.filed_at, at=at)
    objection.save(update_fields=["step", "due_on"])
    record_event(
        "objection.pass_on",
        village=objection.village,
        by=by,
        at=at,
        subject=objection,
        step=str(objection.step),
    )
    return objection


@transaction.atomic
def answer_objection(
    objection: Objection, *, uphold: bool, answer: str, by: User, at: datetime
) -> Objection:
    """Answer an objection; upholding one against a line reverses that line.

    :raises NotAnswerable: if it is answered or handed on already, or nothing is said
    :raises NotIndependent: if `by` recorded or decided the deed, or lives there
    """
    objection = _as_seen(objection)
    if not answer.strip():
        raise NotAnswerable(_("Write the answer; whoever objected will read it."))
    if is_involved(by, objection):
        raise NotIndependent(
            _("You recorded or decided this deed; someone else answers.")
            if by.pk in _hands_in(objection)
            else _("This is about your own household; someone else answers.")
        )
    entry = objection.entry
    if uphold and entry:
        open_month = booking_month(objection.village, at=at)
        reverse_entry(entry, period=open_month, by=by, at=at)
    state = Objection.State.UPHELD if uphold else Objection.State.DISMISSED
    objection.state = state
    objection.answer = answer.strip()
    objection.decided_by = by
    objection.decided_at = at
    objection.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    record_event(
        f"objection.{state}",
        village=objection.village,
        by=by,
        at=at,
        subject=objection,
    )
    return objection


def answered_by(step: str) -> str:
    """Return what allows one to answer at a step: the township only what it has."""
    is_township = step == Objection.Step.TOWNSHIP
    return HANDLED_BY[
        Objection.Step.TOWNSHIP if is_township else Objection.Step.COMMITTEE
    ]


def whose_turn(
    objection: Objection,
    serving: Mapping[str, list[User]],
    *,
    own: OwnHouseholds | None = None,
) -> list[User]:
    """Return who looks into an objection now, of those serving the village by role.

    Whoever had a hand in the deed is passed over; when that leaves nobody, the
    supervision committee takes the step. A list of objections hands in the `own`
    households, so that they are read once.
    """
    step = Objection.Step(objection.step)
    own = own or OwnHouseholds(objection.village_id)
    turns = [HANDLED_BY[step], answered_by(step)]
    for permission in turns:
        people = [
            person
            for role in roles_granting(permission)
            for person in serving.get(role, [])
            if not is_involved(person, objection, own=own)
        ]
        if people:
            return people
    return []


def is_involved(
    person: User, objection: Objection, *, own: OwnHouseholds | None = None
) -> bool:
    """Tell whether a person had a hand in what is objected to, or lives there."""
    entry = objection.entry
    households = {objection.household_id, entry.household_id if entry else None}
    homes = (own or OwnHouseholds(objection.village_id)).of(person)
    return not homes.isdisjoint(households) or person.pk in _hands_in(objection)


def _hands_in(objection: Objection) -> set[int | None]:
    deed = objection.entry.deed if objection.entry else None
    if deed is None:
        return set()
    decided = {decision.by_id for decision in deed.decisions.all()}
    return {deed.recorded_by_id, deed.second_recorder_id, *decided}


def _as_seen(objection: Objection) -> Objection:
    """Take the village, and refuse what has changed since somebody looked."""
    lock_village(objection.village)
    fresh = Objection.objects.select_related("entry__deed", "village__policy").get(
        pk=objection.pk
    )
    if fresh.state != Objection.State.OPEN:
        raise NotAnswerable(_("This objection has been answered."))
    if fresh.step != objection.step:
        raise NotAnswerable(
            _("Somebody has handed it on already. Now with: %(step)s.")
            % {"step": fresh.get_step_display()}
        )
    return fresh
