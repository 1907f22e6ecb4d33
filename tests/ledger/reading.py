"""Read a public page as a visitor does: its words, without the markup."""

import re
from html import unescape


def text_of(response):
    """Return what a reader reads, without markup and runs of spaces."""
    html = response.content.decode()
    body = html[html.index("<body") :]
    return " ".join(unescape(re.sub(r"<[^>]+>", "", body)).split())


def read(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status, path
    return text_of(response)
