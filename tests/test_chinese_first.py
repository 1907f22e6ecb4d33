"""The staff's Chinese pages hold no English word but those everybody knows."""

import re
from html import unescape

import pytest

from households.roles import Role
from tests.factories import award, publish, record, serve

# Channels, file formats, addresses' short names, keys of the keyboard, accounts,
# initials as they are typed.
KNOWN = {
    "QQ",
    "CSV",
    "WPS",
    "Excel",
    "MB",
    "English",
    "taoxi",
    "town",
    "xlsx",
    "csv",
    "Esc",
    "lqs",
    "Ctrl",
}
HIDDEN = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", re.DOTALL)
WORD = re.compile(r"[A-Za-z]{2,}")
LINK = re.compile(r'href="(/admin/[^"#]*)')
# Where data is shown as it is stored: digests, documents, English titles, codes.
STORED = re.compile(r"/change/|/(auditevent|publication|operation)/")


def words_of(response):
    html = response.content.decode()
    if "<body" not in html:
        return set()
    text = unescape(HIDDEN.sub(" ", html[html.index("<body") :]))
    return set(WORD.findall(text)) - KNOWN


@pytest.mark.parametrize("role", Role.values)
def test_every_link_of_the_desk_answers_in_chinese(client, village, household, role):
    award(household, "Z05", 5)
    publish(village)
    record(household, "Z01")
    person = serve(village, role, username="abc", last_name="王", first_name="芳")
    client.force_login(person)

    found, waiting = {}, ["/admin/"]
    while waiting:
        path = unescape(waiting.pop())
        if path in found:
            continue
        response = client.get(path)
        assert response.status_code in (200, 302), path
        found[path] = set()
        waiting += LINK.findall(f'href="{response.get("Location", "")}')
        if response.headers.get("Content-Type", "").startswith("text/html"):
            if not STORED.search(path):
                found[path] = words_of(response)
            if len(found) < 150:
                waiting += LINK.findall(response.content.decode())

    assert len(found) > 1
    assert {path: words for path, words in found.items() if words} == {}
