"""The history page by page, by key: as fast at the end as at the beginning, and nothing shifts while one reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from audit.models import Entry, EntryQuerySet

PAGE_LENGTH = 50
MOST_COUNTED = 1000


@dataclass(frozen=True)
class HistoryPage:
    """Some entries, newest first, and the keys of the pages on either side where there is one."""

    entries: list[Entry]
    newer_key: str
    older_key: str


def page(parts: Sequence[EntryQuerySet], *, before: str = "", after: str = "", oldest: bool = False) -> HistoryPage:
    """The page below a key, above one, or the last; the first for a key that makes no sense."""
    if below := _parse(before):
        return _downwards([part.before(*below) for part in parts], has_newer=True)
    if above := _parse(after):
        return _upwards([part.after(*above) for part in parts], has_older=True)
    return _upwards(parts, has_older=False) if oldest else _downwards(parts, has_newer=False)


def _downwards(parts: Sequence[EntryQuerySet], *, has_newer: bool) -> HistoryPage:
    found = _first(parts, newest=True)
    shown = found[:PAGE_LENGTH]
    return _page(shown, has_newer=has_newer, has_older=len(found) > PAGE_LENGTH)


def _upwards(parts: Sequence[EntryQuerySet], *, has_older: bool) -> HistoryPage:
    found = _first([part.reverse() for part in parts], newest=False)
    shown = found[PAGE_LENGTH - 1 :: -1] if len(found) > PAGE_LENGTH else found[::-1]
    return _page(shown, has_newer=len(found) > PAGE_LENGTH, has_older=has_older)


def _first(parts: Sequence[EntryQuerySet], *, newest: bool) -> list[Entry]:
    """A page and one more of all parts together."""
    if len(parts) == 1:
        return list(parts[0][: PAGE_LENGTH + 1])
    keys = [key for part in parts for key in part.values_list("at", "pk")[: PAGE_LENGTH + 1]]
    chosen = sorted(keys, reverse=newest)[: PAGE_LENGTH + 1]
    found = Entry.objects.in_bulk([number for _, number in chosen])
    return [found[number] for _, number in chosen if number in found]


def _page(shown: list[Entry], *, has_newer: bool, has_older: bool) -> HistoryPage:
    if not shown:
        return HistoryPage([], "", "")
    return HistoryPage(shown, _key(shown[0]) if has_newer else "", _key(shown[-1]) if has_older else "")


def _key(entry: Entry) -> str:
    return f"{entry.at.isoformat()}_{entry.pk}"


def _parse(key: str) -> tuple[datetime, int] | None:
    moment, _, number = key.rpartition("_")
    try:
        at = datetime.fromisoformat(moment.replace(" ", "+"))
        return (at.astimezone(UTC), int(number)) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def counted(parts: Sequence[EntryQuerySet], *, in_order: bool = False) -> str:
    """How many there are, in words; exact up to a thousand, because nobody needs more and counting takes its time.

    In order, if what is wanted was found to be common among the newest: the database may believe otherwise.
    """
    count = 0
    for part in parts:
        rows = part if in_order else part.order_by()
        count += rows[: MOST_COUNTED + 1].count()
        if count > MOST_COUNTED:
            return f"More than {MOST_COUNTED:,} events"
    return "1 event" if count == 1 else f"{count:,} events"
