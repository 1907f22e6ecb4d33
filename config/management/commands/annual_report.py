"""The annual report of the page, written to a file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from households.audit import record_event
from households.models import Village
from rewards.annual.figures import village_year
from rewards.annual.sheets import title_of
from rewards.annual.workbook import Export, write_workbook


class Command(BaseCommand):
    help = "Write the annual report of a village or of a whole township."

    def add_arguments(self, parser):
        parser.add_argument("year", type=int)
        place = parser.add_mutually_exclusive_group(required=True)
        place.add_argument("--village", metavar="SLUG")
        place.add_argument("--township", metavar="SLUG")
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")

    def handle(self, **options):
        with translation.override("zh-hans"):
            self.write(**options)

    def write(self, *, year, village, township, output, **options):
        villages = self._villages(village, township)
        years = [village_year(one, year) for one in villages]
        if not any(one.months for one in years):
            raise CommandError(_("No month of %(year)s is final yet.") % {"year": year})
        now = timezone.now()
        export = Export(_("the command line"), now)
        write_workbook(output, title_of(villages, year), years, export=export)
        for one in villages:
            record_event("report.export", village=one, by=None, at=now, year=year)
        self.stdout.write(str(output))

    def _villages(self, village, township) -> list[Village]:
        villages = Village.objects.select_related("township", "policy")
        if village:
            found = villages.filter(slug=village)
        else:
            found = villages.filter(township__slug=township)
        chosen = list(found.order_by("position", "pk"))
        if not chosen:
            raise CommandError(
                _("There is no village or township “%(slug)s”.")
                % {"slug": village or township}
            )
        return chosen
