import sys

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from households.models import ImportBatch
from households.roster import finish_check
from households.spreadsheets import FILE_BYTES
from ledger.deeds_import import finish_deeds_check

CHECKS = {
    ImportBatch.Kind.ROSTER: finish_check,
    ImportBatch.Kind.DEEDS: finish_deeds_check,
}


class Command(BaseCommand):
    help = "Check an uploaded sheet that arrives on standard input (used by the pages)."

    def add_arguments(self, parser):
        parser.add_argument("id", help="the id of the open import")

    def handle(self, *, id, **options):
        batch = ImportBatch.objects.select_related("village", "uploaded_by").get(pk=id)
        if batch.state != ImportBatch.State.CHECKING:
            raise CommandError(f"Import {id} is not waiting to be checked.")

        def progress(done, total):
            ImportBatch.objects.filter(pk=batch.pk).update(
                rows_done=done, rows_total=total
            )

        content = sys.stdin.buffer.read(FILE_BYTES + 1)
        CHECKS[batch.kind](batch, content, at=timezone.now(), progress=progress)
