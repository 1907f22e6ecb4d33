"""Say in plain lines what an uploaded roster holds and what stops it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from households.models import ImportBatch
from households.roster_comparison import CONFLICT, DETAILS

DIFFERING = (CONFLICT, DETAILS)


def report_lines(batch: ImportBatch) -> Iterator[str]:
    """Write the report of a checked roster, one fact a line."""
    report = batch.report
    yield read_from(report)
    yield counts(report)
    if report["groups"]:
        yield groups(report)
    yield from left_out(report)
    yield from (note_line(note) for note in report["notes"])
    yield from (differing_line(row) for row in batch.rows if row["kind"] in DIFFERING)
    yield from (refusal_line(refusal) for refusal in report["refusals"])


def read_from(report: dict) -> str:
    """Say which sheet was read and where its headings stand."""
    facts = {"sheet": report["sheet"], "row": report["heading_row"]}
    if report["sheet"]:
        return _("Sheet “%(sheet)s”, headings in row %(row)s") % facts
    return _("Text table, headings in row %(row)s") % facts


def counts(report: dict) -> str:
    """Say how many households are new, known, different and refused."""
    return _(
        "New %(new)s · unchanged %(unchanged)s · another group or phone %(details)s · "
        "another head %(conflict)s · refused cells %(refused)s · rows left out %(out)s"
    ) % {
        **report,
        "refused": len(report["refusals"]),
        "out": len(report["dropped"]),
    }


def groups(report: dict) -> str:
    """Say how many households stand in each group."""
    return _("Groups: %(groups)s") % {
        "groups": "、".join(
            _("%(group)s %(count)s households") % {"group": group, "count": count}
            for group, count in report["groups"]
        )
    }


def left_out(report: dict) -> Iterator[str]:
    """Say what was not read: columns, rows, broken cells."""
    if report["private_headings"]:
        yield _("Not read and not stored, identity numbers: %(headings)s") % {
            "headings": "、".join(report["private_headings"])
        }
    if report["unread_headings"]:
        yield _("Columns that are not needed: %(headings)s") % {
            "headings": "、".join(report["unread_headings"])
        }
    if report["unreadable_cells"]:
        yield _("Cells without a result, read as empty: %(cells)s") % {
            "cells": "、".join(report["unreadable_cells"][:20])
        }
    if report["hidden_rows"]:
        yield _("Hidden rows were read too: %(count)s") % {
            "count": report["hidden_rows"]
        }
    for line in report["dropped"]:
        yield dropped_line(line)


def dropped_line(line: dict) -> str:
    """Name one row that was left out."""
    if not line["text"]:
        return _("Row %(row)s left out: %(reason)s") % line
    return _("Row %(row)s left out: %(text)s (%(reason)s)") % line


def note_line(note: dict) -> str:
    """Name one cell that was read differently from how it stands."""
    return _("Row %(row)s · %(column)s · %(text)s") % note


def differing_line(row: dict) -> str:
    """Name one known number of which the file says something else."""
    if row["kind"] == DETAILS:
        return _("Row %(row)s · number %(number)s: another group or phone") % row
    return (
        _("Row %(row)s · number %(number)s is %(known)s here, and %(head)s in the file")
        % row
    )


def refusal_line(refusal: dict) -> str:
    """Name one cell that stops the import, and the way out."""
    if not refusal["value"]:
        return (
            _("Row %(row)s · %(column)s · empty · %(problem)s · %(remedy)s") % refusal
        )
    return (
        _("Row %(row)s · %(column)s · “%(value)s” · %(problem)s · %(remedy)s") % refusal
    )


def imported_line(report: dict) -> str:
    """Say what an import has done."""
    if not any(report[kind] for kind in ("new", *DIFFERING)):
        return _("Every household is already here, unchanged.")
    return _("Imported: %(created)s households added, %(replaced)s changed.") % {
        "created": len(report["created"]),
        "replaced": len(report["replaced"]),
    }
