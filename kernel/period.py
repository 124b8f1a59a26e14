"""Time as this house counts it: half-open periods, and durations in words."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)

_UNITS = (("day", "days", DAY), ("h", "h", HOUR), ("min", "min", MINUTE), ("s", "s", SECOND))


@dataclass(frozen=True)
class Period:
    """From `start` up to, not including, `end`; `end` is None for permanent."""

    start: datetime
    end: datetime | None = None

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)

    @property
    def duration(self) -> timedelta | None:
        """How long it is; None for permanent."""
        return None if self.end is None else self.end - self.start


def earliest(*moments: datetime | None) -> datetime | None:
    """The first of the moments that are known; None if none is."""
    known = [moment for moment in moments if moment is not None]
    return min(known) if known else None


def seconds(duration: timedelta | None) -> float | None:
    """A duration for machines, to the millisecond; None stays None."""
    return None if duration is None else round(duration.total_seconds(), 3)


def last_time(of_day: time, zone: ZoneInfo, at: datetime) -> datetime:
    """The last moment, up to and including `at`, at which it was this time of day in the zone."""
    today = at.astimezone(zone).date()
    this = datetime.combine(today, of_day, zone)
    # Compared as moments: within one zone Python compares what the clock on the wall shows.
    last = this if this.astimezone(UTC) <= at else datetime.combine(today - DAY, of_day, zone)
    return last.astimezone(UTC)


def in_words(duration: timedelta) -> str:
    """A duration as people say it, in its two largest units: '1 h 30 min', '365 days', '45 s'."""
    rest = max(duration, timedelta())
    words: list[str] = []
    for one, many, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            words.append(f"{count} {one if count == 1 else many}")
        elif words:
            break
        if len(words) == 2:
            break
    return " ".join(words) or "0 s"
