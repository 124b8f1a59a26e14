"""Looking for a text in the history, at any size.

What is common stands among the newest entries, and is met while reading them. What does not is asked of indexes, for a
bounded number of entries: names of a small table that tells whose they are, everything else of a trigram index.
Without that one such a search reads rows until a page is full: `audit.W001` says so.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import chain
from operator import or_

from django.db import connection
from django.db.models import Q

from audit.models import Entry, EntryQuerySet, Name

COLUMNS = ("actor_name", "person_name", "role_name", "scope_name", "because", "approver_name", "ticket_number")
"""Where a text is looked for. The index holds these, in this order."""

INDEX = "audit_entry_text"
SHORTEST = 3
"""A trigram index knows nothing shorter."""

NUMBERED = {"actor_name": "actor_id", "person_name": "person_id", "role_name": "role_id"}
"""The columns with names of somebody or something that has a number."""

MOST_PARTS = 40
MOST_NAMES = 500
LOOKED_AT = 1000
COMMON = 10
"""So many among the newest that are looked at, and a page is full within a few thousand rows."""
MOST_RARE = 10_000
"""More entries than these, and reading from the newest on is the faster way."""


def split(parts: Sequence[EntryQuerySet], choices: Sequence[Q], most: int = MOST_PARTS) -> list[EntryQuerySet]:
    """Each part for each of the choices, of which no two fit one entry; or in one, if these were too many."""
    if choices and len(parts) * len(choices) <= most:
        return [part.filter(choice) for part in parts for choice in choices]
    return [part.filter(reduce(or_, choices, Q(pk__in=[]))) for part in parts]


def saying(
    parts: Sequence[EntryQuerySet], text: str, columns: tuple[str, ...] = COLUMNS, *, most: int = MOST_PARTS
) -> list[EntryQuerySet]:
    """Those of the entries with this text in one of the columns, whatever its capitals."""
    if _is_common(parts, text, columns):
        return [part.filter(_contains(text, columns)) for part in parts]
    if len(columns) == 1 and (named := _named(text, *columns)) is not None:
        return split(parts, named, most)
    found = rare(text, columns)
    fitting = _contains(text, columns) if found is None else Q(pk__in=found)
    return [part.filter(fitting) for part in parts]


def _is_common(parts: Sequence[EntryQuerySet], text: str, columns: tuple[str, ...]) -> bool:
    wanted = text.casefold()
    newest = chain.from_iterable(part.values_list(*columns)[: LOOKED_AT // len(parts)] for part in parts)
    return sum(any(wanted in said.casefold() for said in row) for row in newest) >= COMMON


def _named(text: str, column: str) -> list[Q] | None:
    """The entries by the numbers of those with such a name; None if they are too many, or somebody has no number."""
    if column not in NUMBERED:
        return None
    known = Name.objects.filter(column=column)
    found = list(known.filter(name__icontains=text).values_list("number", "name").distinct()[: MOST_NAMES + 1])
    numbers, names = {number for number, _ in found}, {name for _, name in found}
    if len(found) > MOST_NAMES or Name.NOBODY in numbers:
        return None
    had_others = known.filter(number__in=numbers).exclude(name__in=names).exists()
    called = Q(**{f"{column}__in": names}) if had_others else Q()
    return [Q(**{NUMBERED[column]: number}) & called for number in sorted(numbers)]


def rare(text: str, columns: tuple[str, ...]) -> set[int] | None:
    """The numbers of all entries with this text, as the indexes know them; None if they are not rare."""
    found: set[int] = set()
    for some in _indexed(text, columns):
        found |= some
        if len(found) > MOST_RARE:
            return None
    return found


def _indexed(text: str, columns: tuple[str, ...]) -> Iterator[set[int]]:
    """What each of the indexes knows, at most one more than is rare."""
    others = []
    for column in columns:
        if (named := _named(text, column)) is None:
            others.append(column)
        else:
            yield _numbers(reduce(or_, named, Q(pk__in=[])))
    if others:
        by_fts = connection.vendor == "sqlite" and has_index()
        yield _from_fts(text, others) if by_fts else _numbers(_contains(text, others))


def _numbers(fitting: Q) -> set[int]:
    return set(Entry.objects.filter(fitting).order_by().values_list("pk", flat=True)[: MOST_RARE + 1])


def has_index() -> bool:
    """Whether the database has the index."""
    table = "pg_class WHERE relname" if connection.vendor == "postgresql" else "sqlite_master WHERE name"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} = %s", [INDEX])  # noqa: S608 - names of ours
        return cursor.fetchone() is not None


def _from_fts(text: str, columns: list[str]) -> set[int]:
    phrase = text.replace('"', '""')
    wanted = f'{{{" ".join(columns)}}} : "{phrase}"'
    with connection.cursor() as cursor:
        # Asked for by itself it stops at the bound; inside of another query it would be read to its end.
        cursor.execute(f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s LIMIT %s", [wanted, MOST_RARE + 1])  # noqa: S608
        return {number for (number,) in cursor.fetchall()}


def _contains(text: str, columns: tuple[str, ...] | list[str]) -> Q:
    anywhere = Q()
    for column in columns:
        anywhere |= Q(**{f"{column}__icontains": text})
    return anywhere
