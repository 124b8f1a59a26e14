"""Tables as text, for spreadsheets."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.csv import cell, lines, plain


def test_rows_become_lines_one_by_one():
    assert list(lines([["a", "b, c"], ['say "hi"', ""]])) == ['a,"b, c"\r\n', '"say ""hi""",\r\n']


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ({}, ""),
        ({"ä": 1}, '{"ä": 1}'),
        (datetime(2026, 11, 23, 9, tzinfo=UTC), "2026-11-23T09:00:00+00:00"),
        (7, "7"),
        ("plain", "plain"),
    ],
)
def test_every_value_has_its_text(value, text):
    assert cell(value) == text


@given(text=st.text(max_size=20))
def test_whatever_is_typed_no_cell_begins_like_a_formula(text):
    written = cell(text)

    assert written[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}
    assert written in (text, f"'{text}")


@pytest.mark.parametrize("text", ["=1+1", "-x", "@here", "plain", "'quoted'", ""])
def test_what_was_written_can_be_read_again(text):
    assert plain(cell(text)) == text
