from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from rewards.safeguards import rewards_guards


class RewardsConfig(AppConfig):
    name = "rewards"
    verbose_name = _("Rewards")
    guards = staticmethod(rewards_guards)

    def ready(self):
        # Only now can the models be imported that these lines are made from.
        from rewards.desk.announced import announced_goods
        from rewards.desk.budget import publication_checks

        self.publication_checks = publication_checks
        self.announced_goods = announced_goods
