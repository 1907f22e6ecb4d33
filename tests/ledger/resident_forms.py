"""A form of a public page as a browser without scripts and cookies sends it."""

import re
from html import unescape

from tests.ledger.reading import text_of

FIELD = re.compile(r"<(?:input|textarea)\b[^>]*>(?:([^<]*)</textarea>)?")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


def fields_of(response):
    """Return what the form of a page would send as it stands."""
    html = response.content.decode()
    form = html[html.index('<form class="sheet" id="asked"') :]
    form = form[: form.index("</form>")]
    sent = {}
    for match in FIELD.finditer(form):
        attributes = dict(ATTRIBUTE.findall(match[0].split(">")[0]))
        kind = attributes.get("type", "textarea")
        if kind == "file" or "name" not in attributes:
            continue
        if kind in {"radio", "checkbox"} and " checked" not in match[0]:
            continue
        value = attributes.get("value", match[1] or "")
        sent[attributes["name"]] = unescape(value).strip()
    return sent


def send(client, page, step, **typed):
    """Fill in a page that was got and press one of its buttons."""
    html = page.content.decode()
    address = re.search(r'<form class="sheet"[^>]*action="([^"]*)"', html)[1]
    return client.post(address, {**fields_of(page), "step": step, **typed})


def errors_of(response):
    """Return what the summary at the top of a form says."""
    html = response.content.decode()
    if "to-change" not in html:
        return ""
    start = html.index('class="to-change"')
    part = html[start : html.index("</section>", start)]
    return " ".join(re.sub(r"<[^>]+>", " ", "<" + part).split())


__all__ = ["errors_of", "fields_of", "send", "text_of"]
