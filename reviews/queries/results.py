"""The lines of reviews as rows of a table: of one review, or of all that began in a span.

The columns are those of the history report in `docs/id-governance/access-reviews-downloadable-review-history.md`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import Group, User
from kernel.csv import cell, lines
from reviews.lifecycle import ANSWERS, BADGES, RESULTS, state_of
from reviews.models import Review, ReviewItem
from reviews.models.items import ItemQuerySet
from reviews.terms import Answered
from roles.models import Role

COLUMNS = (
    "review_id", "series_id", "resource_type", "resource_name", "resource_id", "review_name", "created", "start",
    "end", "status", "owner_id", "owner_name", "owner_email", "principal_id", "principal_name", "principal_email",
    "principal_type", "review_date", "result", "justification", "reviewer_id", "reviewer_name", "reviewer_email",
    "reviewer_type", "applied_by_id", "applied_by_name", "applied_by_email", "applied_date", "recommendation",
    "submission_result",
)  # fmt: skip
CHUNK = 500


@dataclass(frozen=True)
class Span:
    """Which reviews a report is about: those that began in `[start_at, end_at)`. No answers chosen means all."""

    start_at: datetime
    end_at: datetime
    of_roles: bool = True
    of_groups: bool = True
    answers: frozenset[Answered] = frozenset()


def of_review(review: Review) -> ItemQuerySet:
    """The lines of one review, by name."""
    return ReviewItem.objects.filter(review=review).order_by("name", "pk")


def in_span(span: Span) -> ItemQuerySet:
    """The lines of every review that began then, deleted ones too: what happened stays told. In order of their
    reviews."""
    of = Q()
    if not span.of_groups:
        of &= Q(review__series__group=None)
    if not span.of_roles:
        of &= Q(review__series__role=None)
    found = ReviewItem.objects.filter(of, review__start_at__gte=span.start_at, review__start_at__lt=span.end_at)
    if span.answers:
        found = found.filter(verdict__in=span.answers)
    return found.order_by("review__start_at", "review_id", "name", "pk")


def file(items: ItemQuerySet, at: datetime) -> Iterator[str]:
    """The lines as CSV, a few hundred in memory at a time; nothing in it is computed by a spreadsheet."""
    named = items.select_related(
        "user", "group", "decided_by", "applied_by", "review__series__made_by",
        "review__series__role__resource", "review__series__group",
    )  # fmt: skip
    yield from lines([COLUMNS])
    yield from lines([cell(value) for value in row(item, at)] for item in named.iterator(chunk_size=CHUNK))


def row(item: ReviewItem, at: datetime) -> tuple[object, ...]:
    """One line, in the order of the columns."""
    review, series = item.review, item.review.series
    return (
        review.pk, series.pk, *_subject(series.subject), review.name, series.made_at, review.start_at,
        review.ends_at, "Deleted" if review.deleted_at else BADGES[state_of(review, at)].label,
        *_person(series.made_by), *_holder(item.holder), item.decided_at, ANSWERS[item.verdict].label, item.reason,
        *_person(item.decided_by), "user" if item.decided_by else None, *_applied_by(item), item.applied_at,
        ANSWERS[item.recommendation].label, RESULTS[item.applied].label if item.applied else None,
    )  # fmt: skip


def _subject(subject: Role | Group) -> tuple[object, ...]:
    if isinstance(subject, Group):
        return "group", subject.name, subject.pk
    return "role", f"{subject.name} ({subject.resource.name})", subject.template_id or subject.pk


def _person(user: User | None) -> tuple[object, ...]:
    return (user.pk, user.name, user.email) if user else (None, None, None)


def _holder(holder: User | Group) -> tuple[object, ...]:
    return (*_person(holder), "user") if isinstance(holder, User) else (holder.pk, holder.name, None, "group")


def _applied_by(item: ReviewItem) -> tuple[object, ...]:
    if item.applied and not item.applied_by:
        return None, "The portal", None
    return _person(item.applied_by)
