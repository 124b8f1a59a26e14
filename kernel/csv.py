"""Tables as text, for spreadsheets."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of something to be computed."""


class _Echo:
    """A file that gives back what is written into it."""

    def write(self, line: str) -> str:
        return line


def lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The rows one by one as lines of CSV, ready to be sent."""
    writer = csv.writer(_Echo())
    for row in rows:
        line: str = writer.writerow(row)
        yield line


def cell(value: object) -> str:
    """A value as text that no spreadsheet computes; nothing for None, a moment in ISO 8601."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULAS) else value
    if value is None:
        return ""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text


def plain(text: str) -> str:
    """What a cell said before it was kept from being computed."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULAS) else text
