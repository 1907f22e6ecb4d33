import logging

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.contrib.auth.signals import user_logged_in

from config.logs import MaskedRecord


class LedgerAdminConfig(admin_apps.AdminConfig):
    """The stock admin with our site class, which keeps every village apart."""

    default = False
    default_site = "config.admin_site.LedgerAdminSite"


class ConfigConfig(AppConfig):
    default = True
    name = "config"

    def ready(self):
        logging.setLogRecordFactory(MaskedRecord)
        from config import checks  # noqa: F401 - importing registers them
        from config.staff_sessions import note_login

        user_logged_in.connect(note_login)
