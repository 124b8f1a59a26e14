"""Which entries somebody wants to see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from audit.models import EntryQuerySet, concerning
from audit.queries import search

REFUSED = "refused"
"""The outcome of what was tried in vain."""


@dataclass(frozen=True)
class Filters:
    """What of the history is wanted; what is empty narrows nothing."""

    text: str = ""
    kinds: tuple[str, ...] = ()
    actor: str = ""
    person: str = ""
    role: str = ""
    scope: str = ""
    # None: whatever came of it.
    is_refused: bool | None = None
    # From the first moment up to, not including, the second.
    start: datetime | None = None
    end: datetime | None = None
    # One person, whatever they did and whatever was done to them; one role; one request. By number: names may change.
    person_id: int | None = None
    role_id: int | None = None
    request_id: int | None = None

    @property
    def texts(self) -> list[tuple[str, tuple[str, ...]]]:
        """What is looked for, and in which columns."""
        wanted = (
            (self.text, search.COLUMNS),
            (self.actor, ("actor_name",)),
            (self.person, ("person_name",)),
            (self.role, ("role_name",)),
            (self.scope, ("scope_name",)),
        )
        return [(text, columns) for text, columns in wanted if text]


def filtered(entries: EntryQuerySet, filters: Filters) -> EntryQuerySet:
    """The entries that fit."""
    (one,) = parts([entries], filters, most=1)
    return one


def parts(entries: Sequence[EntryQuerySet], filters: Filters, *, most: int = search.MOST_PARTS) -> list[EntryQuerySet]:
    """The entries that fit, in parts of which an index knows each in its order. No entry is in two of them."""
    found = [_narrowed(part, filters) for part in entries]
    if filters.kinds:
        found = search.split(found, [Q(kind=kind) for kind in filters.kinds], most)
    if filters.person_id is not None:
        found = search.split(found, concerning(filters.person_id), most)
    for text, columns in filters.texts:
        found = search.saying(found, text, columns, most=most)
    return found


def _narrowed(entries: EntryQuerySet, filters: Filters) -> EntryQuerySet:
    if filters.role_id is not None:
        entries = entries.filter(role_id=filters.role_id)
    if filters.request_id is not None:
        entries = entries.filter(request_id=filters.request_id)
    if filters.is_refused is not None:
        refused = {"outcome": REFUSED}
        entries = entries.filter(**refused) if filters.is_refused else entries.exclude(**refused)
    if filters.start is not None:
        entries = entries.filter(at__gte=filters.start)
    if filters.end is not None:
        entries = entries.filter(at__lt=filters.end)
    return entries
