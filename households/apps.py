from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from households.safeguards import install_after_migrate


class HouseholdsConfig(AppConfig):
    name = "households"
    verbose_name = _("Villages and households")

    def ready(self):
        post_migrate.connect(install_after_migrate, sender=self)
