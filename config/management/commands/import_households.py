from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.uploads import read_upload
from households.import_report import imported_line, report_lines
from households.models import ImportBatch, Village
from households.roster import (
    RosterNotImported,
    check_roster,
    import_roster,
    require_good,
)


class Command(BaseCommand):
    help = "Import a village's roster from a spreadsheet, all households or none."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="an .xlsx workbook or a .csv table")
        parser.add_argument("--village", required=True, metavar="SLUG")
        parser.add_argument(
            "--dry-run", action="store_true", help="check and report, import nothing"
        )
        parser.add_argument(
            "--update",
            action="store_true",
            help="let the file replace heads, groups and phones of known numbers",
        )

    def handle(self, *, file, village, dry_run, update, **options):
        # Clerks read this report, whatever language the server's console speaks.
        with translation.override("zh-hans"):
            self.import_file(file, village, dry_run=dry_run, update=update)

    def import_file(self, file, slug, *, dry_run, update):
        village = Village.objects.filter(slug=slug).first()
        if village is None:
            raise CommandError(_("There is no village %(slug)s.") % {"slug": slug})
        batch = check_roster(
            village,
            file_name=file.name,
            content=read_upload(file),
            by=None,
            at=timezone.now(),
        )
        if batch.state != ImportBatch.State.FAILED:
            self.stdout.writelines(f"{line}\n" for line in report_lines(batch))
        try:
            require_good(batch, update=update)
            if dry_run:
                self.stdout.write(_("Only checked; nothing was imported."))
                return
            batch = import_roster(batch, by=None, at=timezone.now(), update=update)
        except RosterNotImported as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(imported_line(batch.report))
