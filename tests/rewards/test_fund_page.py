"""资金收支: the cash book of the exchange fund, as it is kept and as it is read."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from households.roles import Role
from ledger.evidence import read_photo
from ledger.months import first_day
from rewards.fund import record_fund_movement
from rewards.fund_book import fund_month, months_of_fund
from rewards.models import FundMovement
from tests.factories import VillageFactory, serve
from tests.two_villages import visitor

FUND = reverse("rewards_desk:fund")
TODAY = timezone.localdate()
THIS_MONTH = first_day(TODAY)
LAST_MONTH = first_day(THIS_MONTH - timedelta(days=1))
READERS = [Role.SUPERVISOR, Role.TOWNSHIP]
STRANGERS = [Role.RECORDER, Role.REVIEWER, Role.SHOPKEEPER]


@pytest.fixture
def desk(village_admin):
    return visitor(village_admin)


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def money(village, village_admin):
    def money(kind, fen, **values):
        values = {
            "happened_on": TODAY,
            "party": "镇财政所",
            "voucher": "收-001",
            "key": uuid4(),
            "by": village_admin,
            "at": timezone.now(),
            **values,
        }
        return record_fund_movement(village, kind=kind, fen=fen, **values)

    return money


def form_of(village, **typed):
    return {
        "village": village.slug,
        "key": str(uuid4()),
        "kind": "grant",
        "fen": "1,000",
        "happened_on": TODAY.isoformat(),
        "party": "镇财政所",
        "voucher": "收-001",
        "note": "",
        **typed,
    }


def take_back_of(movement):
    return reverse("rewards_desk:fund-take-back", args=[movement.pk])


def scan_of(movement):
    return reverse("rewards_desk:fund-scan", args=[movement.pk])


def reason(movement, **typed):
    values = {"village": movement.village.slug, "key": str(uuid4())}
    return {**values, "reason": "多写了一个零", **typed}


def photo(name="voucher.jpg"):
    file = BytesIO()
    Image.new("RGB", (80, 60), "red").save(file, "PNG", comment="secret place")
    return SimpleUploadedFile(name, file.getvalue())


def balance():
    return FundMovement.objects.all().balance()


@pytest.mark.parametrize(
    ("typed", "fen"),
    [("1,234.5", 123_450), ("1234.50", 123_450), ("１，２３４．５０元", 123_450)],
)
def test_an_amount_is_kept_to_the_fen_however_it_is_typed(desk, village, typed, fen):
    desk.post(FUND, form_of(village, fen=typed))

    assert balance() == fen


def test_a_purchase_leaves_the_fund_with_its_facts(desk, village, village_admin):
    desk.post(
        FUND,
        form_of(
            village,
            kind="purchase",
            fen="86.4",
            party="供销社",
            voucher="付-007",
            note="酱油12瓶",
        ),
    )

    movement = FundMovement.objects.get()
    assert (movement.fen, movement.number) == (-8_640, 1)
    assert (movement.party, movement.voucher) == ("供销社", "付-007")
    assert (movement.note, movement.recorded_by) == ("酱油12瓶", village_admin)


def test_after_saving_the_month_of_the_voucher_is_shown(desk, village, money):
    day = LAST_MONTH.isoformat()
    money("grant", 100)

    answer = desk.post(FUND, form_of(village, happened_on=day), follow=True)

    assert answer.context["book"].month == LAST_MONTH
    assert answer.context["budget"].promise.fund_fen == 100_100


def test_the_same_form_sent_twice_counts_once(desk, village):
    form = form_of(village)

    for _ in range(2):
        desk.post(FUND, form)
    other = desk.post(FUND, {**form, "fen": "2,000"})

    assert balance() == 100_000
    assert other.context["form"].non_field_errors()
    assert other.context["form"]["key"].value() != form["key"]


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": ""},
        {"kind": "correction"},
        {"fen": "一千"},
        {"fen": "0"},
        {"fen": "1,000,000.01"},
        {"fen": "-5"},
        {"happened_on": ""},
        {"happened_on": (TODAY + timedelta(days=1)).isoformat()},
        {"party": " "},
        {"voucher": ""},
    ],
)
def test_what_is_missing_or_impossible_keeps_what_was_typed(desk, village, typed):
    answer = desk.post(FUND, form_of(village, **typed))

    form = answer.context["form"]
    assert form.errors
    assert {name: form[name].value() for name in typed} == typed
    assert balance() == 0


def test_a_photo_of_the_voucher_is_drawn_anew_and_kept_under_another_name(
    desk, village, media
):
    desk.post(FUND, {**form_of(village), "scan": photo("发票 王小明.png")})

    scan = FundMovement.objects.get().scan
    assert "王小明" not in scan.name
    assert len(scan.name.split("/")[-1]) == len("0" * 32 + ".jpg")
    with scan.open("rb") as file:
        content = file.read()
    assert Image.open(BytesIO(content)).format == "JPEG"
    assert b"secret place" not in content


def test_a_file_that_is_no_photo_is_refused(desk, village, media):
    answer = desk.post(
        FUND, {**form_of(village), "scan": SimpleUploadedFile("x.jpg", b"<script>")}
    )

    assert answer.context["form"].errors.keys() == {"scan"}
    assert not list(media.iterdir())


@pytest.mark.parametrize("role", list(Role))
def test_a_photo_is_handed_out_to_who_reads_the_fund_and_to_nobody_else(
    role, village, money, media
):
    movement = money("grant", 100, scan=read_photo(photo()))

    answer = visitor(serve(village, role)).get(scan_of(movement))

    is_reader = role in [Role.ADMIN, *READERS]
    assert answer.status_code == (200 if is_reader else 404)
    if is_reader:
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["Cache-Control"] == "private, no-store"
        assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_line_without_a_photo_hands_out_none(desk, money):
    assert desk.get(scan_of(money("grant", 100))).status_code == 404


def test_a_wrong_line_is_taken_back_after_one_page(desk, money):
    movement = money("grant", 1_000_000)
    look = desk.get(take_back_of(movement))

    answer = desk.post(take_back_of(movement), reason(movement), follow=True)

    assert "10,000" in look.text
    assert balance() == 0
    first, second = answer.context["book"].lines
    assert (first.is_taken_back, second.is_taken_back) == (True, False)
    assert second.movement.note == "多写了一个零"
    assert take_back_of(movement) not in answer.text


def test_nothing_is_taken_back_without_a_reason_or_twice(desk, money):
    movement = money("grant", 100)

    without = desk.post(take_back_of(movement), reason(movement, reason=" "))
    desk.post(take_back_of(movement), reason(movement))
    again = desk.post(take_back_of(movement), reason(movement))

    assert without.context["form"].errors.keys() == {"reason"}
    assert again.context["form"].non_field_errors()
    assert FundMovement.objects.count() == 2


def test_the_same_taking_back_sent_twice_counts_once(desk, money):
    movement = money("grant", 100)
    form = reason(movement)

    answers = {desk.post(take_back_of(movement), form).status_code for _ in range(2)}

    assert answers == {302}
    assert FundMovement.objects.count() == 2


def test_the_book_runs_by_the_day_of_the_voucher(village, money):
    money("grant", 1_000, happened_on=THIS_MONTH)
    money("purchase", 300, happened_on=LAST_MONTH.replace(day=9))
    money("donation", 500, happened_on=LAST_MONTH.replace(day=2))

    last, this = (fund_month(village, month) for month in (LAST_MONTH, THIS_MONTH))

    assert months_of_fund(village) == [THIS_MONTH, LAST_MONTH]
    assert (last.opening, last.closing, this.opening) == (0, 200, 200)
    assert [line.balance for line in last.lines] == [500, 200]
    assert [line.balance for line in this.lines] == [1_200]


def test_corrections_are_taken_off_the_sum_they_belong_to(village, money, desk):
    wrong = money("purchase", 900, happened_on=LAST_MONTH)
    money("purchase", 90, happened_on=LAST_MONTH)
    desk.post(take_back_of(wrong), reason(wrong))

    book = fund_month(village, LAST_MONTH)

    assert (book.income, book.spending, book.closing) == (0, -90, -90)


def test_an_overdrawn_fund_says_that_somebody_advanced_the_money(desk, money):
    calm = desk.get(FUND)
    money("purchase", 100)

    assert "desk-caution" not in calm.text
    assert "desk-caution" in desk.get(FUND).text


@pytest.mark.parametrize("month", ["2020-01", "x", "0001-01", "9999-12", "2026-13"])
def test_a_month_without_lines_leads_to_the_newest(desk, money, month):
    money("grant", 100, happened_on=LAST_MONTH)

    assert desk.get(FUND, {"month": month}).context["book"].month == LAST_MONTH


def test_an_empty_book_has_its_page(desk):
    page = desk.get(FUND)

    assert page.context["book"].month == THIS_MONTH
    assert page.context["book"].closing == 0


@pytest.mark.parametrize("role", READERS)
def test_who_only_reads_the_fund_writes_nothing_into_it(village, money, role):
    movement = money("grant", 100)
    client = visitor(serve(village, role))

    page = client.get(FUND)
    answers = {
        client.post(FUND, form_of(village)).status_code,
        client.get(take_back_of(movement)).status_code,
        client.post(take_back_of(movement), reason(movement)).status_code,
    }

    assert (page.status_code, page.context["form"]) == (200, None)
    assert take_back_of(movement) not in page.text
    assert answers == {404}
    assert balance() == 100


@pytest.mark.parametrize("role", STRANGERS)
def test_others_do_not_see_the_fund(village, money, role):
    movement = money("grant", 100)
    client = visitor(serve(village, role))

    answers = {
        client.get(FUND).status_code,
        client.post(FUND, form_of(village)).status_code,
        client.post(take_back_of(movement), reason(movement)).status_code,
    }

    assert answers == {404}


def test_township_staff_choose_the_village(village, money):
    neighbor = VillageFactory(township=village.township, name="双河村")
    money("grant", 100)
    client = visitor(serve(village, Role.TOWNSHIP))

    pages = [client.get(FUND, {"village": v.slug}) for v in (village, neighbor)]

    assert [page.context["budget"].promise.fund_fen for page in pages] == [100, 0]
    assert neighbor.name in pages[0].text


def test_the_book_asks_as_many_questions_for_many_lines(
    desk, money, django_assert_max_num_queries
):
    for _ in range(8):
        money("grant", 100)

    with django_assert_max_num_queries(20):
        desk.get(FUND)
