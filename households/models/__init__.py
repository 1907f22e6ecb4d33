from households.models.audit_events import AuditEvent
from households.models.changes import ChangeNote, HouseholdChange
from households.models.homes import Household
from households.models.imports import ImportBatch
from households.models.passbooks import Passbook
from households.models.people import Stewardship, User
from households.models.places import Township, Village, VillagePolicy, VillagerGroup
from households.models.pledges import HouseholdConsent, Pledge

__all__ = [
    "AuditEvent",
    "ChangeNote",
    "Household",
    "HouseholdChange",
    "HouseholdConsent",
    "ImportBatch",
    "Passbook",
    "Pledge",
    "Stewardship",
    "Township",
    "User",
    "Village",
    "VillagePolicy",
    "VillagerGroup",
]
