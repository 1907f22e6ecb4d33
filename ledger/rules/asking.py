"""征求意见: a draft goes to the township, which comments, agrees or gives it back."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from households.models import Stewardship, User
from households.roles import roles_granting
from ledger.models import Rulebook, RulebookComment
from ledger.operations import claim_operation
from ledger.refusals import Refused
from ledger.rules.check import findings_of
from ledger.rules.drafting import ItemNotInOrder, any_draft, trace

Verdict = RulebookComment.Verdict


class NotSent(Refused):
    """The draft is not where this step needs it."""


class WordsMissing(Refused):
    """Somebody wants a change, or answers, and does not say what."""


class SamePerson(Refused):
    """The one who draws the rules up does not agree to them for the township."""


@transaction.atomic
def ask_township(draft: Rulebook, *, by: User, at: datetime) -> Rulebook:
    """Send a draft to the township for its comments; meanwhile nobody changes it.

    :raises NotADraft: if it was adopted or given up
    :raises NotSent: if it lies there already
    :raises ItemNotInOrder: if it has no item, or one that no vote can adopt
    """
    draft = any_draft(draft)
    if draft.sent_at:
        raise NotSent(_("The draft lies with the township already."))
    check_lawful(draft)
    draft.sent_at = at
    draft.save(update_fields=["sent_at"])
    trace("rulebook.ask", draft, by, at)
    return draft


@transaction.atomic
def take_back(draft: Rulebook, *, by: User, at: datetime) -> Rulebook:
    """Take a draft back from the township, to change it and send it again.

    :raises NotADraft: if it was adopted or given up
    :raises NotSent: if it was not sent
    """
    draft = any_draft(draft)
    if not draft.sent_at:
        raise NotSent(_("The draft is here already; you can change it."))
    _reopen(draft)
    trace("rulebook.take_back", draft, by, at)
    return draft


@transaction.atomic
def comment(
    draft: Rulebook, verdict: str, text: str, *, key: UUID, by: User, at: datetime
) -> RulebookComment:
    """Add what the township says of a draft, or the village's answer.

    Agreement lets it be voted on; a wish for changes gives it back. The page
    decides who speaks for whom.

    :raises NotADraft: if it was adopted or given up
    :raises NotSent: if the township speaks of a draft that it was not sent
    :raises SamePerson: if whoever drew it up agrees to it for the township, or
        somebody else who draws up the rules of this village
    :raises WordsMissing: if anything but an agreement has no words
    """
    draft = any_draft(draft)
    said = {"draft": draft.pk, "verdict": verdict, "text": text.strip()}
    operation, is_first = claim_operation(
        key, village=draft.village, kind="rulebook.comment", payload=said, by=by, at=at
    )
    if not is_first:
        return draft.comments.filter(village=draft.village, by=by).latest("at", "pk")
    if verdict != Verdict.ANSWER and not draft.sent_at:
        raise NotSent(_("The draft does not lie with the township now."))
    if verdict != Verdict.AGREED and not text.strip():
        raise WordsMissing(_("Write what you mean."))
    if verdict == Verdict.AGREED:
        if by.pk == draft.drafted_by_id:
            raise SamePerson(_("You drew this draft up; somebody else agrees to it."))
        if draws_up_rules(by, draft):
            raise SamePerson(
                _("You draw up this village's rules; somebody else agrees to them.")
            )
        draft.agreed_at = at
        draft.save(update_fields=["agreed_at"])
    elif verdict == Verdict.CHANGES:
        _reopen(draft)
    made = RulebookComment.objects.create(
        village=draft.village,
        rulebook=draft,
        verdict=verdict,
        text=text.strip(),
        by=by,
        at=operation.at,
    )
    trace("rulebook.comment", draft, by, at, verdict=verdict)
    return made


def draws_up_rules(person: User, draft: Rulebook) -> bool:
    """Tell whether a person serves the village of a draft in a role that writes it."""
    served = Stewardship.objects.current().filter(village=draft.village, user=person)
    return served.filter(role__in=roles_granting("ledger.adopt_rulebook")).exists()


def check_lawful(draft: Rulebook) -> None:
    """Refuse a draft without items, or with one that is never an item.

    :raises ItemNotInOrder: naming the items
    """
    items = list(draft.items.order_by("position"))
    if not items:
        raise ItemNotInOrder(_("The draft has no item."))
    refused = [
        item.code
        for item in items
        if any(finding.refused for finding in findings_of([item], []).get(item.pk, []))
    ]
    if refused:
        raise ItemNotInOrder(
            _("No vote can adopt these items, see what stands beside them: %(codes)s.")
            % {"codes": "、".join(refused)}
        )


def _reopen(draft: Rulebook) -> None:
    draft.sent_at = draft.agreed_at = None
    draft.save(update_fields=["sent_at", "agreed_at"])
