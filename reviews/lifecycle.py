"""Where a review stands, with its words and tones in one place.

Nothing of this is stored: it follows from when somebody stopped, closed or applied it, and from the clock.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    """Source of the words: `accessReviewInstance.status` in Graph, as far as they mean something here."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    COMPLETING = "completing"
    COMPLETED = "completed"
    APPLYING = "applying"
    APPLIED = "applied"


@dataclass(frozen=True)
class Badge:
    """A state, an answer or an outcome as it is shown."""

    label: str
    tone: str


BADGES: dict[State, Badge] = {
    State.SCHEDULED: Badge("Not started", "quiet"),
    State.IN_PROGRESS: Badge("In progress", "good"),
    State.COMPLETING: Badge("Completing", "waiting"),
    State.COMPLETED: Badge("Completed, to be applied", "waiting"),
    State.APPLYING: Badge("Applying", "waiting"),
    State.APPLIED: Badge("Applied", "quiet"),
}

DELETED = Badge("Deleted", "bad")
ENDED = Badge("Ended", "quiet")
"""Of a series: no review is to come any more."""
GOES_ON = Badge("Next one planned", "good")
"""Of a series: a review is to come."""

AHEAD, OPEN, OVER = Badge("Not started", "quiet"), Badge("Open", "good"), Badge("Over", "quiet")
"""Of a stage."""

ANSWERS: dict[str, Badge] = {
    "approve": Badge("Approved", "good"),
    "deny": Badge("Denied", "bad"),
    "dont_know": Badge("Don’t know", "waiting"),
    "": Badge("Not reviewed", "quiet"),
}

RECOMMENDED: dict[str, Badge] = {
    "approve": Badge("Approve", "good"),
    "deny": Badge("Deny", "bad"),
}

RESULTS: dict[str, Badge] = {
    "removed": Badge("Removed", "good"),
    "gone": Badge("Had it no longer", "quiet"),
    "refused": Badge("Could not be removed", "bad"),
}


class Dated(Protocol):
    """What of a review its state follows from."""

    @property
    def ends_at(self) -> datetime: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def apply_asked_at(self) -> datetime | None: ...
    @property
    def applied_at(self) -> datetime | None: ...


def state_of(review: Dated, at: datetime) -> State:
    """Where a review stands at a moment."""
    if review.applied_at is not None:
        return State.APPLIED
    if review.apply_asked_at is not None:
        return State.APPLYING
    if review.closed_at is not None:
        return State.COMPLETED
    return State.IN_PROGRESS if at < review.ends_at else State.COMPLETING
