"""What a village has published, as far as its public pages may ask."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.http import Http404
from django.utils import timezone

from households.models import Village
from ledger import board
from ledger.expiring import is_announced, last_day
from ledger.models import Objection, Period, Publication, Rulebook
from ledger.naming import OpenNames, open_names, with_names
from ledger.public.finding import Answer


@dataclass(frozen=True)
class Noticeboard:
    """A village, its newest publication and the month being kept now.

    Documents are long, so they are read only when a page has to be rendered.
    """

    village: Village
    latest: Publication | None
    next_period: Period | None
    rule_count: int = 0
    in_township: bool = False

    @classmethod
    def of(cls, slug: str) -> "Noticeboard":
        """Find a village by its address.

        :raises Http404: when there is no such village
        """
        village = (
            Village.objects.select_related("policy")
            .annotate(rule_count=_items_in_force(), in_township=_published_elsewhere())
            .filter(slug=slug)
            .first()
        )
        if village is None:
            raise Http404
        return cls(
            village=village,
            latest=Publication.objects.of(village).defer("document").first(),
            next_period=village.periods.unpublished().order_by("month").first(),
            rule_count=village.rule_count or 0,
            in_township=village.in_township,
        )

    def facts(self, day: date) -> tuple:
        """Return all that a page of this village depends on besides its address."""
        village, latest, period = self.village, self.latest, self.next_period
        policy = village.policy
        return (
            day,
            (village.name, village.supervision_phone, village.is_demo),
            (policy.base_points, policy.notice_days, policy.backdating_days),
            latest and (latest.digest, latest.period.state, self.names),
            period and (period.month, period.state),
            (self.rule_count, self.in_township),
        )

    def published(self, month: date) -> Publication | None:
        """Find the publication of a month, without its document."""
        publications = Publication.objects.of(self.village).defer("document")
        return publications.filter(period__month=month).first()

    # What each page shows

    def furniture(self) -> dict:
        """Return what every page of this village shows around its content."""
        return {
            "village": self.village,
            "policy": self.village.policy,
            "in_township": self.in_township,
        }

    def standing(self, day: date) -> dict:
        """Return the furniture and where the newest month stands."""
        page = {
            **self.furniture(),
            "upcoming": self._upcoming(day),
            "rule_count": self.rule_count,
        }
        if self.latest is None:
            return page
        state = self.latest.period.state
        return {
            **page,
            "document": self._document,
            "month": self._document["month"],
            "published_on": self._document["published_at"].date(),
            "notice": board.notice(self._document, state, day),
        }

    def board(self, day: date) -> dict:
        """Return the newest month, or when the first one comes."""
        page = self.standing(day)
        if self.latest is None:
            return page
        state = self.latest.period.state
        page |= board.board_page(self._document, state, day)
        return {**page, "expires_after": self.expires_after(day)}

    def expires_after(self, day: date) -> date | None:
        """Return the last day of last year's points while that is announced."""
        if not is_announced(day):
            return None
        of_last_year = Publication.objects.of(self.village).filter(
            period__month__year=day.year - 1
        )
        return last_day(day.year) if of_last_year.exists() else None

    def month(self, publication: Publication, day: date) -> dict:
        """Return a month as frozen, its neighbors and its later corrections."""
        document = self._read(publication)
        state = publication.period.state
        later = [other for other, _state in self._documents(after=publication.number)]
        page = {
            **self.furniture(),
            **board.month_page(document, state, day),
            **self._neighbors(publication.number),
            "corrected_later": board.corrected_later(document["month"], later),
        }
        if state == Period.State.FINAL:
            # Those that came before it was final are all answered, so this count
            # stays true; what comes later is told in the month that it changes.
            objections = Objection.objects.filter(
                publication=publication, filed_at__lte=publication.period.finalized_at
            )
            page["objections"] = objections.count()
        return page

    def archive(self, day: date) -> dict:
        """Return the published months by year."""
        years = board.archive_page(self._documents())
        return {**self.standing(day), "years": years}

    def group(self, number: int) -> dict:
        """Return one group's households.

        :raises Http404: when nothing is published or there is no such group
        """
        page = board.group_page(self._document, number)
        if page is None:
            raise Http404
        return {**self.furniture(), **page}

    def find(self, answer: Answer, day: date) -> dict:
        """Return the households that a search leads to."""
        page = {**self.standing(day), "answer": answer}
        if self.latest:
            page |= board.find_page(self._document, answer.numbers)
        return page

    @cached_property
    def _document(self) -> dict:
        if self.latest is None:
            raise Http404
        return self._read(self.latest)

    @cached_property
    def names(self) -> OpenNames:
        """Return who is named in full today; a page ends with a consent."""
        return open_names(self.village)

    def _read(self, publication: Publication) -> dict:
        return with_names(board.read(publication.document), self.names)

    def _upcoming(self, day: date) -> dict | None:
        period = self.next_period
        if period is None:
            return None
        cut_off = period.state == Period.State.REVIEWING
        return board.upcoming(period.month, day, cut_off=cut_off)

    def _neighbors(self, number: int) -> dict:
        # Numbers may be missing between them: those of withdrawn notices.
        notices = Publication.objects.of(self.village)
        before = notices.filter(number__lt=number)
        after = notices.filter(number__gt=number).order_by("number")
        return {
            "previous": before.values_list("period__month", flat=True).first(),
            "next": after.values_list("period__month", flat=True).first(),
        }

    def _documents(self, *, after: int = 0) -> list[tuple[dict, str]]:
        publications = Publication.objects.of(self.village).filter(number__gt=after)
        return [(self._read(p), p.period.state) for p in publications]


def _items_in_force() -> Subquery:
    """Count the items of a village's rules of today, along with the village.

    A page is kept until its facts change, and rules may count from the very day
    on which they are recorded.
    """
    in_force = Rulebook.objects.filter(village=OuterRef("pk")).in_force(
        timezone.localdate()
    )
    items = Count("items", filter=Q(items__village=F("village")))
    return Subquery(in_force.annotate(count=items).values("count")[:1])


def _published_elsewhere() -> Exists:
    """Tell whether another village has published, so that there is one to link to."""
    others = Publication.objects.standing().exclude(village=OuterRef("pk"))
    return Exists(others)
