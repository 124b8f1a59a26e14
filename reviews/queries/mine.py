"""What waits for a reviewer: review by review, and all of it in three numbers."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet

from accounts.models import User
from reviews.models import Answer, Review, ReviewStage, StageReviewer
from reviews.models.items import OPEN
from reviews.queries.answerable import by, waiting_for
from reviews.terms import Reviewers
from roles.queries.groups import owned
from roles.queries.people import groups_of

MOST_FINISHED = 10


@dataclass(frozen=True)
class Work:
    """The lines of one review that one person may answer now, and how many of them are open."""

    stage: ReviewStage
    stages: int
    total: int
    open: int

    @property
    def review(self) -> Review:
        """What they are lines of."""
        return self.stage.review

    @property
    def answered(self) -> int:
        """How many of them somebody has answered in this stage."""
        return self.total - self.open


@dataclass(frozen=True)
class Waiting:
    """All that waits for one person. `next_at`: when the first of it is due."""

    reviews: int
    lines: int
    next_at: datetime | None


def waiting(user: User, at: datetime) -> Waiting:
    """What is open for this person in all reviews."""
    reviews, next_at = Count("review", distinct=True), Min("stage__closes_at")
    return Waiting(**waiting_for(user, at).order_by().aggregate(reviews=reviews, lines=Count("pk"), next_at=next_at))


def work(user: User, at: datetime) -> list[Work]:
    """Each review this person can answer in now: the open ones first, and what is due soonest."""
    counted = _counted(Q(), user, at)
    stages = _with_names().filter(pk__in=counted)
    found = [_work(stage, counted[stage.pk]) for stage in stages]
    return sorted(found, key=lambda one: (not one.open, one.stage.closes_at, one.stage.pk))


def work_in(user: User, review: Review, at: datetime) -> Work | None:
    """What this person can answer in one review; None where that is nothing."""
    counted = _counted(Q(review=review), user, at)
    stage = _with_names().filter(pk__in=counted).first()
    return _work(stage, counted[stage.pk]) if stage else None


def _work(stage: ReviewStage, counted: tuple[int, int]) -> Work:
    return Work(stage, stage.stage_count, *counted)  # type: ignore[attr-defined]


def _counted(which: Q, user: User, at: datetime) -> dict[int, tuple[int, int]]:
    """How many lines, and how many open ones, by stage. Of a review, one stage is open at a time."""
    rows = by(user, at).filter(which).order_by().values("stage").annotate(total=Count("pk"), open=Count("pk", OPEN))
    return {row["stage"]: (row["total"], row["open"]) for row in rows}


def _with_names() -> QuerySet[ReviewStage]:
    names = ("review__series__role__resource", "review__series__group")
    return ReviewStage.objects.select_related(*names).annotate(stage_count=Count("review__stages"))


def finished(user: User, at: datetime) -> list[Review]:
    """The last reviews in which this person answered and can answer no longer, newest first."""
    answered = Answer.objects.filter(by=user).values("item__review")
    mine = Review.objects.shown().filter(pk__in=answered).exclude(pk__in=by(user, at).values("review"))
    return list(mine.with_names().order_by("-ends_at", "-pk")[:MOST_FINISHED])


def is_of(user: User, review: Review, at: datetime) -> bool:
    """Whether a review is, or was, something for this person: they answered in it, or are a reviewer of one of its
    stages, be it over or still to come."""
    named = StageReviewer.objects.filter(Q(user=user) | Q(group__in=groups_of(user, at)), stage__review=review)
    group, kinds = review.series.group, set(review.stages.values_list("reviewers", flat=True))
    holder = {Reviewers.SELF: Q(user=user), Reviewers.MANAGERS: Q(manager=user)}
    return (
        named.exists()
        or any(review.items.filter(those).exists() for kind, those in holder.items() if kind in kinds)
        or (Reviewers.OWNERS in kinds and group is not None and owned(user, at).contains(group))
        or Answer.objects.filter(by=user, item__review=review).exists()
    )
