"""How long a second factor counts, how long somebody may be away, and when their morning is."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from kernel.period import DAY, MINUTE, in_words, last_time
from kernel.refusal import Refusal

# The window in which a shown second factor counts as fresh, where nothing says otherwise.
PROOF_WINDOW = timedelta(minutes=10)
SHORTEST_ABSENCE = 5 * MINUTE
LONGEST_ABSENCE = 180 * DAY
FURTHEST_ABSENCE = 365 * DAY
# "From now" was now when the page was opened.
ABSENCE_GRACE = 15 * MINUTE

MORNING = time(8)


def morning(time_zone: str, at: datetime) -> datetime:
    """The last moment at which it was eight in the morning in this zone: then digests are sent."""
    return last_time(MORNING, ZoneInfo(time_zone), at)


def next_morning(time_zone: str, at: datetime) -> datetime:
    """The first such moment after this one."""
    return morning(time_zone, at + DAY)


def assess_absence(start_at: datetime, end_at: datetime, at: datetime) -> list[Refusal]:
    """Every reason why nobody can be away from then until then."""
    refusals = []
    if start_at < at - ABSENCE_GRACE:
        refusals.append(Refusal("start_past", "The start is in the past. Leave it empty to start now.", "start_at"))
    if start_at > at + FURTHEST_ABSENCE:
        refusals.append(Refusal("start_far", f"Choose a start within {in_words(FURTHEST_ABSENCE)}.", "start_at"))
    duration = end_at - max(start_at, at)
    if duration < SHORTEST_ABSENCE:
        sentence = f"Choose an end at least {in_words(SHORTEST_ABSENCE)} after the start, and not in the past."
        refusals.append(Refusal("too_short", sentence, "end_at"))
    if duration > LONGEST_ABSENCE:
        sentence = f"That is longer than {in_words(LONGEST_ABSENCE)}. Choose an earlier end."
        refusals.append(Refusal("too_long", sentence, "end_at"))
    return refusals
