"""What reviewers say of lines by name, and what becomes of them."""

from datetime import datetime

from accounts.models import User
from reviews.models import Review
from reviews.operations import answers
from reviews.terms import Verdict
from tests import make
from tests.make import NINE


def says(
    by: User, review: Review, verdict: Verdict, *names: str, reason: str = "Looked into it", at: datetime = NINE
) -> None:
    """This reviewer answers the lines of these names."""
    items = review.items.filter(name__in=names).values_list("pk", flat=True)
    answers.answer(make.act(by=by, at=at), review, items, verdict, because=reason)


def outcomes(review: Review) -> dict[str, str]:
    """What becomes of each line."""
    return dict(review.items.values_list("name", "outcome"))


def applied(review: Review) -> dict[str, str]:
    """What became of each line."""
    return dict(review.items.values_list("name", "applied"))
