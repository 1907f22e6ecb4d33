"""一表通: the year as one flat table, a row for each household, and its dictionary.

The columns are a promise to whoever reads the table by machine: they are kept
in a data file in their order, in Chinese whatever the language of the page.
"""

import csv
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ledger.stars import stars_of
from rewards.annual.lines import MONTHS, HouseholdLine, VillageYear
from rewards.annual.tables import Column, Kind, Table

DICTIONARY = Path(__file__).with_name("data") / "one_table.csv"
NAME, DICTIONARY_NAME = "一表通", "数据字典"
YES, NO = "是", "否"
NUMBER = "整数"


class Field(NamedTuple):
    """A column of the table, as the data dictionary tells of it."""

    title: str
    kind: str
    meaning: str
    source: str
    name: str


@cache
def fields() -> tuple[Field, ...]:
    """Return the columns in their order."""
    with DICTIONARY.open(encoding="utf-8", newline="") as file:
        _heads, *rows = csv.reader(file)
    return tuple(Field(*row) for row in rows)


def one_table(title: str, years: Sequence[VillageYear]) -> Table:
    """Return a row for each household of each village: the same facts as the report."""
    rows = []
    for year in years:
        for line in year.households:
            facts = _facts(year, line)
            rows.append([facts[field.name] for field in fields()])
    return Table(
        name=NAME,
        title=title,
        columns=[
            Column(
                field.title,
                Kind.NUMBER if field.kind == NUMBER else Kind.TEXT,
                width=10,
            )
            for field in fields()
        ],
        rows=rows,
        frozen=6,
        is_wide=True,
    )


def dictionary_table(title: str) -> Table:
    """Return what each column means, of which kind it is, and where it comes from."""
    return Table(
        name=DICTIONARY_NAME,
        title=title,
        columns=[
            Column("字段名", Kind.TEXT, 14),
            Column("类型", Kind.TEXT, 8),
            Column("含义", Kind.TEXT, 56),
            Column("来源", Kind.TEXT, 8),
        ],
        rows=[field[:4] for field in fields()],
    )


def one_table_rows(years: Sequence[VillageYear]) -> Iterator[Sequence]:
    """Yield the heads and then the rows, for CSV."""
    table = one_table("", years)
    yield [column.title for column in table.columns]
    for row in table.rows:
        yield ["" if cell is None else cell for cell in row]


def _facts(year: VillageYear, line: HouseholdLine) -> dict:
    household, village = line.household, year.village
    stars = stars_of(line.score, village.policy)
    months = {f"month_{month}": line.months[month - 1] for month in MONTHS}
    return {
        "year": year.year,
        "township": village.township.name,
        "village": village.name,
        "group": line.group,
        "number": household.number,
        "head": household.head_name,
        "is_listed": YES if line.is_listed else NO,
        "final_months": len(year.months),
        "base": line.base,
        "gained": line.gained,
        "lost": line.lost,
        "score": line.score,
        "place": line.place,
        "deeds": line.deeds,
        "redeemed": line.redeemed,
        "left": line.left,
        **months,
        "stars": stars.count if stars else None,
        "is_awarded": YES if household.pk in year.awarded else NO,
        "check_code": year.months[-1].digest[:16] if year.months else "",
    }
