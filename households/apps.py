from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _

from households.change_guards import change_guards
from households.consent_guards import consent_guards
from households.safeguards import install_after_migrate, lift_before_migrate


class HouseholdsConfig(AppConfig):
    name = "households"
    verbose_name = _("Villages and households")

    @staticmethod
    def guards():
        return [*change_guards(), *consent_guards()]

    def ready(self):
        pre_migrate.connect(lift_before_migrate, sender=self)
        post_migrate.connect(install_after_migrate, sender=self)
