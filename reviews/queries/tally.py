"""What came of a review, in numbers, and what could not be done."""

from django.db.models import Count, Q

from reviews.models import Review, ReviewItem
from reviews.terms import Applied, Outcome, Verdict


def answers(review: Review) -> dict[str, int]:
    """How many lines were answered how, how many nobody could answer, and how many lose what they hold."""
    return review.items.aggregate(
        lines=Count("pk"),
        approved=Count("pk", filter=Q(verdict=Verdict.APPROVE)),
        denied=Count("pk", filter=Q(verdict=Verdict.DENY)),
        dont_know=Count("pk", filter=Q(verdict=Verdict.DONT_KNOW)),
        not_reviewed=Count("pk", filter=Q(verdict="")),
        stuck=Count("pk", filter=Q(verdict="", has_nobody=True)),
        to_remove=Count("pk", filter=Q(outcome=Outcome.REMOVE)),
    )


def results(review: Review) -> dict[str, int]:
    """How many of the lines that were to lose it did, had it no longer, or could not."""
    return review.items.aggregate(**{result.value: Count("pk", filter=Q(applied=result)) for result in Applied})


def refused(review: Review, most: int) -> list[ReviewItem]:
    """The first lines that could not be applied."""
    return list(review.items.filter(applied=Applied.REFUSED)[:most])
