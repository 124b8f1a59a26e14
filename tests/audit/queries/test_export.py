"""The history as a file: the same bytes from either database, whoever writes them."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from accounts.events import SignedIn
from audit.events import About
from audit.log import record
from audit.models import Entry
from audit.queries import export
from kernel.period import DAY, SECOND
from tests import make
from tests.make import MICROSECOND, NINE

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

TEXTS = (
    "", " ", "plain", "a, b", 'said "so"', "line\nbreak", "carriage\rreturn", "both\r\nof them", "tab\there",
    "back\\slash", "\\.", "'quoted'", "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", '="x"', "%s %(x)s {} %%",
    "Zoë ☃ 🦓 Ωmega",
    "\x01\x02\x1f\x7f\x85\u2028", "\b\f/", ',"facts":{"a": 1}', ',"digest":"x"', "NULL", "\\N", "#" * 5000,
)  # fmt: skip
FACTS: tuple[dict[str, Any], ...] = (
    {},
    {"a": 1, "bb": [1, 2, {"c": None}], "ü": True},
    {"digest": 'x", "y: z', "facts": ", "},
    {"text": "a: b, \\\"c\\\": d"},
)  # fmt: skip


@pytest.fixture
def entries(user):
    """Whatever may stand in the history, several at one moment."""
    for number, text in enumerate(TEXTS):
        at = NINE + number // 3 * (SECOND + 120 * MICROSECOND) - number % 2 * DAY
        about = About(person_name=text[:200], role_name=text[:200], role_id=number or None)
        event = SignedIn(because=text, approver_name=text[:200], ticket_number=text[:100], outcome=text[:200])
        record(make.act(by=user if number % 2 else None, at=at), event, about=about)
    for number, facts in enumerate(FACTS):
        at, ip = NINE + timedelta(days=number), f"2001:db8::{number + 1}"
        Entry(kind="x", at=at, actor_name="x", ip=ip, facts=facts).save()

    return list(Entry.objects.all())


def row(entry, names):
    return {name: getattr(entry, name) for name in names}


def as_text(value):
    """A cell of the spreadsheet, as `docs/history.md` says."""
    if value in (None, {}):
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
    text = text.isoformat() if hasattr(text, "isoformat") else str(text)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text


@pytest.mark.parametrize("chunk", [2, 7, 5000])
def test_a_spreadsheet_gets_the_bytes_that_pythons_csv_writes(entries, monkeypatch, chunk):
    monkeypatch.setattr(export, "CHUNK", chunk)
    wanted = io.StringIO(newline="")
    csv.writer(wanted).writerows(
        [export.COLUMNS, *([as_text(value) for value in row(entry, export.COLUMNS).values()] for entry in entries)]
    )

    *pieces, _end = export.as_csv(Entry.objects.all())

    assert b"".join(pieces).decode() == wanted.getvalue()


@pytest.mark.parametrize("chunk", [2, 7, 5000])
def test_a_program_gets_the_bytes_that_pythons_json_writes(entries, monkeypatch, chunk):
    monkeypatch.setattr(export, "CHUNK", chunk)
    names = [field.attname for field in Entry._meta.concrete_fields]
    told = [
        json.dumps(row(entry, names), ensure_ascii=False, separators=(",", ":"), default=lambda at: at.isoformat())
        for entry in entries
    ]

    *pieces, _end = export.as_json_lines(Entry.objects.all())

    assert b"".join(pieces).decode().split("\n") == [*told, ""]


@pytest.mark.parametrize("write", [export.as_csv, export.as_json_lines])
def test_of_nothing_there_is_only_the_end(entries, write):
    *before, end = write(Entry.objects.filter(pk__in=[]))

    assert (len(before), b"vents" in end) == (1, True)
