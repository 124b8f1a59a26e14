"""The list of all series, each with the review that runs or ran last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, Subquery, TextChoices

from reviews.lifecycle import BADGES, DELETED, ENDED, GOES_ON, Badge, State, state_of
from reviews.models import Review, Series
from reviews.models.series import SeriesQuerySet
from reviews.queries import rules
from reviews.queries.outcome import Progress, progress_of


class Standing(TextChoices):
    """Which series are wanted."""

    RUNNING = "running", "Running"
    TO_APPLY = "to_apply", "To be applied"
    SCHEDULED = "scheduled", "Not started"
    FINISHED = "finished", "Finished"
    DELETED = "deleted", "Deleted"


@dataclass(frozen=True)
class Filters:
    """Which series are wanted; what is empty narrows nothing, but that deleted ones have to be asked for."""

    standing: str = ""
    text: str = ""


@dataclass(frozen=True)
class Row:
    """One series, the review that runs or ran last, and an earlier one that waits to be applied."""

    series: Series
    review: Review | None
    to_apply: Review | None
    badge: Badge
    rhythm: str
    progress: Progress


def found(filters: Filters) -> SeriesQuerySet:
    """The series that fit, by name and by what is reviewed."""
    is_deleted = filters.standing == Standing.DELETED
    reviews = Review.objects.filter(series=OuterRef("pk")).order_by("-number")
    shown = reviews.exclude(deleted_at=None) if is_deleted else reviews.shown()
    waiting = reviews.shown().exclude(closed_at=None).filter(applied_at=None)
    series = Series.objects.with_names().annotate(
        newest=Subquery(shown.values("pk")[:1]), waiting=Subquery(waiting.reverse().values("pk")[:1])
    )
    if is_deleted:
        series = series.filter(~Q(deleted_at=None) | Exists(shown))
    else:
        # Whatever began was deleted, and nothing is to come: that is as good as deleted.
        series = series.shown().exclude(Q(Exists(reviews), newest=None, next_at=None))
    for word in filters.text.split():
        series = series.filter(Q(name__icontains=word) | Q(role__name__icontains=word) | Q(group__name__icontains=word))
    return series.filter(_WHICH.get(filters.standing, Q())).order_by("name", "role__name", "group__name", "pk")


def _newest(**conditions: object) -> Q:
    return Q(Exists(Review.objects.filter(pk=OuterRef("newest"), **conditions)))


_WHICH = {
    Standing.RUNNING.value: _newest(closed_at=None),
    Standing.TO_APPLY.value: ~Q(waiting=None),
    Standing.SCHEDULED.value: Q(newest=None, next_at__isnull=False),
    Standing.FINISHED.value: Q(newest=None, next_at=None) | _newest(applied_at__isnull=False),
}


def rows(series: Iterable[Series], at: datetime) -> list[Row]:
    """These series as they are listed; two queries for all of them."""
    listed = list(series)
    numbers = {number for one in listed for number in (one.newest, one.waiting) if number}  # type: ignore[attr-defined]
    reviews = Review.objects.in_bulk(numbers)
    progress = progress_of(reviews)
    return [_row(one, reviews, progress, at) for one in listed]


def _row(series: Series, reviews: dict[int, Review], progress: dict[int, Progress], at: datetime) -> Row:
    newest, waiting = series.newest, series.waiting  # type: ignore[attr-defined]
    review = reviews.get(newest)
    return Row(
        series,
        review,
        reviews.get(waiting) if waiting != newest else None,
        badge_of(series, review, at),
        rules.rhythm(series.rhythm()),
        progress.get(newest, Progress()),
    )


def badge_of(series: Series, review: Review | None, at: datetime) -> Badge:
    """Where a review stands; where none has begun, the series."""
    if series.deleted_at or (review and review.deleted_at):
        return DELETED
    if review:
        return BADGES[state_of(review, at)]
    return BADGES[State.SCHEDULED] if series.next_at else ENDED


def badge_of_series(series: Series) -> Badge:
    """Whether a series goes on."""
    if series.deleted_at:
        return DELETED
    return GOES_ON if series.next_at else ENDED
