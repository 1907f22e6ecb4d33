"""What an address may hold beside words and numbers."""

from ledger.board import parse_month


class MonthConverter:
    """A month in an address: 2026-03."""

    regex = r"20\d\d-(?:0[1-9]|1[0-2])"

    def to_python(self, value):
        return parse_month(value)

    def to_url(self, value):
        return f"{value:%Y-%m}"


class YearConverter:
    """A year in an address: 2026."""

    regex = r"20\d\d"

    def to_python(self, value):
        return int(value)

    def to_url(self, value):
        return str(value)
