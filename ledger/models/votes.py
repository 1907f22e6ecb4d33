"""What comes before a rulebook is in force: the township's comments, the vote."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.append_only import AppendOnlyModel
from households.models import User, Village
from ledger.models.rulebooks import Rulebook
from ledger.querysets import RulebookCommentQuerySet, RulebookVoteQuerySet


class RulebookComment(AppendOnlyModel):
    """What the township says of a draft, or the village answers."""

    class Verdict(models.TextChoices):
        REMARK = "remark", _("A remark only")
        CHANGES = "changes", _("Please change it first")
        AGREED = "agreed", _("Agreed, it can be voted on")
        ANSWER = "answer", _("Answer of the village")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    rulebook = models.ForeignKey(
        Rulebook,
        models.PROTECT,
        related_name="comments",
        verbose_name=_("rulebook"),
        db_index=False,
    )
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    text = models.CharField(_("comment"), max_length=1000, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    objects = RulebookCommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment on a rulebook")
        verbose_name_plural = _("comments on rulebooks")
        indexes = [
            models.Index(
                fields=["village", "rulebook", "at"], name="ledger_rulebook_comment"
            )
        ]

    def __str__(self):
        return self.get_verdict_display()


class RulebookVote(AppendOnlyModel):
    """The meeting that adopted a rulebook: who came, how they voted, where it is filed.

    `digest` is the SHA-256 of the items as they were voted on.
    """

    class Kind(models.TextChoices):
        VILLAGERS = "villagers", _("Villagers' assembly (adult villagers)")
        HOUSEHOLDS = "households", _("Villagers' assembly (one of each household)")
        DELEGATES = "delegates", _("Meeting of villagers' representatives")

    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village")
    )
    rulebook = models.ForeignKey(
        Rulebook, models.PROTECT, related_name="votes", verbose_name=_("rulebook")
    )
    meeting = models.CharField(_("name of the meeting"), max_length=60)
    kind = models.CharField(_("kind of meeting"), max_length=12, choices=Kind)
    held_on = models.DateField(_("held on"))
    entitled = models.PositiveIntegerField(_("entitled to vote"))
    present = models.PositiveIntegerField(_("present"))
    women = models.PositiveIntegerField(_("women present"), null=True, blank=True)
    votes_for = models.PositiveIntegerField(_("votes for"))
    against = models.PositiveIntegerField(_("votes against"))
    abstained = models.PositiveIntegerField(_("abstained"))
    filing_number = models.CharField(_("filing number"), max_length=40)
    digest = models.CharField(_("digest of the items"), max_length=64)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded at"))

    objects = RulebookVoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("vote on a rulebook")
        verbose_name_plural = _("votes on rulebooks")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "rulebook"], name="ledger_rulebookvote_once"
            ),
            models.CheckConstraint(
                name="ledger_rulebookvote_adds_up",
                condition=Q(present__lte=F("entitled"))
                & Q(present=F("votes_for") + F("against") + F("abstained"))
                & Q(present__lt=F("votes_for") + F("votes_for"))
                & (Q(women=None) | Q(women__lte=F("present"))),
            ),
        ]

    def __str__(self):
        return f"{self.meeting} {self.held_on}"
