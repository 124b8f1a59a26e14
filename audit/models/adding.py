"""Many entries at once, past Django's models: to make ten thousand of those, and statements of them, takes far longer
than to write them."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from audit.models.entries import Entry

FIELDS = [field for field in Entry._meta.concrete_fields if not field.primary_key]
AS_THEY_ARE = (models.CharField, models.TextField, models.BigIntegerField)
"""Columns whose values every database takes as they are; the others each has its own way with."""
ADAPTED = [field for field in FIELDS if not isinstance(field, AS_THEY_ARE)]
COLUMNS = ", ".join(f'"{field.column}"' for field in FIELDS)
COPY = f"COPY audit_entry ({COLUMNS}) FROM STDIN"
INSERT = f"INSERT INTO audit_entry ({COLUMNS}) VALUES "  # noqa: S608 - names of ours
ROW = f"({', '.join(['%s'] * len(FIELDS))})"
AT_ONCE = 500
"""How many one statement writes; SQLite takes 32,766 values."""


def add_all(rows: Sequence[Mapping[str, Any]]) -> None:
    """Write entries in this order, each by its columns."""
    values = [_values(row) for row in rows]
    with connection.cursor() as cursor:
        (_copy if connection.vendor == "postgresql" else _insert)(cursor, values)


def _values(row: Mapping[str, Any]) -> list[Any]:
    adapted = {field.attname: field.get_db_prep_save(row[field.attname], connection) for field in ADAPTED}
    return [adapted.get(field.attname, row[field.attname]) for field in FIELDS]


def _copy(cursor: CursorWrapper, values: Sequence[Sequence[Any]]) -> None:
    with cursor.copy(COPY) as copy:
        for row in values:
            copy.write_row(row)


def _insert(cursor: CursorWrapper, values: Sequence[Sequence[Any]]) -> None:
    for first in range(0, len(values), AT_ONCE):
        some = values[first : first + AT_ONCE]
        cursor.execute(INSERT + ", ".join([ROW] * len(some)), [*chain.from_iterable(some)])
