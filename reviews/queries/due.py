"""What has become due about access reviews and was not done yet: the work of the worker."""

from datetime import datetime

from django.db.models import Exists, Model, OuterRef, QuerySet

from kernel.period import MINUTE, earliest
from reviews.models import Review, ReviewItem, ReviewStage, Series
from roles.queries.due import Moments, nexts

MOST_AT_ONCE = 2000


def moments() -> Moments:
    """What comes at a moment: reviews begin and end, stages end, and reviewers are reminded."""
    return {
        "begin": (Series.objects.shown(), "next_at"),
        "hand_on": (ReviewStage.objects.to_hand_on(), "closes_at"),
        "close": (Review.objects.shown().filter(closed_at=None), "ends_at"),
        "remind": (ReviewStage.objects.to_remind(), "remind_at"),
    }


def next_due(after: datetime) -> datetime | None:
    """When the next of these comes."""
    return earliest(*nexts(moments(), after).values())


def due(at: datetime) -> dict[str, list[int]]:
    """About what something is to be done, by the task that does it."""
    return {
        "begin": _ids(Series.objects.to_begin(at)),
        "hand_on": _ids(ReviewStage.objects.to_hand_on().filter(closes_at__lte=at)),
        "close": _ids(Review.objects.to_close(at)),
        "remind": _ids(ReviewStage.objects.reminding(at)),
        "apply": _ids(left_lying(at)),
        "fall_back": _ids(ReviewStage.objects.open(at)),
    }


def left_lying(at: datetime) -> QuerySet[Review]:
    """Reviews whose results are to be applied, and nobody did anything about it for a minute."""
    just_now = ReviewItem.objects.filter(review=OuterRef("pk"), applied_at__gt=at - MINUTE)
    return Review.objects.to_apply().filter(~Exists(just_now), apply_asked_at__lte=at - MINUTE)


def _ids(rows: QuerySet[Model]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
