"""Valid rows with nothing special; what happens in the ledger goes through its door."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import factory
from django.utils import timezone

from households.changes import next_number
from households.models import (
    ChangeNote,
    Household,
    HouseholdChange,
    Stewardship,
    Township,
    User,
    Village,
    VillagePolicy,
    VillagerGroup,
)
from households.roles import Role
from ledger.homes.changes import Change, confirm_change, note_change
from ledger.homes.moving import move_points
from ledger.months import cut_off_month, finalize_month, period_for
from ledger.publishing import publish_month
from ledger.recording import record_deeds
from ledger.repairs.repairing import ask_repair, check_repair, decide_repair
from ledger.review import approve_deed
from ledger.rulebooks import load_sample_rulebook
from ledger.rules.asking import ask_township, comment
from ledger.rules.drafting import draft_rulebook
from ledger.rules.voting import Vote, record_vote
from ledger.withdrawing import withdraw_publication
from rewards.models import Reward
from rewards.redeeming import redeem
from rewards.stock import receive_stock, set_price

# The story of the tests: March 2026 in one village, told on these moments.
MARCH = date(2026, 3, 1)
IN_MARCH = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
END_OF_MARCH = datetime(2026, 3, 31, 2, 0, tzinfo=UTC)
FIRST_OF_APRIL = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)
AFTER_NOTICE = datetime(2026, 4, 7, 2, 0, tzinfo=UTC)


class TownshipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Township

    name = factory.Sequence(lambda n: f"镇{n}")
    slug = factory.Sequence(lambda n: f"town{n}")


class VillageFactory(factory.django.DjangoModelFactory):
    """A village with its policy and the sample rulebook in force since 2020."""

    class Meta:
        model = Village
        skip_postgeneration_save = True

    township = factory.SubFactory(TownshipFactory)
    name = factory.Sequence(lambda n: f"村{n}")
    slug = factory.Sequence(lambda n: f"village{n}")
    supervision_phone = "0000-000000"

    @factory.post_generation
    def policy(self, create, extracted, **values):
        VillagePolicy.objects.create(village=self, **values)

    @factory.post_generation
    def rulebook(self, create, extracted, **values):
        if extracted is not False:
            load_sample_rulebook(self, in_force_from=date(2020, 1, 1))


class VillagerGroupFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = VillagerGroup

    village = factory.SubFactory(VillageFactory)
    number = factory.Sequence(lambda n: n + 1)
    name = factory.LazyAttribute(lambda group: f"{group.number}社")


class HouseholdFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Household

    village = factory.SubFactory(VillageFactory)
    group = factory.SubFactory(
        VillagerGroupFactory, village=factory.SelfAttribute("..village")
    )
    number = factory.Sequence(lambda n: f"{n + 1:03d}")
    head_name = factory.Sequence(lambda n: f"陈小{'春夏秋冬'[n % 4]}")


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person{n}")
    last_name = "王"
    first_name = factory.Sequence(lambda n: f"人{n}")
    is_staff = True


def serve(village: Village, role: str, **user) -> User:
    """Return a new person with one role in a village."""
    person = UserFactory(**user)
    Stewardship.objects.create(
        user=person,
        village=None if role == Role.TOWNSHIP else village,
        township=village.township if role == Role.TOWNSHIP else None,
        role=role,
        started_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    return person


def item_of(village: Village, code: str):
    return village.rulebooks.earliest("version").items.get(code=code)


def draft(village, *, at=IN_MARCH, by=None):
    """Begin the next version of the rules as a copy of the last."""
    return draft_rulebook(village, by=by or serve(village, Role.ADMIN), at=at)


def agree(rulebook, *, at=IN_MARCH, by=None):
    """Send a draft to the township and let it agree."""
    ask_township(rulebook, by=serve(rulebook.village, Role.ADMIN), at=at)
    by = by or serve(rulebook.village, Role.TOWNSHIP)
    comment(rulebook, "agreed", "", key=uuid4(), by=by, at=at)
    return rulebook


def vote_of(held_on=MARCH, **values):
    """Return the minutes of a meeting at which a draft was carried."""
    numbers = {"entitled": 60, "present": 50, "votes_for": 45, "against": 3}
    names = {"meeting": "村民会议", "kind": "households", "filing_number": "备1号"}
    return Vote(held_on=held_on, **{**names, **numbers, "abstained": 2, **values})


def adopt(rulebook, *, in_force_from, at=None, by=None, **values):
    """Let a draft be agreed to, voted on, and in force from a day."""
    at = at or datetime.combine(in_force_from, datetime.min.time(), UTC)
    if rulebook.agreed_at is None:
        agree(rulebook, at=at - timedelta(days=2))
    return record_vote(
        rulebook,
        vote_of(timezone.localdate(at) - timedelta(days=1), **values),
        in_force_from=in_force_from,
        key=uuid4(),
        by=by or serve(rulebook.village, Role.ADMIN),
        at=at,
    )


def record(household, code="Z01", points=None, *, by=None, at=IN_MARCH, **values):
    """Record one deed through the operation and return it."""
    item = item_of(household.village, code)
    values.setdefault("happened_on", timezone.localdate(at))
    values.setdefault("note", "说明")
    recorded = record_deeds(
        [household],
        item,
        magnitude=item.points_min if points is None else points,
        channel=values.pop("channel", "record"),
        key=values.pop("key", None) or uuid4(),
        by=by or serve(household.village, Role.RECORDER),
        at=at,
        **values,
    )
    return recorded.deeds[0]


def approve(deed, *, by=None, at=END_OF_MARCH, **values):
    """Approve a deed through the operation and return it as it now is."""
    if deed.is_deduction:
        values.setdefault("heard_on", deed.happened_on)
    by = by or serve(deed.village, Role.REVIEWER)
    approve_deed(deed, by=by, at=at, **values)
    deed.refresh_from_db()
    return deed


def award(household, code="Z01", points=None, *, at=IN_MARCH, **values):
    """Record and approve one deed."""
    return approve(record(household, code, points, at=at, **values), at=at)


def publish(village, *, month=MARCH, by=None, at=None):
    """Cut off and publish a month with what is approved in it."""
    at = at or datetime.combine(month, datetime.min.time(), UTC) + timedelta(31, 7200)
    period = village.periods.filter(month=month).first()
    if period is None:
        period = period_for(village, month, at=at)
    if period.cut_off_at is None:
        period = cut_off_month(period, by=None, at=at - timedelta(days=1))
    return publish_month(period, by=by or serve(village, Role.REVIEWER), at=at)


def finalize(village, *, month=MARCH, at=AFTER_NOTICE):
    """Make a published month final, so that its points can be spent."""
    return finalize_month(village.periods.get(month=month), by=None, at=at)


def ask(entry, *, text="已清理干净", by=None, at=AFTER_NOTICE, **values):
    """Ask for the repair of a deduction, in the passbook unless a clerk does it."""
    return ask_repair(
        entry,
        text=text,
        channel=values.pop("channel", "oral" if by else "web"),
        key=values.pop("key", None) or uuid4(),
        by=by,
        at=at,
    )


def check(repair, *, finding="done", by=None, at=AFTER_NOTICE, **values):
    """Let somebody look on the spot at what is said to be put right."""
    return check_repair(
        repair,
        finding=finding,
        note=values.pop("note", "现场看过"),
        checked_on=values.pop("checked_on", timezone.localdate(at)),
        by=by or serve(repair.village, Role.RECORDER),
        at=at,
    )


def make_good(entry, *, finding="done", by=None, at=AFTER_NOTICE):
    """Give back what an item allows for a deduction: asked, checked, approved."""
    checked = check(ask(entry, at=at), finding=finding, at=at)
    by = by or serve(entry.village, Role.REVIEWER)
    return decide_repair(checked, approve=True, by=by, at=at)


def note(village, kind, *, at=AFTER_NOTICE, by=None, **values):
    """Note a change of a household through the operation."""
    values.setdefault("takes_effect_on", timezone.localdate(at))
    values.setdefault("paper", "协议")
    values.setdefault("signed_by", "户主")
    if values.get("points") or kind == "merge":
        values.setdefault("signed_by_other", "另一户户主")
    key = values.pop("key", None) or uuid4()
    return note_change(
        village,
        Change(kind=kind, **values),
        key=key,
        by=by or serve(village, Role.ADMIN),
        at=at,
    )


def change(village, kind, *, at=AFTER_NOTICE, by=None, confirmed_by=None, **values):
    """Note a change of a household, and let another person confirm it."""
    noted = note(village, kind, at=at, by=by, **values)
    reviewer = confirmed_by or serve(village, Role.REVIEWER)
    return confirm_change(noted, by=reviewer, at=at)


def split(household, number="901", head_name="陈小满", *, points=0, **values):
    """Split a household; the new one has the same group."""
    return change(
        household.village,
        "split",
        household=household,
        new_number=number,
        head_name=head_name,
        group=household.group,
        points=points,
        **values,
    )


def bring(household, points, *, at, noted_by=None, confirmed_by=None):
    """Give a household spendable points: one that was merged into it brought them."""
    village, day = household.village, timezone.localdate(at)
    noted_by = noted_by or UserFactory(is_staff=False)
    confirmed_by = confirmed_by or UserFactory(is_staff=False)
    ended = HouseholdFactory(
        village=village,
        group=household.group,
        number=f"old-{uuid4().hex[:8]}",
        head_name="钱来",
        status=Household.Status.LEFT,
    )
    facts = {
        "village": village,
        "kind": "merge",
        "household": ended,
        "other": household,
        "takes_effect_on": day,
        "paper": "并户协议",
        "signed_by": "两户户主",
        "signed_by_other": "两户户主",
        "noted_by": noted_by,
    }
    note = ChangeNote.objects.create(**facts, key=uuid4(), noted_at=at)
    change = HouseholdChange.objects.create(
        **facts,
        number=next_number(village.pk),
        head_before=ended.head_name,
        head_after=ended.head_name,
        status_before=Household.Status.ACTIVE,
        status_after=Household.Status.LEFT,
        note=note,
        decided_by=confirmed_by,
        at=at,
    )
    note.state, note.decided_by, note.decided_at = "confirmed", confirmed_by, at
    note.save()
    move_points(change, points, source=ended, target=household, by=confirmed_by, at=at)


def offer(village, name="食盐", points=2, *, stock=40, by=None, at=IN_MARCH, **values):
    """Put goods on the shelf at a price in points, with some in stock."""
    values = {"unit": "袋", "low_stock_mark": 5, **values}
    fen = values.pop("fen", points * 100)
    reward = Reward.objects.create(village=village, name=name, **values)
    by = by or serve(village, Role.SHOPKEEPER)
    set_price(reward, points=points, fen=fen, by=by, at=at)
    if stock:
        receive_stock(reward, stock, key=uuid4(), by=by, at=at)
    return reward


def earn(household, points, *, code="D03"):
    """Give a household spendable points: an approved deed of a final March."""
    award(household, code, points)
    publish(household.village)
    finalize(household.village)


def exchange(household, wanted, *, by=None, at=AFTER_NOTICE, **values):
    """Redeem at the counter through the operation and return the slip."""
    by = by or serve(household.village, Role.SHOPKEEPER)
    return redeem(
        household,
        wanted,
        key=values.pop("key", None) or uuid4(),
        by=by,
        at=at,
        **values,
    )


def withdraw(publication, *, by=None, minutes=4, reason="有一户不同意公开姓名"):
    """Take a publication back some minutes after it was published."""
    return withdraw_publication(
        publication,
        by=by or serve(publication.village, Role.REVIEWER),
        at=publication.published_at + timedelta(minutes=minutes),
        reason=reason,
        key=uuid4(),
    )
