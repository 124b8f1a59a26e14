"""A download's lines as PostgreSQL itself writes them, by COPY: the bytes that Python would write, much faster."""

import json
from collections.abc import Sequence

from django.core.exceptions import EmptyResultSet
from django.db import connection, models

from audit.models import Entry, EntryQuerySet
from kernel.csv import FORMULAS

FIELDS = {field.attname: field for field in Entry._meta.concrete_fields}

# Signs that stand in no line of JSON as they are: so COPY quotes none.
PLAIN = r", DELIMITER E'\x01', QUOTE E'\x02'"
FACTS = b',"facts":'
DIGEST = b',"digest":'
CODES = [ord(sign) for sign in FORMULAS]
QUOTE = "''''"


def csv_lines(entries: EntryQuerySet, names: Sequence[str]) -> list[bytes]:
    """As `kernel.csv` writes them."""
    columns = ", ".join(_cell(name) for name in names)
    return [line[:-1] + b"\r\n" for line in _copied(entries, f"SELECT {columns} FROM entry")]  # noqa: S608 - ours


def json_lines(entries: EntryQuerySet, names: Sequence[str]) -> list[bytes]:
    """As `json` writes them, without spaces."""
    told = ", ".join(f"{_value(name)} AS {name}" for name in names)
    select = f"SELECT row_to_json(told) FROM (SELECT {told} FROM entry) AS told"  # noqa: S608 - names of ours
    return [_without_spaces(line) for line in _copied(entries, select, PLAIN)]


def _copied(entries: EntryQuerySet, select: str, options: str = "") -> list[bytes]:
    try:
        sql, values = entries.values(*FIELDS).query.sql_with_params()
    except EmptyResultSet:
        return []
    statement = f"COPY (WITH entry AS ({sql}) {select}) TO STDOUT (FORMAT csv{options})"
    with connection.cursor() as cursor, cursor.copy(cursor.mogrify(statement, values)) as lines:
        return [bytes(line) for line in lines]


def _cell(name: str) -> str:
    """A column as text that no spreadsheet computes; nothing for what is empty."""
    match FIELDS[name]:
        case models.CharField() | models.TextField():
            rare = f"WHEN {name} = '' THEN NULL WHEN ascii({name}) IN ({str(CODES)[1:-1]}) THEN {QUOTE} || {name}"
            # Nearly every text begins with a letter, and is done with at once.
            return f"CASE WHEN ascii({name}) > {max(CODES)} THEN {name} {rare} ELSE {name} END"
        case models.JSONField():
            return f"NULLIF({name}::text, '{{}}')"
    return _value(name)


def _value(name: str) -> str:
    """A column as JSON can hold it: moments in UTC, as Python writes them."""
    match FIELDS[name]:
        case models.DateTimeField():
            written = f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')"
            return f"replace({written}, '.000000', '')"
        case models.GenericIPAddressField():
            return f"host({name})"
    return name


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _without_spaces(line: bytes) -> bytes:
    """PostgreSQL puts a space after each comma and colon of the facts, and of nothing else."""
    begin, end = line.index(FACTS) + len(FACTS), line.rindex(DIGEST)
    if end - begin == len(b"{}"):
        return line
    return line[:begin] + _compact(json.loads(line[begin:end])).encode() + line[end:]
