"""What residents declare on the web: filed once, accepted, declined, taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from households.models import AuditEvent, Household
from households.roles import Role
from ledger.answers import declarations_of, objections_of
from ledger.changing import NotChangeable, change_deeds
from ledger.declaring import NotAGoodDeed, NotDeclared
from ledger.forgetting import CONTACT_KEPT, forget_contacts
from ledger.models import Declaration, Entry
from ledger.months import DayNotAccepted
from ledger.objections import answer_objection, file_objection
from ledger.operations import FiledAlready
from ledger.receiving import (
    DECLARATIONS_A_DAY,
    UNDONE_WITHIN,
    TooManyToday,
    accept_filed,
    decline_filed,
    file_declaration,
    undo_settled,
)
from ledger.recording import (
    DuplicateDeed,
    NotOfThisVillage,
    NotWithdrawable,
    OutOfRange,
    withdraw_deed,
)
from ledger.review import OwnHousehold, ReasonMissing, reject_deed
from tests.factories import (
    AFTER_NOTICE,
    END_OF_MARCH,
    FIRST_OF_APRIL,
    IN_MARCH,
    HouseholdFactory,
    VillageFactory,
    approve,
    award,
    finalize,
    item_of,
    publish,
    record,
    serve,
)

PHOTO = b"a photo"


@pytest.fixture(autouse=True)
def _photos_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def file(household, *, at=IN_MARCH, **values):
    values.setdefault("happened_on", timezone.localdate(at))
    values.setdefault("text", "帮邻居收了两亩油菜")
    values.setdefault("key", uuid4())
    return file_declaration(household, at=at, **values)


def bytes_of(image):
    with image.open("rb") as file:
        return file.read()


def accept(declaration, code="D02", points=3, *, by=None, at=IN_MARCH, **values):
    return accept_filed(
        declaration,
        item_of(declaration.village, code),
        magnitude=points,
        key=values.pop("key", None) or uuid4(),
        by=by or serve(declaration.village, Role.RECORDER),
        at=at,
        **values,
    )


def decline(declaration, *, by, reason="同一件事已记过", at=IN_MARCH):
    return decline_filed(declaration, reason=reason, by=by, at=at)


def test_a_declaration_has_a_number_of_its_day(household):
    first, second = file(household), file(household)
    next_day = file(household, at=IN_MARCH + timedelta(days=1))
    elsewhere = file(HouseholdFactory())

    assert [d.number for d in (first, second, next_day, elsewhere)] == [
        "260320-001",
        "260320-002",
        "260321-001",
        "260320-001",
    ]
    assert (first.state, first.channel) == ("waiting", "web")


def test_the_same_day_of_another_year_has_numbers_of_its_own(household):
    first = file(household)
    publish(household.village)
    year_later = file(household, at=IN_MARCH + timedelta(days=365))

    assert (first.number, year_later.number) == ("260320-001", "270320-001")


def test_the_same_form_is_one_declaration(household):
    key = uuid4()
    first = file(household, key=key, phone="13900139000")

    assert file(household, key=key, phone="") == first
    with pytest.raises(FiledAlready) as refused:
        file(household, key=key, text="别的事")
    assert refused.value.number == first.number
    assert Declaration.objects.count() == 1


def test_ten_posts_at_once_are_one_declaration(own_database):
    household, key = HouseholdFactory(), uuid4()

    def post(_time):
        try:
            return file(household, key=key).number
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as people:
        numbers = set(people.map(post, range(10)))

    assert len(numbers) == 1
    assert Declaration.objects.count() == 1


def test_who_declares_is_nowhere(household):
    file(household, phone="13900139000")

    event = AuditEvent.objects.get(action="declaration.file")
    assert event.by is None
    assert "13900139000" not in repr(event.__dict__)


@pytest.mark.parametrize("days", [-1, 61])
def test_a_day_to_come_or_too_far_back_is_refused(household, days):
    day = timezone.localdate(IN_MARCH) - timedelta(days=days)

    with pytest.raises(DayNotAccepted):
        file(household, happened_on=day)
    assert not Declaration.objects.exists()


def test_sixty_days_back_can_be_declared_and_accepted_later(household):
    publish(household.village, month=date(2026, 1, 1))
    declaration = file(household, happened_on=date(2026, 1, 19))

    deed = accept(declaration, at=IN_MARCH + timedelta(days=5))

    assert deed.happened_on == date(2026, 1, 19)
    assert deed.period.month > date(2026, 1, 1)


def test_five_a_day_for_one_household(household):
    for _time in range(DECLARATIONS_A_DAY):
        file(household)

    with pytest.raises(TooManyToday):
        file(household)
    file(HouseholdFactory(village=household.village, group=household.group))
    file(household, at=IN_MARCH + timedelta(days=1))


def test_who_has_moved_out_has_no_declarations(household):
    Household.objects.update(status=Household.Status.LEFT)
    household.refresh_from_db()

    with pytest.raises(NotOfThisVillage):
        file(household)


def test_an_accepted_declaration_is_a_pending_deed_with_its_photo(household, recorder):
    declaration = file(household, phone="13900139000", photo=PHOTO)

    deed = accept(declaration, points=4, by=recorder)

    declaration.refresh_from_db()
    assert (deed.state, deed.points, deed.channel) == ("pending", 4, "web")
    assert (deed.note, deed.recorded_by) == (declaration.text, recorder)
    assert bytes_of(deed.photos.get().image) == PHOTO
    assert (declaration.state, declaration.phone) == ("accepted", "")
    assert declaration.deed == deed


def test_i13_accepting_twice_accepts_once(household, recorder):
    declaration, key = file(household), uuid4()

    first = accept(declaration, by=recorder, key=key)
    assert accept(declaration, by=recorder, key=key) == first
    with pytest.raises(NotDeclared):
        accept(declaration, by=recorder)


def test_an_accepted_declaration_keeps_every_promise_when_published(household):
    approve(accept(file(household)), at=END_OF_MARCH)
    publish(household.village)

    call_command("verify_ledger")


def test_a_declaration_that_waits_holds_up_no_month(household):
    declaration = file(household)
    publish(household.village)

    assert accept(declaration, at=AFTER_NOTICE).period.month == date(2026, 4, 1)


def test_what_cannot_be_accepted_waits_on(household):
    declaration = file(household)

    with pytest.raises(NotAGoodDeed):
        accept(declaration, "N01", 2)
    with pytest.raises(OutOfRange):
        accept(declaration, points=500)
    with pytest.raises(NotOfThisVillage):
        accept_filed(
            declaration,
            item_of(VillageFactory(), "D02"),
            magnitude=3,
            key=uuid4(),
            by=serve(household.village, Role.RECORDER),
            at=IN_MARCH,
        )
    record(household, "D02", 3)
    with pytest.raises(DuplicateDeed):
        accept(declaration)
    declaration.refresh_from_db()
    assert declaration.state == "waiting"
    assert accept(declaration, again=True).state == "pending"


def test_a_declined_declaration_keeps_its_reason_and_no_phone(household, recorder):
    declaration = file(household, phone="13900139000")

    with pytest.raises(ReasonMissing):
        decline(declaration, reason=" ", by=recorder)
    decline(declaration, by=recorder)

    declaration.refresh_from_db()
    assert (declaration.state, declaration.phone) == ("declined", "")
    assert (declaration.reason, declaration.decided_by) == ("同一件事已记过", recorder)
    with pytest.raises(NotDeclared):
        decline(declaration, by=recorder)


def test_i07_nobody_declines_what_was_declared_for_their_own_household(household):
    neighbor = serve(household.village, Role.RECORDER, household=household)

    with pytest.raises(OwnHousehold):
        decline(file(household), by=neighbor)


def test_the_database_keeps_no_phone_of_what_is_settled(household, recorder):
    declaration = decline(file(household), by=recorder)

    with pytest.raises(IntegrityError), transaction.atomic():
        Declaration.objects.filter(pk=declaration.pk).update(phone="13900139000")


def test_undoing_an_acceptance_lets_the_declaration_wait_again(household, recorder):
    declaration = file(household, photo=PHOTO)
    deed = accept(declaration, by=recorder)

    with pytest.raises(NotWithdrawable):
        undo_settled(
            declaration, by=serve(household.village, Role.RECORDER), at=IN_MARCH
        )
    undone = undo_settled(declaration, by=recorder, at=IN_MARCH)

    deed.refresh_from_db()
    assert (undone.state, undone.deed, deed.state) == ("waiting", None, "withdrawn")
    again = accept(undone, by=recorder)
    assert bytes_of(again.photos.get().image) == PHOTO
    with pytest.raises(NotDeclared):
        accept(undone, by=recorder, key=deed.operation.key)


def test_taking_back_the_record_lets_the_declaration_wait_again(household, recorder):
    declaration = file(household)

    withdraw_deed(accept(declaration, by=recorder), by=recorder, at=IN_MARCH)

    declaration.refresh_from_db()
    assert (declaration.state, declaration.decided_by) == ("waiting", None)


def test_what_is_decided_is_not_undone(household, recorder):
    declaration = file(household)
    approve(accept(declaration, by=recorder), at=IN_MARCH)

    with pytest.raises(NotWithdrawable):
        undo_settled(declaration, by=recorder, at=IN_MARCH)


def test_a_refusal_can_be_undone_for_a_day(household, recorder):
    declaration = decline(file(household), by=recorder)

    with pytest.raises(NotWithdrawable):
        undo_settled(
            declaration, by=serve(household.village, Role.RECORDER), at=IN_MARCH
        )
    late = IN_MARCH + UNDONE_WITHIN + timedelta(seconds=1)
    with pytest.raises(NotWithdrawable):
        undo_settled(declaration, by=recorder, at=late)
    undone = undo_settled(declaration, by=recorder, at=IN_MARCH)
    assert (undone.state, undone.reason) == ("waiting", "")
    with pytest.raises(NotWithdrawable):
        undo_settled(declaration, by=recorder, at=IN_MARCH)


def test_a_changed_record_stays_the_declarations(household, recorder):
    declaration = file(household)
    deed = accept(declaration, by=recorder)
    other = HouseholdFactory(village=household.village, group=household.group)
    asked = {
        "happened_on": deed.happened_on,
        "channel": "web",
        "note": deed.note,
        "by": recorder,
        "at": IN_MARCH,
    }

    with pytest.raises(NotChangeable):
        change_deeds(
            [deed],
            [household, other],
            deed.item,
            magnitude=3,
            key=uuid4(),
            **asked,
        )
    changed = change_deeds(
        [deed], [household], deed.item, magnitude=4, key=uuid4(), **asked
    )

    declaration.refresh_from_db()
    assert declaration.deed == changed.deeds[0]
    assert declaration.state == "accepted"


# What the household may read


def test_a_household_reads_what_became_of_its_declarations(household, recorder):
    for text in ("等", "收", "批", "退", "驳"):
        file(household, text=text)
    waiting, accepted, approved, declined, rejected = Declaration.objects.order_by("pk")
    accept(accepted, "D02", by=recorder)
    approve(accept(approved, "D05", 1, by=recorder), at=IN_MARCH)
    decline(declined, by=recorder)
    reject_deed(
        accept(rejected, "Z06", item_of(household.village, "Z06").points_min),
        by=serve(household.village, Role.REVIEWER),
        at=IN_MARCH,
        reason="证明不够",
    )

    read = {one.number: one for one in declarations_of(household)}

    assert [read[d.number].state for d in (waiting, accepted, approved)] == [
        "waiting",
        "pending",
        "approved",
    ]
    assert read[accepted.number].points == 3
    assert (read[declined.number].state, read[declined.number].reason) == (
        "declined",
        "同一件事已记过",
    )
    assert (read[rejected.number].state, read[rejected.number].reason) == (
        "declined",
        "证明不够",
    )


def test_words_that_no_clerk_has_read_are_not_shown(household):
    file(household, text="骂人的话")

    (declared,) = declarations_of(household)
    assert "骂人" not in repr(declared)


def test_a_household_reads_of_objections_about_it_and_no_other(household):
    award(household)
    neighbor = HouseholdFactory(village=household.village, group=household.group)
    publication = publish(household.village)
    entry = Entry.objects.get(household=household, kind="addition")
    facts = {"channel": "web", "by": None, "at": FIRST_OF_APRIL}
    about_line = file_objection(
        publication, text="少了", entry=entry, household=household, **facts
    )
    file_objection(publication, text="别家", household=neighbor, **facts)
    answer_objection(
        about_line,
        uphold=False,
        answer="查过，没有少",
        by=serve(household.village, Role.SUPERVISOR),
        at=AFTER_NOTICE,
    )

    (read,) = objections_of(household)
    assert (read.number, read.line) == (about_line.number, entry.number)
    assert (read.state, read.answer) == ("dismissed", "查过，没有少")
    assert "少了" not in repr(read)


# Objections from the web


@pytest.fixture
def published(household):
    award(household)
    return publish(household.village)


def object_to(publication, **values):
    values.setdefault("text", "名次不对")
    values.setdefault("at", FIRST_OF_APRIL)
    return file_objection(publication, channel="web", by=None, **values)


def test_an_objection_posted_twice_counts_once(published):
    key = uuid4()
    first = object_to(published, key=key, grounds="有照片", contact="13900139000")

    assert object_to(published, key=key, grounds="有照片") == first
    with pytest.raises(FiledAlready):
        object_to(published, key=key, text="别的")
    assert published.objections.count() == 1
    assert (first.filed_by, first.channel) == (None, "web")


def test_a_final_month_can_be_objected_to_and_keeps_its_promise(published):
    village = published.village
    finalize(village)
    late = object_to(published, at=AFTER_NOTICE + timedelta(days=1))

    call_command("verify_ledger")
    village.periods.get(month=date(2026, 3, 1))
    answer_objection(
        late,
        uphold=True,
        answer="下一期更正",
        by=serve(village, Role.SUPERVISOR),
        at=AFTER_NOTICE + timedelta(days=2),
    )
    call_command("verify_ledger")


def test_contacts_are_forgotten_two_weeks_after_the_answer(published):
    objection = object_to(published, contact="13900139000")
    open_one = object_to(published, contact="13900139001")
    answer_objection(
        objection,
        uphold=False,
        answer="没有错",
        by=serve(published.village, Role.SUPERVISOR),
        at=AFTER_NOTICE,
    )

    assert not forget_contacts(published.village, at=AFTER_NOTICE)
    kept_until = AFTER_NOTICE + CONTACT_KEPT
    assert forget_contacts(published.village, at=kept_until) == 1
    assert forget_contacts(published.village, at=kept_until) == 0

    objection.refresh_from_db()
    open_one.refresh_from_db()
    assert (objection.contact, open_one.contact) == ("", "13900139001")


def test_the_daily_timer_forgets_contacts_and_says_so(published, capsys):
    objection = object_to(published, contact="13900139000")
    answer_objection(
        objection,
        uphold=False,
        answer="没有错",
        by=serve(published.village, Role.SUPERVISOR),
        at=AFTER_NOTICE,
    )

    call_command("advance_months", "--today", "2026-04-30")

    assert "删掉了1个联系方式" in capsys.readouterr().out
    objection.refresh_from_db()
    assert objection.contact == ""
