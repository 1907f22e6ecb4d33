from datetime import date, datetime, time

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from households.models import Village
from ledger.expiring import expire_points
from ledger.forgetting import forget_contacts, forget_photos
from ledger.homes.leaving import expire_left_behind
from ledger.homes.moving import carry_balances
from ledger.months import advance_village


class Command(BaseCommand):
    help = "Do what the calendar asks of every village; run daily, safe to run again."

    def add_arguments(self, parser):
        parser.add_argument(
            "--today", metavar="DATE", help="a day such as 2026-04-01, as it ends"
        )

    def handle(self, *, today, **options):
        with translation.override("zh-hans"):
            at = self.end_of(today) if today else timezone.now()
            for village in Village.objects.select_related("policy").order_by(
                "township_id", "position", "pk"
            ):
                for line in advance_village(village, at=at):
                    self.stdout.write(f"{village}：{self.sentence(line)}")
                expired = expire_points(village, at=at)
                if expired:
                    self.stdout.write(f"{village}：{self.expiry(expired)}")
                carry_balances(village, by=None, at=at)
                if left := expire_left_behind(village, at=at):
                    self.stdout.write(f"{village}：{self.left_behind(left)}")
                if forgotten := forget_contacts(village, at=at):
                    self.stdout.write(f"{village}：{self.forgotten(forgotten)}")
                if photos := forget_photos(village, at=at):
                    self.stdout.write(f"{village}：{self.without_photos(photos)}")

    def end_of(self, day):
        try:
            last = date.fromisoformat(day)
        except ValueError:
            raise CommandError(
                _("Write the day like this: 2026-04-01, not %(day)s.") % {"day": day}
            ) from None
        return datetime.combine(last, time.max, timezone.get_current_timezone())

    def sentence(self, line):
        """Put one step of a month in words."""
        step, _space, month = line.partition(" ")
        sentences = {
            "cut_off": _("%(month)s takes no more records."),
            "final": _("%(month)s is final; its points can be spent."),
            "base": _("The base points of the year are given in %(month)s."),
        }
        return sentences[step] % {"month": month}

    def expiry(self, entries):
        """Put in words what past years had left unspent on 31 March."""
        return _(
            "%(points)s unspent points of past years expired after 31 March, "
            "in %(households)s households."
        ) % {
            "points": -sum(entry.points for entry in entries),
            "households": len({entry.household_id for entry in entries}),
        }

    def left_behind(self, entries):
        """Put in words what households that moved out had not spent in time."""
        return _(
            "%(points)s points of %(households)s households that moved out expired."
        ) % {
            "points": -sum(entry.points for entry in entries),
            "households": len({entry.household_id for entry in entries}),
        }

    def forgotten(self, contacts):
        """Say that it is forgotten how to reach whoever has had an answer."""
        return _(
            "Erased how to reach %(count)s people whose objections were answered two "
            "weeks ago."
        ) % {"count": contacts}

    def without_photos(self, photos):
        """Say how many photos have had their time."""
        return _("Erased %(count)s photos that were two years old.") % {"count": photos}
