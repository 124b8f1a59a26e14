"""Taking results of reviews away as a file: that is told before the first line leaves."""

from django.db import transaction

from accounts.act import Act
from audit.events import About
from audit.log import record
from kernel.powers import Power
from kernel.refusal import refuse_if_any
from reviews.events import ReviewExported
from reviews.log import about
from reviews.models import Review
from roles.queries.access import lacks


@transaction.atomic
def export(act: Act, review: Review | None = None, *, filters: str = "") -> None:
    """Tell that the actor downloads the results of one review, or, without one, a report over a span."""
    refuse_if_any(lacks(act, Power.ROLES_READ))
    event = ReviewExported(
        file="review results" if review else "review history", review=review.pk if review else None, filters=filters
    )
    record(act, event, about=about(review.series) if review else About())
