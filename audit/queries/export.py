"""The history as a file: chunk by chunk in flat memory, with an end by which a cut file is recognised."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import connection

from audit.models import Entry, EntryQuerySet
from audit.queries import copying
from kernel.csv import cell, lines

CHUNK = 5000
"""So many rows are read at once, and nothing is held in the database while they are sent."""

COLUMNS = (
    "id", "at", "kind", "actor_name", "person_name", "role_name", "scope_name", "because", "approver_name",
    "ticket_number", "ticket_system", "proof_method", "proof_device", "proof_at", "ip", "request_id", "outcome",
    "actor_id", "person_id", "role_id", "facts", "digest",
)  # fmt: skip
"""What a spreadsheet gets."""

ALL_COLUMNS = tuple(field.attname for field in Entry._meta.concrete_fields)
"""What a program gets. Both begin with number and moment, by which the next chunk is found."""

KEY = re.compile(rb'^\D*(\d+)\D+([^",]+)')

Write = Callable[[EntryQuerySet], list[bytes]]


def as_csv(entries: EntryQuerySet, archived_until: datetime | None = None) -> Iterator[bytes]:
    """For a spreadsheet: times in UTC, and nothing that it would take for a formula.

    The last line has one cell: how many events there are before it, the SHA-256 of all that stands before it, and up to
    which moment events were archived and are not in the file.
    """
    head = next(lines([COLUMNS]))
    archived = f". Events up to {archived_until.isoformat()} were archived" if archived_until else ""
    chunks = _chunks(entries, _csv_by_postgresql if _is_postgresql() else _csv)
    return _file(head, chunks, lambda count, digest: f"End of file. Events: {count}. SHA-256: {digest}{archived}\r\n")


def as_json_lines(entries: EntryQuerySet, archived_until: datetime | None = None) -> Iterator[bytes]:
    """For programs: one JSON object for each event with every column it has, times in UTC.

    The last line is {"end": true, "events": <how many>, "sha256": <of all that stands before it>}, and, if older events
    were archived and are not in the file, "archived_until": <when the newest of them happened>.
    """
    archived = {"archived_until": archived_until} if archived_until else {}
    chunks = _chunks(entries, _json_lines_by_postgresql if _is_postgresql() else _json_lines)
    return _file(
        "", chunks, lambda count, digest: _json({"end": True, "events": count, "sha256": digest, **archived}) + "\n"
    )


FILES: dict[str, tuple[str, Callable[[EntryQuerySet, datetime | None], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "jsonl": ("application/jsonl", as_json_lines),
}
"""What can be downloaded, by the name's end: the type, and who writes it."""


def _file(head: str, chunks: Iterator[list[bytes]], end: Callable[[int, str], str]) -> Iterator[bytes]:
    count, digest = 0, hashlib.sha256(head.encode())
    yield head.encode()
    for chunk in chunks:
        count += len(chunk)
        sent = b"".join(chunk)
        digest.update(sent)
        yield sent
    yield end(count, digest.hexdigest()).encode()


def _chunks(entries: EntryQuerySet, write: Write) -> Iterator[list[bytes]]:
    """The lines, newest first, chunk by chunk by key: no chunk waits for the whole, in no database."""
    wanted = entries
    while chunk := write(wanted[:CHUNK]):
        yield chunk
        if len(chunk) < CHUNK:
            return
        wanted = entries.before(*_key(chunk[-1]))


def _key(line: bytes) -> tuple[datetime, int]:
    ((number, moment),) = KEY.findall(line)
    return datetime.fromisoformat(moment.decode()), int(number)


# --- who writes the lines


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _csv_by_postgresql(entries: EntryQuerySet) -> list[bytes]:
    return copying.csv_lines(entries, COLUMNS)


def _csv(entries: EntryQuerySet) -> list[bytes]:
    rows = entries.values_list(*COLUMNS)
    return [line.encode() for line in lines([cell(value) for value in row] for row in rows)]


def _json_lines_by_postgresql(entries: EntryQuerySet) -> list[bytes]:
    return copying.json_lines(entries, ALL_COLUMNS)


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat).encode


def _json_lines(entries: EntryQuerySet) -> list[bytes]:
    return [f"{_json(row)}\n".encode() for row in entries.values(*ALL_COLUMNS)]
