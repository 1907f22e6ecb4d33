"""Households to print cards for, and whose cards stand on a printed sheet."""

import re

from households.models import Passbook
from households.passbooks import Card, token_of
from households.qr_codes import qr_svg
from tests.factories import HouseholdFactory

PAGE = "/admin/cards/"
SHEETS = "/admin/cards/sheets/"


def fourteen_homes(village):
    """Return twelve households in 1社, two in 2社, in the order of their numbers."""
    first, second = village.groups.order_by("number")
    names = ["罗青山", "陈德寿", *[f"李小{n}" for n in "甲乙丙丁戊己庚辛壬癸子丑"]]
    return [
        HouseholdFactory(
            village=village,
            group=first if index < 12 else second,
            number=f"{index + 1:03d}",
            head_name=name,
        )
        for index, name in enumerate(names)
    ]


def card_of(passbook):
    return Card(passbook.household, token_of(passbook))


def households_on(response):
    """Return whose cards stand on the sheets, read from the drawn codes."""
    drawn = {
        re.search(r' d="([^"]+)"', qr_svg(card_of(passbook).address))[
            1
        ]: passbook.household
        for passbook in Passbook.objects.select_related("household__village")
    }
    return [drawn[path] for path in re.findall(r' d="(M0[^"]+)"', response.text)]
