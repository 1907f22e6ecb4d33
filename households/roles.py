"""What each role may do. Nothing else grants anything."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    RECORDER = "recorder", _("Recorder")
    REVIEWER = "reviewer", _("Reviewer")
    SUPERVISOR = "supervisor", _("Supervisor")
    SHOPKEEPER = "shopkeeper", _("Shopkeeper")
    ADMIN = "admin", _("Village admin")
    TOWNSHIP = "township", _("Township staff")


SEE_VILLAGE = frozenset(
    {
        "households.view_village",
        "households.view_villagepolicy",
        "households.view_villagergroup",
        "households.view_household",
        "households.view_changenote",
        "households.view_householdchange",
        "households.view_pledge",
        "households.view_householdconsent",
        "ledger.view_rulebook",
        "ledger.view_scoringitem",
        "ledger.view_rulebookcomment",
        "ledger.view_rulebookvote",
        "ledger.view_period",
        "ledger.view_deed",
        "ledger.view_evidencephoto",
        "ledger.view_decision",
        "ledger.view_entry",
        "ledger.view_publication",
        "ledger.view_standing",
        "ledger.view_correction",
        "ledger.view_objection",
        "ledger.view_repair",
        "ledger.view_story",
        "ledger.view_activity",
        "ledger.view_signin",
        "ledger.view_round",
        "ledger.view_finding",
    }
)
CLOSE_MONTHS = frozenset(
    {"ledger.cut_off_month", "ledger.publish_month", "ledger.finalize_month"}
)
SEE_SHOP = frozenset(
    {
        "rewards.view_reward",
        "rewards.view_price",
        "rewards.view_stockmovement",
        "rewards.view_redemption",
        "rewards.view_fundmovement",
    }
)
SEE_AWARDS = frozenset({"rewards.view_awardround", "rewards.view_award"})
RECORD_DEEDS = frozenset(
    {
        "ledger.record_deed",
        "ledger.import_deeds",
        "ledger.keep_activities",
        "ledger.keep_rounds",
    }
)

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    Role.RECORDER: SEE_VILLAGE
    | RECORD_DEEDS
    | {
        "households.record_consent",
        "ledger.propose_correction",
        "ledger.ask_repair",
        "ledger.check_repair",
        "ledger.verify_objection",
        "ledger.write_story",
        "ledger.withdraw_story",
    },
    Role.REVIEWER: SEE_VILLAGE
    | SEE_AWARDS
    | CLOSE_MONTHS
    | {
        "rewards.confirm_awards",
        "ledger.decide_deed",
        "ledger.decide_correction",
        "ledger.decide_repair",
        "households.confirm_change",
        "ledger.weigh_objection",
        "ledger.publish_story",
        "ledger.withdraw_story",
    },
    Role.SUPERVISOR: SEE_VILLAGE
    | SEE_SHOP
    | SEE_AWARDS
    | {
        "ledger.decide_objection",
        "ledger.withdraw_story",
        "ledger.export_report",
        "households.view_auditevent",
        "households.view_stewardship",
    },
    # The shopkeeper's own page shows name, number and balance and nothing else.
    Role.SHOPKEEPER: frozenset(
        {
            "rewards.redeem",
            "rewards.keep_stock",
            "rewards.list_gifts",
            "rewards.hand_over_gifts",
        }
    ),
    Role.ADMIN: SEE_VILLAGE
    | SEE_SHOP
    | SEE_AWARDS
    | RECORD_DEEDS
    | CLOSE_MONTHS
    | {
        "households.import_roster",
        "households.print_cards",
        "households.add_household",
        "households.change_household",
        "households.note_change",
        "households.write_pledge",
        "households.record_consent",
        "households.add_villagergroup",
        "households.change_villagergroup",
        "households.change_villagepolicy",
        "households.view_importbatch",
        "households.view_stewardship",
        "households.add_stewardship",
        "households.change_stewardship",
        "households.view_auditevent",
        "ledger.propose_correction",
        "ledger.ask_repair",
        "ledger.check_repair",
        "ledger.file_objection",
        "ledger.adopt_rulebook",
        "ledger.write_story",
        "ledger.publish_story",
        "ledger.withdraw_story",
        "ledger.export_report",
        "rewards.keep_rewards",
        "rewards.keep_fund",
        "rewards.prepare_awards",
        "rewards.confirm_awards",
        "rewards.list_gifts",
    },
    Role.TOWNSHIP: SEE_VILLAGE
    | SEE_SHOP
    | SEE_AWARDS
    | {
        "households.view_township",
        "households.view_stewardship",
        "households.invite_village_admin",
        "ledger.settle_objection",
        "ledger.comment_rulebook",
        "ledger.export_report",
    },
}

# A superuser keeps accounts and technical settings, and can never approve,
# publish or post: those need a person with a role in the village.
SUPERUSER_PERMISSIONS = SEE_VILLAGE | {
    "households.view_user",
    "households.add_user",
    "households.change_user",
    "households.view_township",
    "households.add_township",
    "households.change_township",
    "households.add_village",
    "households.change_village",
    "households.view_stewardship",
    "households.add_stewardship",
    "households.change_stewardship",
    "households.view_importbatch",
    "households.view_auditevent",
    "ledger.export_report",
}


def permissions_of_roles(roles: Iterable[str]) -> set[str]:
    """Return all that some roles allow together."""
    return {permission for role in roles for permission in ROLE_PERMISSIONS[role]}


def roles_granting(permission: str) -> list[str]:
    """Return the roles whose table row holds a permission."""
    return [role for role, held in ROLE_PERMISSIONS.items() if permission in held]
