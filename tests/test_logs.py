"""No line of any log tells the code of a card, whoever writes it."""

import io
import logging

import pytest

from config.logs import mask

TOKEN = "7ZQ4N8RT5V2XW9YKM3PJHG6FDC"
CARD = f"/p/{TOKEN}/"


@pytest.fixture
def written():
    """Return what one more handler of the root log has written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logging.getLogger().addHandler(handler)
    yield stream.getvalue
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"Not Found: {CARD}", "Not Found: /p/***"),
        (
            f'"GET {CARD}?from=timeline HTTP/1.1"',
            '"GET /p/***?from=timeline HTTP/1.1"',
        ),
        (f"GET /p/{TOKEN} HTTP/1.1", "GET /p/*** HTTP/1.1"),
        (f"GET /p//x/{TOKEN}/y HTTP/1.1", "GET /p/*** HTTP/1.1"),
        (f"https://ledger.example{CARD}#top", "https://ledger.example/p/***#top"),
        (f"<WSGIRequest: GET '{CARD}'>", "<WSGIRequest: GET '/p/***'>"),
        ("/v/taoxi/ /my/ /p/", "/v/taoxi/ /my/ /p/"),
    ],
)
def test_a_code_is_masked_wherever_it_stands(text, masked):
    assert mask(text) == masked


def test_a_server_s_own_line_about_a_request_is_masked(written):
    # As gunicorn writes its access log: a format and the atoms of the request.
    log = logging.getLogger("somebody.access")

    log.warning("%(m)s %(U)s %(s)s", {"m": "GET", "U": CARD, "s": 303})

    assert written() == "WARNING GET /p/*** 303\n"


def test_a_traceback_is_masked(written):
    try:
        raise ValueError(f"no page at {CARD}")
    except ValueError:
        logging.getLogger("somebody").exception("Error at %s", CARD)

    assert "ValueError: no page at /p/***" in written()
    assert TOKEN not in written()


def test_a_card_that_is_not_found_is_logged_without_its_code(db, client, written):
    response = client.get(CARD)

    assert response.status_code == 404
    assert "Not Found: /p/***" in written()
    assert TOKEN not in written()


def test_a_page_that_breaks_is_logged_without_its_code(
    db, client, written, monkeypatch
):
    client.raise_request_exception = False
    monkeypatch.delattr("ledger.public.passbook_pages.find_passbook")

    response = client.get(CARD)

    assert response.status_code == 500
    assert "Internal Server Error: /p/***" in written()
    assert TOKEN not in written() + response.text
