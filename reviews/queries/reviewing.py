"""Who reviews how much, stage by stage, and which lines nobody can review."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, F, Max, Q

from accounts.models import User
from reviews.lifecycle import AHEAD, OPEN, OVER, Badge
from reviews.models import Answer, Review, ReviewItem, ReviewStage, StageReviewer
from reviews.models.reviews import StageQuerySet
from reviews.queries import rules
from reviews.queries.panels import panel_of
from reviews.terms import Reviewers

MOST_NAMED = 5


@dataclass(frozen=True)
class Reviewer:
    """One person: how many lines they review in this stage, how many of those are open, how many answers are theirs."""

    user: User
    lines: int
    open: int
    answered: int
    last_at: datetime | None

    @property
    def is_done(self) -> bool:
        """Whether nothing waits for them."""
        return self.open == 0


@dataclass(frozen=True)
class Nobody:
    """Lines nobody can review: how many, and the first of them by name."""

    count: int
    names: list[str]


@dataclass(frozen=True)
class Round:
    """One stage: who is named, how far it has come, and what of it is not over."""

    stage: ReviewStage
    kind: str
    named: list[StageReviewer]
    fallback: list[StageReviewer]
    moves_on: str
    lines: int
    open: int
    badge: Badge

    @property
    def is_ahead(self) -> bool:
        """Whether it is not known yet which lines come to it."""
        return self.badge == AHEAD

    @property
    def is_over(self) -> bool:
        """Whether nobody can review in it any more."""
        return self.badge == OVER


@dataclass
class Shares:
    """How many lines, and open ones, fall to whom; `nobody` where nobody can answer."""

    lines: Counter[int] = field(default_factory=Counter)
    open: Counter[int] = field(default_factory=Counter)
    nobody: list[str] = field(default_factory=list)


def rounds(review: Review, at: datetime) -> list[Round]:
    """The stages of a review; three queries, however many lines."""
    answered = Count("items", filter=Q(items__decided_in=F("pk")))
    stages = review.stages.prefetch_related("named__user", "named__group")
    counted = stages.annotate(lines=Count("items"), answered=answered)
    last = max(one.number for one in counted)
    return [_round(one, last, is_closed=_is_over(review), at=at) for one in counted]


def _round(stage: ReviewStage, last: int, *, is_closed: bool, at: datetime) -> Round:
    named = list(stage.named.all())
    lines, answered = stage.lines, stage.answered  # type: ignore[attr-defined]
    return Round(
        stage,
        Reviewers(stage.reviewers).label,
        [one for one in named if not one.is_fallback],
        [one for one in named if one.is_fallback],
        rules.moves_on(stage.moves()) if stage.number < last else "",
        lines,
        lines - answered,
        _badge(stage, is_closed=is_closed, at=at),
    )


def _is_over(review: Review) -> bool:
    return review.closed_at is not None or review.deleted_at is not None


def _badge(stage: ReviewStage, *, is_closed: bool, at: datetime) -> Badge:
    if is_closed or at >= stage.closes_at:
        return OVER
    return AHEAD if at < stage.opens_at else OPEN


def shares(stage: ReviewStage, at: datetime) -> Shares:
    """Which lines of the open stage fall to whom now."""
    who, found = panel_of(stage, at), Shares()
    every, still_open = Counter[frozenset[int]](), Counter[frozenset[int]]()
    # With `stage`: a related manager reads it from each row, one by one if it is missing.
    columns = ("stage", "name", "user_id", "group_id", "manager_id", "decided_in_id")
    for item in stage.items.only(*columns).order_by("name").iterator(chunk_size=2000):
        people = who.of(item)
        every[people] += 1
        still_open[people] += item.decided_in_id != stage.pk
        if who.misses(item)[1]:
            found.nobody.append(item.name)
    # Most lines have the same reviewers, of whom there may be many.
    for people, count in every.items():
        found.lines.update(dict.fromkeys(people, count))
        found.open.update(dict.fromkeys(people, still_open[people]))
    return found


def nobody(found: Shares) -> Nobody:
    """The lines nobody can review."""
    return Nobody(len(found.nobody), found.nobody[:MOST_NAMED])


@dataclass(frozen=True)
class Stuck:
    """How many lines of the open stage wait for an answer that nobody can give."""

    number: int
    lines: int


def stuck(review: Review, at: datetime) -> Stuck | None:
    """Such lines as they were found last; None if there are none. One query, however many lines."""
    waiting = ReviewItem.objects.in_open_stage(at).stuck().filter(review=review).order_by("stage")
    row = waiting.values("stage__number").annotate(lines=Count("pk")).first()
    return Stuck(row["stage__number"], row["lines"]) if row else None


def in_order(stage: ReviewStage, found: Shares) -> list[int]:
    """Everybody who reviews in the stage, or has answered in it; who has most to do comes first."""
    answered = Answer.objects.filter(stage=stage).order_by("by").values_list("by", flat=True).distinct()
    everybody = {*found.lines, *answered}
    return sorted(everybody, key=lambda pk: (-found.open[pk], -found.lines[pk], pk))


def reviewers(stage: ReviewStage, numbers: Sequence[int], found: Shares) -> list[Reviewer]:
    """These people, with how far each has come."""
    people = User.objects.in_bulk(numbers)
    answers = Answer.objects.filter(stage=stage, by__in=numbers).order_by("by").values("by")
    rows = {row["by"]: row for row in answers.annotate(lines=Count("item", distinct=True), last_at=Max("at"))}
    return [
        Reviewer(
            people[pk],
            found.lines[pk],
            found.open[pk],
            rows[pk]["lines"] if pk in rows else 0,
            rows[pk]["last_at"] if pk in rows else None,
        )
        for pk in numbers
    ]


def stages_to_stop(review: Review) -> StageQuerySet:
    """The stages that another one follows: the last one ends with the review."""
    return review.stages.filter(closes_at__lt=review.ends_at)
