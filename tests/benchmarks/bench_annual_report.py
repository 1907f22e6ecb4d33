"""The township's workbook against XlsxWriter writing the same rows and nothing else.

Eighteen villages of 230 households: the figures stand ready, what is measured is
making the tables and writing them, with widths, formats, panes and print areas.
Both are measured in one run, turn about; the ceiling is 2.0 times.
"""

import io
import time
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from statistics import median

import xlsxwriter

from rewards.annual.figures import village_year
from rewards.annual.lines import MONTHS
from rewards.annual.one_table import dictionary_table, one_table
from rewards.annual.sheets import report
from rewards.annual.workbook import Export, write_workbook
from tests.factories import HouseholdFactory, award, finalize, publish

VILLAGES, HOUSEHOLDS = 18, 230
TURNS = 7
CEILING = 2.0
TITLE = "清溪镇2026年度积分报告"


def test_the_workbook_against_its_bare_rows(village, capsys):
    years = a_township_year(village)
    rows = bare_rows(years)
    ratios = []
    for _ in range(TURNS):
        started = time.perf_counter()
        export = Export("陈小春", datetime(2027, 1, 9, 2, tzinfo=UTC))
        write_workbook(io.BytesIO(), TITLE, years, export=export)
        middle = time.perf_counter()
        write_bare(rows)
        ours, bare = middle - started, time.perf_counter() - middle
        ratios.append(ours / bare)
        with capsys.disabled():
            print(f"\nworkbook {ours:.2f} s, bare rows {bare:.2f} s", end="")
    cells = sum(len(row) for sheet in rows for row in sheet)
    with capsys.disabled():
        print(f"\n{cells} cells, ratio {median(ratios):.2f}, ceiling {CEILING}")

    assert median(ratios) <= CEILING


def a_township_year(village):
    """Return the figures of one small village as those of a large township."""
    award(HouseholdFactory(village=village, group=village.groups.first()))
    publish(village)
    finalize(village)
    small = village_year(village, 2026)
    draw = Random(2026)
    homes = [
        replace(
            small.households[0],
            months=tuple(draw.randrange(-2, 25) for _month in MONTHS),
            gained=draw.randrange(150),
            left=draw.randrange(80),
            place=place,
        )
        for place in range(1, HOUSEHOLDS + 1)
    ]
    return [replace(small, households=homes)] * VILLAGES


def bare_rows(years):
    tables = [*report(TITLE, years), one_table(TITLE, years), dictionary_table(TITLE)]
    return [
        [
            [table.title],
            [table.note],
            [column.title for column in table.columns],
            *table.rows,
            table.total,
        ]
        for table in tables
    ]


def write_bare(sheets):
    with xlsxwriter.Workbook(io.BytesIO(), {"constant_memory": True}) as workbook:
        for rows in sheets:
            sheet = workbook.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
