from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.management.commands.import_deeds import steward
from ledger.publishing import publish_month
from ledger.refusals import Refused


class Command(BaseCommand):
    help = "Publish a reviewed month of a village."

    def add_arguments(self, parser):
        parser.add_argument("village", metavar="SLUG")
        parser.add_argument("month", metavar="YYYY-MM")
        parser.add_argument(
            "--by", required=True, metavar="USERNAME", help="who publishes"
        )

    def handle(self, *, village, month, by, **options):
        with translation.override("zh-hans"):
            self.publish(village, month, by)

    def publish(self, slug, month, username):
        village, by = steward(slug, username, "ledger.publish_month")
        period = village.periods.filter(month=self.first_day(month)).first()
        if period is None:
            raise CommandError(
                _("%(village)s has no month %(month)s.")
                % {"village": village, "month": month}
            )
        try:
            publication = publish_month(period, by=by, at=timezone.now())
        except Refused as refused:
            raise CommandError(str(refused)) from None
        period.refresh_from_db()
        ends = timezone.localtime(period.notice_ends_at)
        self.stdout.write(
            _("%(month)s is published. Digest %(digest)s. Notice until %(moment)s.")
            % {
                "month": period,
                "digest": publication.short_digest,
                "moment": f"{ends:%Y-%m-%d %H:%M}",
            }
        )

    def first_day(self, month):
        try:
            return datetime.strptime(month, "%Y-%m").date()  # noqa: DTZ007 - a month
        except ValueError:
            raise CommandError(
                _("Write the month like this: 2026-03, not %(month)s.")
                % {"month": month}
            ) from None
