"""Lines that were answered, without going through the pages of whoever answers."""

from datetime import datetime

from accounts.models import User
from reviews.models import Review
from reviews.terms import Verdict
from tests.make import NINE


def says(by: User, review: Review, verdict: Verdict, *names: str, reason: str = "", at: datetime = NINE) -> None:
    """This reviewer's answer to the lines of these names stands, in the stage they are in."""
    for item in review.items.filter(name__in=names):
        item.verdict, item.reason, item.decided_by, item.decided_at = verdict, reason, by, at
        item.decided_in = item.stage
        item.save()


def outcomes(review: Review) -> dict[str, str]:
    """What becomes of each line."""
    return dict(review.items.values_list("name", "outcome"))


def applied(review: Review) -> dict[str, str]:
    """What became of each line."""
    return dict(review.items.values_list("name", "applied"))
