"""The results of a review, line by line: what stands, what was said before, and what was done about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from audit.models import Entry
from reviews.events import ReviewReset
from reviews.lifecycle import ANSWERS, RESULTS, Badge
from reviews.models import Answer, Review, ReviewItem
from reviews.models.items import ItemQuerySet
from reviews.terms import Applied, Outcome

TO_DO = "to_do"
NOT_REVIEWED = "not_reviewed"
"""No answer, as it stands in an address."""


@dataclass(frozen=True)
class Filters:
    """Which lines are wanted; what is empty narrows nothing."""

    answer: str = ""
    applied: str = ""
    text: str = ""


@dataclass(frozen=True)
class Said:
    """Something that was said about a line before, or the moment at which all answers were taken back; by nobody
    known where the history that tells it was archived."""

    at: datetime
    by: str
    badge: Badge | None = None
    reason: str = ""
    stage: int | None = None
    is_as_recommended: bool = False


@dataclass(frozen=True)
class Row:
    """One line, its answer, what was done about it, and what was said before."""

    item: ReviewItem
    badge: Badge
    advice: Badge
    result: Badge | None
    earlier: list[Said]


def found(review: Review, filters: Filters) -> ItemQuerySet:
    """The lines that fit, by name."""
    lines = ReviewItem.objects.filter(review=review)
    if filters.answer:
        lines = lines.filter(verdict="" if filters.answer == NOT_REVIEWED else filters.answer)
    if filters.applied == TO_DO:
        lines = lines.filter(outcome=Outcome.REMOVE, applied="")
    elif filters.applied:
        lines = lines.filter(applied=Applied(filters.applied))
    if filters.text:
        lines = lines.filter(name__icontains=filters.text)
    return lines.select_related("user", "group", "decided_by", "decided_in", "stage").prefetch_related(
        "answers__by", "answers__stage"
    )


def rows(review: Review, lines: Iterable[ReviewItem]) -> list[Row]:
    """These lines as they are shown."""
    resets = _resets(review)
    return [_row(item, resets) for item in lines]


def _row(item: ReviewItem, resets: list[Said]) -> Row:
    answers = list(item.answers.all())
    before = answers[:-1] if item.verdict else answers
    first = min((answer.at for answer in answers), default=None)
    taken_back = [reset for reset in resets if first is not None and first <= reset.at]
    return Row(
        item,
        ANSWERS[item.verdict],
        ANSWERS[item.recommendation],
        RESULTS[item.applied] if item.applied else None,
        sorted([*map(_said, before), *taken_back], key=lambda said: said.at) if answers else [],
    )


def _said(answer: Answer) -> Said:
    badge = ANSWERS[answer.verdict]
    return Said(answer.at, answer.by.name, badge, answer.reason, answer.stage.number, answer.is_as_recommended)


def _resets(review: Review) -> list[Said]:
    """When all answers were taken back, as the history tells it; asked only where that ever happened. The last time
    is known without it."""
    if review.reset_at is None:
        return []
    told = Entry.objects.filter(kind=ReviewReset.kind, at__gte=review.start_at, facts__review=review.pk)
    resets = [Said(entry.at, entry.actor_name, reason=entry.because) for entry in told]
    return resets if any(one.at == review.reset_at for one in resets) else [*resets, Said(review.reset_at, "")]
