"""Publishing a month: post its approved deeds, freeze the standings, seal the page."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from households.audit import record_event
from households.locking import lock_village
from households.models import Household, Stewardship, User
from households.roles import Role
from ledger.freezing import freeze_month, notice_end
from ledger.homes.moving import carry_contributions
from ledger.models import Correction, Deed, Entry, Period, Publication
from ledger.months import cut_off_date, cut_off_month
from ledger.posting import post_base_points, post_entries
from ledger.refusals import Refused


class NotReadyToPublish(Refused):
    """Something must be done before the month can be published."""


class AlreadyPublished(Refused):
    """The month is published; it never changes again."""


class NeedsAnotherPerson(Refused):
    """Whoever publishes must not be the only one who looked at the month."""


@transaction.atomic
def publish_month(period: Period, *, by: User, at: datetime) -> Publication:
    """Publish a reviewed month (I-30 to I-39).

    Posts one entry for each approved deed that has none and the year's missing
    base points, writes one standing for each household, and puts the sealed
    document on the board; after a withdrawal as the month's next revision. The
    notice runs the policy's days (5 by default), the day of publication not
    counted, until 17:00.

    :raises AlreadyPublished: if the month is published
    :raises NotReadyToPublish: naming what is missing
    :raises NeedsAnotherPerson: if a village admin would publish alone
    """
    village = lock_village(period.village)
    period = Period.objects.select_related("village__policy").get(pk=period.pk)
    if period.is_published:
        raise AlreadyPublished(_("%(month)s is published already.") % {"month": period})
    if period.cut_off_at is None:
        if timezone.localdate(at) <= cut_off_date(period.village, period.month):
            raise NotReadyToPublish(
                _("%(month)s still takes records; cut it off first.")
                % {"month": period}
            )
        period = cut_off_month(period, by=by, at=at)
    missing = what_is_missing(period)
    if missing:
        raise NotReadyToPublish(" ".join(missing))
    _check_publisher(period, by=by)

    post_base_points(period, at=at)
    _post_approved_deeds(period, by=by, at=at)
    carry_contributions(period, by=by, at=at)
    publication = freeze_month(period, by=by, at=at)
    period.published_at = at
    period.notice_ends_at = notice_end(period.village, at)
    period.save(update_fields=["published_at", "notice_ends_at"])
    record_event(
        "month.publish",
        village=village,
        by=by,
        at=at,
        subject=publication,
        month=str(period),
        revision=publication.revision,
        digest=publication.digest,
    )
    return publication


def what_is_missing(period: Period) -> list[str]:
    """Return the sentences that stand between a month and its publication."""
    sentences = []
    earlier = period.village.periods.unpublished().filter(month__lt=period.month)
    before = earlier.order_by("month").first()
    if before:
        sentences.append(_("%(month)s must be published first.") % {"month": before})
    undecided = Deed.objects.filter(village=period.village, period=period).undecided()
    count = undecided.count()
    if count:
        sentences.append(_("%(count)s deeds wait for a decision.") % {"count": count})
    # Only a withdrawn month can have some: what is known to be wrong waits here.
    proposed = Correction.objects.filter(
        village=period.village, entry__period=period
    ).proposed()
    count = proposed.count()
    if count:
        sentences.append(
            _("%(count)s corrections of this month wait for a decision.")
            % {"count": count}
        )
    if not period.village.rulebooks.exists():
        sentences.append(_("The village has no rulebook yet."))
    if not Household.objects.filter(village=period.village).listed().exists():
        sentences.append(_("The village has no households yet."))
    return sentences


def _check_publisher(period, *, by):
    """A village admin may publish only what another person approved (I-37)."""
    roles = set(
        Stewardship.objects.current()
        .filter(user=by, village=period.village)
        .values_list("role", flat=True)
    )
    if Role.REVIEWER in roles:
        return
    approved = Deed.objects.filter(village=period.village, period=period).approved()
    by_others = approved.filter(
        decisions__outcome__in=["approved", "adjusted"]
    ).exclude(decisions__by=by)
    if approved.exists() and not by_others.exists():
        raise NeedsAnotherPerson(
            _("Another person must have approved at least one deed of this month.")
        )


def _post_approved_deeds(period, *, by, at):
    deeds = (
        Deed.objects.filter(village=period.village, period=period)
        .approved()
        .unposted()
        .select_related("household")
        .order_by("happened_on", "pk")
    )
    kinds = {True: Entry.Kind.DEDUCTION, False: Entry.Kind.ADDITION}
    post_entries(
        period.village,
        [
            Entry(
                household=deed.household,
                year=period.month.year,
                period=period,
                kind=kinds[deed.is_deduction],
                points=deed.points,
                deed=deed,
            )
            for deed in deeds
        ],
        by=by,
        at=at,
    )
