"""The history as a file: line by line in flat memory, with an end by which a cut file is recognised."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from audit.models import Entry, EntryQuerySet
from kernel.csv import cell, lines

CHUNK = 2000
"""So many rows are read at once."""

PIECE = 200
"""So many lines are sent at once."""

COLUMNS = (
    "id", "at", "kind", "actor_name", "person_name", "role_name", "scope_name", "because", "approver_name",
    "ticket_number", "ticket_system", "proof_method", "proof_device", "proof_at", "ip", "request_id", "outcome",
    "actor_id", "person_id", "role_id", "facts", "digest",
)  # fmt: skip
"""What a spreadsheet gets."""


def as_csv(entries: EntryQuerySet, archived_until: datetime | None = None) -> Iterator[bytes]:
    """For a spreadsheet: times in UTC, and nothing that it would take for a formula.

    The last line has one cell: how many events there are before it, the SHA-256 of all that stands before it, and up to
    which moment events were archived and are not in the file.
    """
    archived = f". Events up to {archived_until.isoformat()} were archived" if archived_until else ""
    rows = ([cell(value) for value in row] for row in _rows(entries, COLUMNS))
    head = next(lines([COLUMNS]))
    return _closed(
        head, lines(rows), lambda count, digest: f"End of file. Events: {count}. SHA-256: {digest}{archived}\r\n"
    )


def as_json_lines(entries: EntryQuerySet, archived_until: datetime | None = None) -> Iterator[bytes]:
    """For programs: one JSON object for each event with every column it has, times in UTC.

    The last line is {"end": true, "events": <how many>, "sha256": <of all that stands before it>}, and, if older events
    were archived and are not in the file, "archived_until": <when the newest of them happened>.
    """
    archived = {"archived_until": archived_until} if archived_until else {}
    names = [field.attname for field in Entry._meta.concrete_fields]
    told = (_json(dict(zip(names, row, strict=True))) for row in _rows(entries, names))
    return _closed("", told, lambda count, digest: _json({"end": True, "events": count, "sha256": digest, **archived}))


FILES: dict[str, tuple[str, Callable[[EntryQuerySet, datetime | None], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "jsonl": ("application/jsonl", as_json_lines),
}
"""What can be downloaded, by the name's end: the type, and who writes it."""


def _rows(entries: EntryQuerySet, names: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """The rows, newest first, chunk by chunk by key: no chunk waits for the whole, in no database."""
    key: tuple[Any, ...] = ()
    while chunk := list((entries.before(*key) if key else entries).values_list("at", "pk", *names)[:CHUNK]):
        yield from (row[2:] for row in chunk)
        key = chunk[-1][:2]
        if len(chunk) < CHUNK:
            return


def _closed(head: str, told: Iterator[str], end: Callable[[int, str], str]) -> Iterator[bytes]:
    """The lines in pieces worth sending, and the end."""
    count, digest = 0, hashlib.sha256(head.encode())
    yield head.encode()
    while piece := list(islice(told, PIECE)):
        count += len(piece)
        sent = "".join(piece).encode()
        digest.update(sent)
        yield sent
    yield end(count, digest.hexdigest()).encode()


def _json(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat) + "\n"
