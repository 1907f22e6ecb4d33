"""The reading vocabulary of the ledger."""

from ledger.querysets.activities import (
    ActivityQuerySet,
    FindingQuerySet,
    RoundQuerySet,
    SignInQuerySet,
)
from ledger.querysets.deeds import (
    DecisionQuerySet,
    DeclarationQuerySet,
    DeedQuerySet,
    EvidencePhotoQuerySet,
    StoryQuerySet,
)
from ledger.querysets.entries import (
    CorrectionQuerySet,
    EntryQuerySet,
    ObjectionQuerySet,
    OperationQuerySet,
    RepairQuerySet,
)
from ledger.querysets.joins import KeptQuerySet, with_entries
from ledger.querysets.months import (
    DownloadQuerySet,
    PeriodQuerySet,
    PublicationQuerySet,
    StandingQuerySet,
    WithdrawalQuerySet,
    with_standings,
)
from ledger.querysets.rulebooks import (
    RulebookCommentQuerySet,
    RulebookQuerySet,
    RulebookVoteQuerySet,
    ScoringItemQuerySet,
)

__all__ = [
    "ActivityQuerySet",
    "CorrectionQuerySet",
    "DecisionQuerySet",
    "DeclarationQuerySet",
    "DeedQuerySet",
    "DownloadQuerySet",
    "EntryQuerySet",
    "EvidencePhotoQuerySet",
    "FindingQuerySet",
    "KeptQuerySet",
    "ObjectionQuerySet",
    "OperationQuerySet",
    "PeriodQuerySet",
    "PublicationQuerySet",
    "RepairQuerySet",
    "RoundQuerySet",
    "RulebookCommentQuerySet",
    "RulebookQuerySet",
    "RulebookVoteQuerySet",
    "ScoringItemQuerySet",
    "SignInQuerySet",
    "StandingQuerySet",
    "StoryQuerySet",
    "WithdrawalQuerySet",
    "with_entries",
    "with_standings",
]
