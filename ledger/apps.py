from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from ledger.safeguards import ledger_guards


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = _("Points")
    guards = staticmethod(ledger_guards)
