"""What nobody's neighbor may learn: planted everywhere, looked for everywhere.

Two households each have a deduction, a phone, an identity number, an address and
words of their own in every field that takes words. Whoever has no card reads none
of it; whoever has one reads what is the own household's.
"""

import re
from uuid import uuid4

import pytest

from households.models import Household
from households.passbooks import print_cards
from ledger import announcing, board
from ledger.correcting import propose_correction
from ledger.models import Entry
from ledger.objections import file_objection
from ledger.receiving import file_declaration
from tests.factories import (
    AFTER_NOTICE,
    FIRST_OF_APRIL,
    HouseholdFactory,
    approve,
    award,
    exchange,
    finalize,
    offer,
    publish,
    record,
    serve,
)
from tests.ledger.gatherings import arrive, close, invite
from tests.ledger.test_public_promises import crawl
from tests.two_villages import everything

IDENTITY, ADDRESS = "500112196503071234", "翠竹院子88号"
BIRDS = {"001": ("朱鹮", "13900139001"), "002": ("夜莺", "13900139002")}


def words_of(number):
    """Return what is planted for a household: name, phone, number, words."""
    bird, phone = BIRDS[number]
    return [f"{bird}先生", bird, phone, f"{IDENTITY}{number}", f"{ADDRESS}{number}"]


EVERYTHING = [*words_of("001"), *words_of("002"), IDENTITY, ADDRESS]


@pytest.fixture(autouse=True)
def _own_directory(settings, tmp_path):
    settings.DATA_DIR = settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def homes(village):
    return [plant(village, number) for number in BIRDS]


def plant(village, number):
    bird, phone = BIRDS[number]
    said = f"{bird}说的，{ADDRESS}{number}，{IDENTITY}{number}"
    household = HouseholdFactory(
        village=village,
        group=village.groups.get(number=1),
        number=number,
        head_name=f"{bird}先生",
        phone=phone,
    )
    cleaning = invite(village)
    arrive(cleaning, household)
    close(cleaning)
    approve(cleaning.sign_ins.get().deed)
    award(household, "D03", 30, note=said)
    approve(record(household, "N01", 5, note=said))
    file_declaration(
        household,
        text=said,
        happened_on=FIRST_OF_APRIL.date(),
        phone=phone,
        photo=b"",
        key=uuid4(),
        at=FIRST_OF_APRIL,
    )
    return household


@pytest.fixture
def planted(village, homes):
    publication = publish(village)
    for household in homes:
        bird, phone = BIRDS[household.number]
        file_objection(
            publication,
            text=f"{bird}不服",
            grounds=f"{bird}看见的",
            contact=phone,
            channel="phone",
            household=household,
            by=None,
            at=FIRST_OF_APRIL,
        )
        entry = Entry.objects.get(household=household, kind="deduction")
        recorder = serve(village, "recorder")
        propose_correction(entry, reason=f"{bird}记错", by=recorder, at=FIRST_OF_APRIL)
    village.objections.update(state="dismissed", decided_at=AFTER_NOTICE)
    finalize(village)
    salt = offer(village)
    for household in homes:
        bird, _phone = BIRDS[household.number]
        exchange(household, {salt: 5}, collected_by=f"{bird}代领")
    return village


def told_by(response):
    """Return all that an answer says: its body and its headers."""
    return response.content.decode(errors="replace") + repr(response.headers)


@pytest.mark.parametrize("choice", ["lang=zh-hans", "lang=en", "big=1"])
def test_no_public_page_file_or_header_tells_what_was_planted(planted, client, choice):
    client.get(f"/v/taoxi/?{choice}")

    told = {path: told_by(answer) for path, answer in crawl(client).items()}

    assert len(told) > 20
    assert {
        (path, secret)
        for path, text in told.items()
        for secret in EVERYTHING
        if secret in text
    } == set()


def test_no_text_to_read_out_or_to_share_tells_it(planted):
    document = board.read(planted.publications.get().document)

    texts = [
        announcing.broadcast(document),
        announcing.group_message(document, address="https://board.example/"),
    ]

    assert not any(secret in text for text in texts for secret in EVERYTHING)
    assert not any(re.search(r"[-−－]\d", text) for text in texts)


def cards_of(village):
    homes = Household.objects.filter(village=village)
    cards = print_cards(village, homes, by=None, at=AFTER_NOTICE)
    return {card.household.number: card.token for card in cards}


def pages_of(client, token):
    """Scan a card and follow every link of the passbook's own pages."""
    scanned = client.get(f"/p/{token}/")
    pages, waiting = {"scan": scanned}, [scanned.url]
    while waiting:
        path = waiting.pop()
        if path in pages:
            continue
        pages[path] = client.get(path)
        assert pages[path].status_code in (200, 303), path
        links = re.findall(r'href="([^"#]*)', pages[path].content.decode())
        waiting += [link for link in links if link.startswith("/my/")]
    return pages


def test_a_card_tells_nothing_of_the_neighbor(planted, client):
    pages = pages_of(client, cards_of(planted)["001"])

    told = "".join(told_by(page) for page in pages.values())

    assert f"{BIRDS['001'][0]}先生" in told
    assert [word for word in words_of("002") if word in told] == []
    assert len(pages) > 5


def test_the_code_of_a_card_is_nowhere_but_on_the_card(planted, client, caplog):
    token = cards_of(planted)["001"]
    pages = pages_of(client, token)

    told = "".join(told_by(page) for page in pages.values())

    assert token not in told
    assert token not in caplog.text
    assert token not in repr(everything())
    assert all(token not in page.headers.get("Location", "") for page in pages.values())


def test_a_forwarded_address_opens_nothing(planted, client):
    pages = pages_of(client, cards_of(planted)["001"])
    client.cookies.clear()

    for path in pages.keys() - {"scan"}:
        told = client.get(path, follow=True).content.decode()
        assert not any(word in told for word in words_of("001")), path
