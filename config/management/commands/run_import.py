import sys
import time

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from households.models import ImportBatch
from households.roster import finish_check
from households.spreadsheets import FILE_BYTES
from ledger.deed_sheets.check import finish_deeds_check
from ledger.deed_sheets.importing import record_rows

CHECKS = {
    ImportBatch.Kind.ROSTER: finish_check,
    ImportBatch.Kind.DEEDS: finish_deeds_check,
}
# SQLite lets those who wait for a lock look for it every tenth of a second, so
# this much is left to them after every few rows.
PAUSE_SECONDS = 0.1


class Command(BaseCommand):
    help = (
        "Check an uploaded sheet that arrives on standard input, or record one that "
        "was checked (used by the pages)."
    )

    def add_arguments(self, parser):
        parser.add_argument("id", help="the id of the open import")

    def handle(self, *, id, **options):
        batch = ImportBatch.objects.select_related("village", "uploaded_by").get(pk=id)
        if batch.state == ImportBatch.State.CHECKING:
            self.check_sheet(batch)
        elif batch.state == ImportBatch.State.IMPORTING:
            while record_rows(batch, at=timezone.now()):
                time.sleep(PAUSE_SECONDS)
        else:
            raise CommandError(f"Import {id} waits for nothing.")

    def check_sheet(self, batch):
        def progress(done, total):
            ImportBatch.objects.filter(pk=batch.pk).update(
                rows_done=done, rows_total=total
            )

        content = sys.stdin.buffer.read(FILE_BYTES + 1)
        CHECKS[batch.kind](batch, content, at=timezone.now(), progress=progress)
