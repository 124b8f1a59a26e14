"""Calendar entries, as mail programs read them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.calendar import Entry, method, write

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ENTRY = Entry(
    uid="activation-7@pim.example.org",
    sequence=0,
    written_at=NINE,
    start_at=NINE + timedelta(hours=1),
    end_at=NINE + timedelta(hours=3),
    summary="Teams Administrator",
    description="In Directory",
    url="https://pim.example.org/my-roles/",
    organizer="pim@example.org",
)


def unfolded(text):
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def value(text, name):
    (found,) = [line.partition(":")[2] for line in unfolded(text) if line.startswith(f"{name}:")]
    return found


def read(text):
    """What a reader makes of an escaped text."""
    out, characters = "", iter(text)
    for character in characters:
        out += {"n": "\n"}.get(following := next(characters), following) if character == "\\" else character
    return out


def test_an_entry_is_published_with_times_in_utc():
    assert unfolded(write(ENTRY)) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Privileged access//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "UID:activation-7@pim.example.org",
        "SEQUENCE:0",
        "DTSTAMP:20261123T090000Z",
        "DTSTART:20261123T100000Z",
        "DTEND:20261123T120000Z",
        "SUMMARY:Teams Administrator",
        "DESCRIPTION:In Directory",
        "URL:https://pim.example.org/my-roles/",
        "ORGANIZER:mailto:pim@example.org",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_a_time_in_another_zone_is_the_same_moment():
    berlin = replace(ENTRY, start_at=ENTRY.start_at.astimezone(timezone(timedelta(hours=1))))

    assert write(berlin) == write(ENTRY)


def test_what_is_called_off_is_cancelled_under_the_same_number():
    gone = replace(ENTRY, is_cancelled=True, sequence=60)

    assert (method(gone), value(write(gone), "STATUS"), value(write(gone), "UID")) == ("CANCEL", "CANCELLED", ENTRY.uid)


@pytest.mark.parametrize("said", ["a;b,c\\d", "one\r\ntwo\nthree", "x\r\nATTENDEE:mailto:everybody@example.com"])
def test_what_somebody_typed_is_text_and_never_a_line_of_its_own(said):
    text = write(replace(ENTRY, description=said))

    assert read(value(text, "DESCRIPTION")) == said.replace("\r\n", "\n")
    assert len(unfolded(text)) == 18


@given(st.text(max_size=300))
def test_no_line_is_too_long_and_no_character_is_torn_apart(said):
    text = write(replace(ENTRY, summary=said))

    assert all(len(line) <= 75 for line in text.encode().split(b"\r\n"))
    for line in text.encode().split(b"\r\n"):
        line.decode()
    assert len(unfolded(text)) == 18
