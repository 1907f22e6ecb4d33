"""A published month as a table for a spreadsheet: the same rows as the page."""

import csv
import io
import unicodedata

from django.utils.translation import gettext as _

from ledger.board import group_names

# What a spreadsheet takes for the beginning of a formula, in either width.
FORMULA_STARTS = frozenset("=+-@＝＋－＠\t\r\n\0")
BYTE_ORDER_MARK = "\ufeff"


def standings_csv(document: dict) -> bytes:
    """Write the standings of a document: UTF-8 with its mark, every field quoted."""
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    for row in _rows(document):
        writer.writerow([harmless(cell) for cell in row])
    return text.getvalue().encode()


def harmless(cell: str | int) -> str | int:
    """Keep a cell from being read as a formula; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    starts_formula = cell[:1] in FORMULA_STARTS or cell.lstrip()[:1] in FORMULA_STARTS
    shown = "".join(c for c in cell if unicodedata.category(c) != "Cc")
    return f"'{shown}" if starts_formula and cell else shown


def _rows(document: dict) -> list[list]:
    names = group_names(document)
    below = _("below %(base)s") % {"base": document["base"]}
    heading = [
        _("Villager group"),
        _("No."),
        _("Head"),
        _("Points"),
        _("This month"),
        _("Rank"),
    ]
    return [heading] + [
        [
            names[row["group"]],
            row["number"],
            row["name"],
            row.get("score", below),
            row.get("month", ""),
            row.get("place", ""),
        ]
        for row in document["rows"]
    ]
