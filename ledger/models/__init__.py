from ledger.models.activities import Activity, SignIn
from ledger.models.declarations import Declaration
from ledger.models.deeds import Decision, Deed, EvidencePhoto
from ledger.models.entries import Entry
from ledger.models.objections import Correction, Objection
from ledger.models.operations import Operation
from ledger.models.periods import Period
from ledger.models.publications import Download, Publication, Standing, Withdrawal
from ledger.models.repairs import Repair
from ledger.models.rounds import Finding, Round
from ledger.models.rulebooks import Rulebook, ScoringItem
from ledger.models.stories import Story
from ledger.models.votes import RulebookComment, RulebookVote

__all__ = [
    "Activity",
    "Correction",
    "Decision",
    "Declaration",
    "Deed",
    "Download",
    "Entry",
    "EvidencePhoto",
    "Finding",
    "Objection",
    "Operation",
    "Period",
    "Publication",
    "Repair",
    "Round",
    "Rulebook",
    "RulebookComment",
    "RulebookVote",
    "ScoringItem",
    "SignIn",
    "Standing",
    "Story",
    "Withdrawal",
]
