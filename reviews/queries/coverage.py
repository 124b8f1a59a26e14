"""Which roles were reviewed, and when last: privileged ones first."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, DateTimeField, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower

from kernel.period import DAY
from reviews.lifecycle import Badge
from reviews.models import Review, ReviewItem, Series
from roles.models import Assignment, Eligibility, G, GrantQuerySet, Role

TOO_LONG_AGO = 365 * DAY
"""From here on a review no longer counts: a year."""
ROWS = 50


class Covered(StrEnum):
    """How well a role is covered."""

    NEVER = "never"
    LONG_AGO = "long_ago"
    COVERED = "covered"
    EMPTY = "empty"


BADGES: dict[str, Badge] = {
    Covered.NEVER: Badge("Never reviewed", "bad"),
    Covered.LONG_AGO: Badge("Over a year ago", "waiting"),
    Covered.COVERED: Badge("Within a year", "good"),
    Covered.EMPTY: Badge("Nobody holds it", "quiet"),
}


def roles(at: datetime) -> QuerySet[Any]:
    """The roles in use, with `holders`, `last_at`, `last_review`, `running`, `next_at` and how they are
    `covered`.

    A review counts once it is over, if somebody answered anything in it. That of a group is one of its role Member.
    Privileged roles first, then those that waited longest.
    """
    reviewed = Q(series__role=OuterRef("pk"))
    reviewed |= Q(series__group=OuterRef("resource__group"), series__group__isnull=False)
    answered = Exists(ReviewItem.objects.filter(review=OuterRef("pk")).exclude(verdict=""))
    over = Review.objects.shown().filter(reviewed, answered).exclude(closed_at=None).order_by("-closed_at", "-pk")
    running = Review.objects.running(at).filter(reviewed).order_by("ends_at", "pk")
    planned = Q(role=OuterRef("pk")) | Q(group=OuterRef("resource__group"), group__isnull=False)
    ahead = Series.objects.shown().filter(planned).order_by().values("deleted_at").annotate(next=Min("next_at"))
    found = (
        Role.objects.in_use()
        .exclude(membership=Role.Membership.OWNER)
        .annotate(
            last_at=Subquery(over.values("closed_at")[:1]),
            last_review=Subquery(over.values("pk")[:1]),
            running=Subquery(running.values("pk")[:1]),
            running_until=Subquery(running.values("ends_at")[:1]),
            next_at=Subquery(ahead.values("next"), output_field=DateTimeField()),
            holders=_count(Eligibility.objects.not_over(at)) + _count(_assigned(at)),
        )
    )
    covered = Case(
        When(holders=0, then=Value(Covered.EMPTY)),
        When(last_at=None, then=Value(Covered.NEVER)),
        When(last_at__lte=at - TOO_LONG_AGO, then=Value(Covered.LONG_AGO)),
        default=Value(Covered.COVERED),
    )
    ordered = found.annotate(covered=covered, is_empty=Case(When(holders=0, then=1), default=0))
    return ordered.select_related("resource").order_by(
        "is_empty", F("is_privileged").desc(), F("last_at").asc(nulls_first=True), Lower("name"), "pk"
    )


def page_of(which: str, page_number: str | None, at: datetime) -> Page[Any]:
    """A page of roles, those covered in one way, if one is named."""
    found = roles(at)
    if which in list(Covered):
        found = found.filter(covered=which)
    return Paginator(found, ROWS).get_page(page_number)


def counts(at: datetime) -> dict[str, int]:
    """How many roles are covered in each way; and how many of the privileged ones are not."""
    by_way = dict.fromkeys(Covered, 0) | dict(
        roles(at).order_by().values_list("covered").annotate(number=Count("pk", distinct=True))
    )
    return {str(way): number for way, number in by_way.items()}


def _assigned(at: datetime) -> GrantQuerySet[Assignment]:
    return Assignment.objects.not_over(at).filter(activated_from=None)


def _count(grants: GrantQuerySet[G]) -> Coalesce:
    held = grants.filter(role=OuterRef("pk"), removed_at=None).order_by().values("role")
    return Coalesce(Subquery(held.annotate(number=Count("pk")).values("number")), 0)
