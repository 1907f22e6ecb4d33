from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.uploads import read_upload
from households.import_report import left_out, read_from, refusal_line
from households.models import ImportBatch, User, Village
from ledger.deed_sheets.check import check_deeds
from ledger.deed_sheets.importing import import_deeds


class Command(BaseCommand):
    help = "Record the deeds of a recorder's sheet, pending; refused rows are listed."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="an .xlsx workbook or a .csv table")
        parser.add_argument("--village", required=True, metavar="SLUG")
        parser.add_argument(
            "--by", required=True, metavar="USERNAME", help="who records the deeds"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="check and report, record nothing"
        )

    def handle(self, *, file, village, by, dry_run, **options):
        # Clerks read this report, whatever language the server's console speaks.
        with translation.override("zh-hans"):
            self.import_file(file, village, by, dry_run=dry_run)

    def import_file(self, file, slug, username, *, dry_run):
        village, by = steward(slug, username, "ledger.import_deeds")
        batch = check_deeds(
            village,
            file_name=file.name,
            content=read_upload(file),
            by=by,
            at=timezone.now(),
        )
        if batch.state == ImportBatch.State.FAILED:
            raise CommandError(batch.report["problem"])
        if batch.report["good"] and not dry_run:
            batch = import_deeds(batch, by=by, at=timezone.now())
        report = batch.report
        self.stdout.write(read_from(report))
        for line in left_out(report):
            self.stdout.write(line)
        self.stdout.write(self.outcome(report, dry_run=dry_run))
        for refusal in report["refusals"]:
            self.stdout.write(refusal_line(refusal))
        if report["refusals"]:
            raise CommandError(
                _("Refused: %(count)s rows. Put them right and import them again.")
                % {"count": len(report["refusals"])}
            )

    def outcome(self, report, *, dry_run):
        facts = {
            "good": report["good"],
            "recorded": report.get("recorded", 0),
            "known": report["known"],
            "refused": len(report["refusals"]),
        }
        if dry_run:
            return (
                _(
                    "Only checked: %(good)s rows can be imported, %(known)s were "
                    "imported before, %(refused)s problems. Nothing was recorded."
                )
                % facts
            )
        return (
            _(
                "Imported: %(recorded)s deeds, pending. Imported before, unchanged: "
                "%(known)s. Problems: %(refused)s."
            )
            % facts
        )


def steward(slug, username, permission):
    """Return the village and the person, who must hold the permission in it."""
    village = Village.objects.filter(slug=slug).first()
    if village is None:
        raise CommandError(_("There is no village %(slug)s.") % {"slug": slug})
    by = User.objects.filter(username=username).first()
    if by is None:
        raise CommandError(_("There is no user %(name)s.") % {"name": username})
    if not by.has_perm(permission, village):
        raise CommandError(
            _("%(name)s may not do this in %(village)s.")
            % {"name": username, "village": village}
        )
    return village, by
