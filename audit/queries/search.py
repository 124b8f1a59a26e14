"""Looking for a text in the history, at any size.

A trigram index finds the few entries with a rare text; what is common is met within a few rows of the newest. So the
index is asked first, for a bounded number of entries, and what it answers decides which way is taken. Without an
index every search reads rows until a page is full: `audit.W001` says so.
"""

from django.db import connection
from django.db.models import Q

from audit.models import Entry, EntryQuerySet

COLUMNS = ("actor_name", "person_name", "role_name", "scope_name", "because", "approver_name", "ticket_number")
"""Where a text is looked for. The index holds these, in this order."""

INDEX = "audit_entry_text"
SHORTEST = 3
"""A trigram index knows nothing shorter."""

MOST_RARE = 2000
"""More entries than these, and reading from the newest on is the faster way."""


def saying(entries: EntryQuerySet, text: str, columns: tuple[str, ...] = COLUMNS) -> EntryQuerySet:
    """Those of the entries with this text in one of the columns, whatever its capitals."""
    found = rare(text, columns)
    return entries.filter(_contains(text, columns) if found is None else Q(pk__in=found))


def rare(text: str, columns: tuple[str, ...]) -> list[int] | None:
    """The numbers of all entries with this text, as the index knows them; None if they are not rare."""
    if connection.vendor == "sqlite" and has_index():
        found = _from_fts(text, columns)
    else:
        fitting = Entry.objects.filter(_contains(text, columns)).order_by()
        found = list(fitting.values_list("pk", flat=True)[: MOST_RARE + 1])
    return found if len(found) <= MOST_RARE else None


def has_index() -> bool:
    """Whether the database has the index."""
    table = "pg_class WHERE relname" if connection.vendor == "postgresql" else "sqlite_master WHERE name"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} = %s", [INDEX])  # noqa: S608 - names of ours
        return cursor.fetchone() is not None


def _from_fts(text: str, columns: tuple[str, ...]) -> list[int]:
    phrase = text.replace('"', '""')
    wanted = f'{{{" ".join(columns)}}} : "{phrase}"'
    with connection.cursor() as cursor:
        # Asked for by itself it stops at the bound; inside of another query it would be read to its end.
        cursor.execute(f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s LIMIT %s", [wanted, MOST_RARE + 1])  # noqa: S608
        return [number for (number,) in cursor.fetchall()]


def _contains(text: str, columns: tuple[str, ...]) -> Q:
    anywhere = Q()
    for column in columns:
        anywhere |= Q(**{f"{column}__icontains": text})
    return anywhere
