from datetime import date, datetime, time, timedelta
from random import Random

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from config.demo.rules import renew_rules
from config.demo.township import (
    FIRST,
    NAMES,
    NEWCOMER,
    TOWNSHIP_ACCOUNT,
    make_township,
    make_village,
    usernames,
    villages_of_demo,
)
from config.demo.year import Year
from households.models import User, Village

HOUSEHOLDS = {FIRST: 186, "shuanghe": 120}
SEED = 2020
# Without look-alikes, so that it can be read off the screen.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Command(BaseCommand):
    help = "Make a fictional township that has kept its ledger for a year."

    def add_arguments(self, parser):
        parser.add_argument(
            "--password", help="of every account; without it a random one is shown once"
        )
        parser.add_argument("--villages", type=int, default=2, metavar="N")
        parser.add_argument(
            "--households", type=int, metavar="N", help="in each village"
        )
        parser.add_argument(
            "--months", type=int, default=12, metavar="N", help="published so far"
        )
        parser.add_argument("--seed", type=int, default=SEED)
        parser.add_argument("--today", type=date.fromisoformat, metavar="YYYY-MM-DD")
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where villages stand"
        )

    def handle(self, **options):
        self._check(options)
        if Village.objects.filter(is_demo=False).exists():
            if options["if_empty"]:
                return
            raise CommandError(
                _("This database holds real villages; the demo goes into an empty one.")
            )
        if _is_complete():
            if not options["if_empty"]:
                self.stdout.write(_("The demo is loaded already; nothing was changed."))
            return
        villages = villages_of_demo(options["villages"])
        now = _present(options["today"])
        first_month = _months_before(now, options["months"])[0]
        township = make_township(since=_since(first_month))
        for position, (slug, name) in enumerate(villages):
            if Village.objects.filter(slug=slug).exists():
                continue
            with transaction.atomic():
                self._make(township, slug, name, position, now, options)
        self._open_accounts(villages, options["password"])

    def _check(self, options):
        if not 1 <= options["villages"] <= len(NAMES):
            raise CommandError(
                _("There are 1 to %(most)s demo villages.") % {"most": len(NAMES)}
            )
        if not 1 <= options["months"] <= 60:
            raise CommandError(_("A demo has 1 to 60 published months."))
        if options["households"] is not None and options["households"] < 10:
            raise CommandError(_("A demo village has 10 households or more."))

    def _make(self, township, slug, name, position, now, options):
        rng = Random(f"{options['seed']} {slug}")
        is_newcomer = slug == NEWCOMER[0]
        months = _months_before(now, 1 if is_newcomer else options["months"])
        people = make_village(
            township,
            slug,
            name,
            position=position,
            households=0 if is_newcomer else _size(slug, options["households"], rng),
            since=_since(months[0]),
            rng=rng,
        )
        if not is_newcomer:
            Year(people, months, now, rng).live()
            renew_rules(people, now=now, rng=rng)
        self.stdout.write(
            _(
                "%(village)s: %(households)s households, %(deeds)s deeds, "
                "%(months)s months published"
            )
            % {
                "village": name,
                "households": len(people.households),
                "deeds": people.village.deeds.count(),
                "months": people.village.publications.standing().count(),
            }
        )

    def _open_accounts(self, villages, given):
        password = given or get_random_string(12, LETTERS)
        accounts = usernames(villages)
        # One hash for all: hashing is slow on purpose, and nothing here is secret.
        User.objects.filter(username__in=accounts).update(
            password=make_password(password)
        )
        self.stdout.write("")
        self.stdout.write(_("Accounts, all fictional:"))
        for user in User.objects.filter(username__in=accounts).order_by("pk"):
            place = user.stewardships.select_related("village", "township").get()
            self.stdout.write(
                f"  {user.username:<22}{place.village or place.township} "
                f"{place.get_role_display()} {user}"
            )
        self.stdout.write("")
        shown = _("the one given") if given else password
        self.stdout.write(
            _("Password of every account: %(password)s") % {"password": shown}
        )
        if not given:
            self.stdout.write(_("It is shown this once; write it down."))
        self.stdout.write(
            _("Board: %(address)s")
            % {"address": settings.PUBLIC_URL + reverse("ledger:board", args=[FIRST])}
        )
        self.stdout.write(
            _("Desk: %(address)s")
            % {"address": settings.PUBLIC_URL + reverse("admin:index")}
        )


def _is_complete() -> bool:
    """Tell whether a run has come to its end: the township account can log in."""
    user = User.objects.filter(username=TOWNSHIP_ACCOUNT).first()
    return bool(user and user.has_usable_password())


def _present(today: date | None) -> datetime:
    """Return the demo's present: this minute, or mid-morning of a given day."""
    if today is None:
        return timezone.localtime().replace(second=0, microsecond=0)
    return datetime.combine(today, time(10, 30), timezone.get_current_timezone())


def _months_before(now: datetime, number: int) -> list[date]:
    """Return the published months, the earliest first; the last is the month before."""
    months = []
    month = now.date().replace(day=1)
    for _number in range(number):
        month = (month - timedelta(days=1)).replace(day=1)
        months.append(month)
    return months[::-1]


def _since(first_month: date) -> datetime:
    """Return when a village set itself up: some days before its first month."""
    day = first_month - timedelta(days=12)
    return datetime.combine(day, time(19, 30), timezone.get_current_timezone())


def _size(slug: str, given: int | None, rng: Random) -> int:
    return given or HOUSEHOLDS.get(slug) or rng.randrange(90, 240)
