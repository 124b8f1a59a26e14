"""How far each stream of the history has come, for administrators."""

from dataclasses import dataclass
from datetime import datetime

from audit.models import Entry, StreamCursor

MOST_COUNTED = 1000


@dataclass(frozen=True)
class Stream:
    """A stream and its state. `behind` counts what is not delivered yet, up to `MOST_COUNTED` + 1."""

    name: str
    where: str
    behind: int
    last_at: datetime | None
    failing_since: datetime | None
    last_error: str

    @property
    def has_uncounted(self) -> bool:
        """Whether more wait than were counted."""
        return self.behind > MOST_COUNTED


def states(names: dict[str, str]) -> list[Stream]:
    """Of the streams with these names, by where they go. One that has not begun is behind with nothing."""
    cursors = StreamCursor.objects.in_bulk(names)
    return [_state(name, where, cursors.get(name)) for name, where in names.items()]


def _state(name: str, where: str, cursor: StreamCursor | None) -> Stream:
    if cursor is None:
        return Stream(name, where, 0, None, None, "")
    behind = Entry.objects.filter(pk__gt=cursor.entry).order_by()[: MOST_COUNTED + 1].count()
    return Stream(name, where, behind, cursor.last_at, cursor.failing_since, cursor.last_error)
