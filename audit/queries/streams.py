"""How far each stream of the history has come, for administrators."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.models import Entry, StreamCursor

MOST_COUNTED = 1000


@dataclass(frozen=True)
class Stream:
    """A stream and its state at a moment. `behind` counts what is not delivered yet, up to `MOST_COUNTED` + 1; `tries`
    those in vain since something was last delivered."""

    name: str
    where: str
    at: datetime
    behind: int = 0
    behind_since: datetime | None = None
    tries: int = 0
    last_at: datetime | None = None
    failing_since: datetime | None = None
    last_error: str = ""

    @property
    def lag(self) -> timedelta:
        """How long the oldest event that is not delivered has waited; nothing if none waits."""
        return max(self.at - self.behind_since, timedelta()) if self.behind_since else timedelta()

    @property
    def last_age(self) -> timedelta | None:
        """Since something was last delivered; None if nothing was."""
        return self.at - self.last_at if self.last_at else None

    @property
    def has_uncounted(self) -> bool:
        """Whether more wait than were counted."""
        return self.behind > MOST_COUNTED


def states(names: dict[str, str], at: datetime) -> list[Stream]:
    """Of the streams with these names, by where they go. One that has not begun is behind with nothing."""
    cursors = StreamCursor.objects.in_bulk(names)
    return [_state(cursors.get(name), name, where, at) for name, where in names.items()]


def _state(cursor: StreamCursor | None, name: str, where: str, at: datetime) -> Stream:
    if cursor is None:
        return Stream(name, where, at)
    ahead = Entry.objects.filter(pk__gt=cursor.entry)
    return Stream(
        name, where, at, behind=ahead.order_by()[: MOST_COUNTED + 1].count(),
        behind_since=ahead.order_by("pk").values_list("at", flat=True).first(), tries=cursor.tries,
        last_at=cursor.last_at, failing_since=cursor.failing_since, last_error=cursor.last_error,
    )  # fmt: skip
