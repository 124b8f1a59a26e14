"""Which entries somebody wants to see."""

from dataclasses import dataclass
from datetime import datetime

from audit.models import EntryQuerySet
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


def filtered(entries: EntryQuerySet, filters: Filters) -> EntryQuerySet:
    """The entries that fit."""
    if filters.role_id is not None:
        entries = entries.filter(role_id=filters.role_id)
    if filters.request_id is not None:
        entries = entries.filter(request_id=filters.request_id)
    if filters.person_id is not None:
        entries = entries.concerning(filters.person_id)
    if filters.kinds:
        entries = entries.filter(kind__in=filters.kinds)
    if filters.is_refused is not None:
        refused = {"outcome": REFUSED}
        entries = entries.filter(**refused) if filters.is_refused else entries.exclude(**refused)
    if filters.start is not None:
        entries = entries.filter(at__gte=filters.start)
    if filters.end is not None:
        entries = entries.filter(at__lt=filters.end)
    return _saying(entries, filters)


def _saying(entries: EntryQuerySet, filters: Filters) -> EntryQuerySet:
    for text, columns in (
        (filters.text, search.COLUMNS),
        (filters.actor, ("actor_name",)),
        (filters.person, ("person_name",)),
        (filters.role, ("role_name",)),
        (filters.scope, ("scope_name",)),
    ):
        if text:
            entries = search.saying(entries, text, columns)
    return entries
