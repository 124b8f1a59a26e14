"""Reads of the history: filtered, and page by page by key."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from audit.events import label_of
from audit.models import Entry, EntryQuerySet
from kernel.csv import cell

PAGE_LENGTH = 50


@dataclass(frozen=True)
class Filters:
    """What of the history is wanted."""

    text: str = ""
    kind: str = ""
    role: str = ""
    days: int | None = None


@dataclass(frozen=True)
class HistoryPage:
    """Some entries, newest first, and the key of the next page if there is one."""

    entries: list[Entry]
    next_key: str


def filtered(entries: EntryQuerySet, filters: Filters, *, at: datetime) -> EntryQuerySet:
    """The entries that fit."""
    if filters.kind:
        entries = entries.filter(kind=filters.kind)
    if filters.days:
        entries = entries.filter(at__gt=at - timedelta(days=filters.days))
    if filters.role:
        entries = entries.filter(role_name__icontains=filters.role)
    if filters.text:
        columns = ("actor_name", "person_name", "because", "approver_name", "ticket_number", "role_name")
        anywhere = Q()
        for column in columns:
            anywhere |= Q(**{f"{column}__icontains": filters.text})
        entries = entries.filter(anywhere)
    return entries


def page(entries: EntryQuerySet, key: str) -> HistoryPage:
    """The page that begins below a key; the first page for a key that makes no sense."""
    if below := _parse(key):
        entries = entries.before(*below)
    found = list(entries[: PAGE_LENGTH + 1])
    has_more = len(found) > PAGE_LENGTH
    shown = found[:PAGE_LENGTH]
    return HistoryPage(shown, f"{shown[-1].at.isoformat()}_{shown[-1].pk}" if has_more else "")


def _parse(key: str) -> tuple[datetime, int] | None:
    moment, _, number = key.rpartition("_")
    try:
        at = datetime.fromisoformat(moment.replace(" ", "+"))
        return (at.astimezone(UTC), int(number)) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def kinds() -> list[tuple[str, str]]:
    """Every kind of event the history holds, with its words."""
    stored = Entry.objects.order_by("kind").values_list("kind", flat=True).distinct()
    return sorted(((kind, label_of(kind)) for kind in stored), key=lambda pair: pair[1])


CSV_COLUMNS = (
    "at", "kind", "actor_name", "person_name", "role_name", "scope_name", "because", "approver_name",
    "ticket_number", "ticket_system", "proof_method", "proof_device", "proof_at", "ip", "request_id", "outcome",
    "actor_id", "person_id", "facts",
)  # fmt: skip


def rows(entries: EntryQuerySet) -> Iterator[list[str]]:
    """Lines for a spreadsheet: times in UTC, and nothing that a spreadsheet would take for a formula."""
    yield list(CSV_COLUMNS)
    for values in entries.values_list(*CSV_COLUMNS).iterator(chunk_size=2000):
        yield [cell(value) for value in values]
