"""How long a second factor counts, and how long somebody may be away."""

from datetime import datetime, timedelta

from kernel.period import DAY, MINUTE, in_words
from kernel.refusal import Refusal

# The window in which a shown second factor counts as fresh, where nothing says otherwise.
PROOF_WINDOW = timedelta(minutes=10)
SHORTEST_ABSENCE = 5 * MINUTE
LONGEST_ABSENCE = 180 * DAY
FURTHEST_ABSENCE = 365 * DAY
# "From now" was now when the page was opened.
ABSENCE_GRACE = 15 * MINUTE


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
