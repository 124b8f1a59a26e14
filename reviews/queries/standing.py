"""What keeps a review from being changed: it is over, or it was deleted."""

from datetime import datetime

from kernel.refusal import Refusal
from reviews.lifecycle import State, state_of
from reviews.models import Review

DELETED = Refusal("deleted", "This review was deleted. Restore it first.", is_conflict=True)
OVER = Refusal("over", "This review has ended already.", is_conflict=True)


def not_running(review: Review, at: datetime) -> list[Refusal]:
    """Why nothing about who answers, and what, can be changed any more."""
    if review.deleted_at is not None:
        return [DELETED]
    return [] if state_of(review, at) == State.IN_PROGRESS else [OVER]
