"""What the rules wait for: the township's comment, the village's change or vote."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from config.today_tasks import Task
from households.models import User, Village
from ledger.models import Rulebook, RulebookComment
from ledger.rules.asking import Verdict


def draft_tasks(user: User) -> Iterator[Task]:
    """Say which villages' drafts of the rules wait for a person's township."""
    villages = Village.objects.where_allowed(user, "ledger.comment_rulebook")
    waiting = Rulebook.objects.filter(village__in=villages).waiting_for_township()
    for draft in waiting.select_related("village").order_by("sent_at", "pk"):
        yield Task(
            1,
            _("draft of the rules to comment on"),
            reverse("ledger_desk:rules-version", args=[draft.pk]),
            _("Read and answer"),
            is_mine=True,
            detail=f"{draft.village} · {draft}",
        )


def own_draft_tasks(village: Village) -> Iterator[Task]:
    """Say what a village has to do about its draft: answer, or write the vote down."""
    draft = Rulebook.objects.filter(village=village).drafts().first()
    if draft is None:
        return
    if draft.agreed_at:
        title, button = _("vote on the rules to record"), _("Record the vote")
    elif not draft.sent_at and _is_given_back(draft):
        title, button = _("draft of the rules to change"), _("Read and answer")
    else:
        return
    address = reverse("ledger_desk:rules-version", args=[draft.pk])
    yield Task(1, title, address, button, is_mine=True, detail=str(draft))


def _is_given_back(draft: Rulebook) -> bool:
    said = RulebookComment.objects.filter(village=draft.village_id, rulebook=draft)
    last = said.order_by("-at", "-pk").first()
    return last is not None and last.verdict == Verdict.CHANGES
