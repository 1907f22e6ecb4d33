"""A published month as a table for a spreadsheet: the rows of the document.

Nobody can take a file back, so it names nobody in full.
"""

from django.utils.translation import gettext as _

from households.masking import mask_name
from households.written_sheets import csv_table
from ledger.board import group_names


def standings_csv(document: dict) -> bytes:
    """Write the standings of a document: UTF-8 with its mark, every field quoted."""
    return csv_table(_rows(document))


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
            mask_name(row["name"]),
            row.get("score", below),
            row.get("month", ""),
            row.get("place", ""),
        ]
        for row in document["rows"]
    ]
