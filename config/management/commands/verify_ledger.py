from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from households.models import Village
from ledger.invariants import INVARIANTS, violations
from rewards.invariants import SHOP_INVARIANTS

PROMISES = [*INVARIANTS, *SHOP_INVARIANTS]


class Command(BaseCommand):
    help = "Check every invariant of the ledger; exit code 1 when one is broken."

    def add_arguments(self, parser):
        parser.add_argument("--village", metavar="SLUG", help="check one village only")

    def handle(self, *, village, **options):
        chosen = None
        if village:
            chosen = Village.objects.filter(slug=village).first()
            if chosen is None:
                raise CommandError(
                    _("There is no village %(slug)s.") % {"slug": village}
                )
        broken = list(violations(chosen, PROMISES))
        for violation in broken:
            self.stdout.write(self.style.ERROR(str(violation)))
        if broken:
            raise CommandError(
                _("%(count)s places break a promise of the ledger.")
                % {"count": len(broken)}
            )
        self.stdout.write(
            self.style.SUCCESS(
                _("All %(count)s promises of the ledger hold.")
                % {"count": len(PROMISES)}
            )
        )
