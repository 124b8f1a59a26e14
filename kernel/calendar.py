"""A calendar entry as a file that mail programs understand: RFC 5545, published as RFC 5546 says."""

from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST_LINE = 75
"""Octets of a line, without its end: RFC 5545, section 3.1."""
PRODUCT = "-//Privileged access//EN"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What stands in a calendar. `uid` is the same for every version of it, `sequence` higher for each later one."""

    uid: str
    sequence: int
    written_at: datetime
    start_at: datetime
    end_at: datetime
    summary: str
    description: str
    url: str
    organizer: str
    is_cancelled: bool = False


def write(entry: Entry) -> str:
    """The whole file, with CRLF at the end of each line."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        f"METHOD:{method(entry)}",
        "BEGIN:VEVENT",
        f"UID:{_text(entry.uid)}",
        f"SEQUENCE:{entry.sequence}",
        f"DTSTAMP:{_moment(entry.written_at)}",
        f"DTSTART:{_moment(entry.start_at)}",
        f"DTEND:{_moment(entry.end_at)}",
        f"SUMMARY:{_text(entry.summary)}",
        f"DESCRIPTION:{_text(entry.description)}",
        f"URL:{_line(entry.url)}",
        f"ORGANIZER:mailto:{_line(entry.organizer)}",
        f"STATUS:{'CANCELLED' if entry.is_cancelled else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def method(entry: Entry) -> str:
    """Whether it is to be put into a calendar, or taken out of it."""
    return "CANCEL" if entry.is_cancelled else "PUBLISH"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    """Escaped, line breaks too; other control characters are left out."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n"), ("\r", "\n"), ("\n", "\\n")):
        words = words.replace(plain, escaped)
    return _line(words)


def _line(words: str) -> str:
    return "".join(character for character in words if character.isprintable() or character == "\t")


def _folded(line: str) -> str:
    """In pieces of at most 75 octets; the next piece begins with a space, and no character is torn apart."""
    pieces, room = [""], LONGEST_LINE
    for character in line:
        width = len(character.encode())
        if width > room:
            pieces.append("")
            room = LONGEST_LINE - 1
        pieces[-1] += character
        room -= width
    return "\r\n ".join(pieces)
