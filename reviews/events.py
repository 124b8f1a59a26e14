"""What can be told of access reviews. `review` is the number of the review, `series` that of its series."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from audit.events import Event


@dataclass(frozen=True, kw_only=True)
class ReviewPlanned(Event):
    kind: ClassVar[str] = "review.planned"
    label: ClassVar[str] = "Access review set up"
    series: int
    name: str
    plan: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ReviewChanged(Event):
    kind: ClassVar[str] = "review.changed"
    label: ClassVar[str] = "Settings of an access review changed"
    series: int
    name: str
    changes: list[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class ReviewStarted(Event):
    kind: ClassVar[str] = "review.started"
    label: ClassVar[str] = "Access review started"
    series: int
    review: int
    name: str
    number: int
    lines: int
    names: list[str]
    lines_digest: str
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReviewSkipped(Event):
    kind: ClassVar[str] = "review.skipped"
    label: ClassVar[str] = "Access review skipped"
    series: int
    name: str
    number: int
    start_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReviewersChanged(Event):
    kind: ClassVar[str] = "review.reviewers_changed"
    label: ClassVar[str] = "Reviewers changed"
    series: int
    review: int
    name: str
    stage: int
    added: list[str]
    removed: list[str]


@dataclass(frozen=True, kw_only=True)
class ReviewAnswered(Event):
    kind: ClassVar[str] = "review.answered"
    label: ClassVar[str] = "Access reviewed"
    review: int
    name: str
    stage: int
    verdict: str
    old_verdict: str
    is_as_recommended: bool = False


@dataclass(frozen=True, kw_only=True)
class ReviewStageEnded(Event):
    kind: ClassVar[str] = "review.stage_ended"
    label: ClassVar[str] = "Stage of an access review ended"
    review: int
    name: str
    stage: int
    moved_on: int
    old_closes_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewStopped(Event):
    kind: ClassVar[str] = "review.stopped"
    label: ClassVar[str] = "Access review stopped"
    review: int
    name: str
    old_ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReviewReset(Event):
    kind: ClassVar[str] = "review.reset"
    label: ClassVar[str] = "Answers of an access review reset"
    review: int
    name: str
    answers: int


@dataclass(frozen=True, kw_only=True)
class ReviewFinished(Event):
    kind: ClassVar[str] = "review.finished"
    label: ClassVar[str] = "Access review finished"
    review: int
    name: str
    counts: dict[str, int]
    answers_digest: str


@dataclass(frozen=True, kw_only=True)
class ReviewApplyAsked(Event):
    kind: ClassVar[str] = "review.apply_asked"
    label: ClassVar[str] = "Results of an access review to be applied"
    review: int
    name: str


@dataclass(frozen=True, kw_only=True)
class ReviewItemApplied(Event):
    kind: ClassVar[str] = "review.item_applied"
    label: ClassVar[str] = "Result of an access review applied"
    review: int
    name: str
    result: str


@dataclass(frozen=True, kw_only=True)
class ReviewApplied(Event):
    kind: ClassVar[str] = "review.applied"
    label: ClassVar[str] = "Results of an access review applied"
    review: int
    name: str
    counts: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class ReviewReminded(Event):
    kind: ClassVar[str] = "review.reminded"
    label: ClassVar[str] = "Reviewers reminded"
    review: int
    name: str
    stage: int
    reminded: list[str]


@dataclass(frozen=True, kw_only=True)
class ReviewDeleted(Event):
    kind: ClassVar[str] = "review.deleted"
    label: ClassVar[str] = "Access review deleted"
    series: int
    review: int | None
    name: str


@dataclass(frozen=True, kw_only=True)
class ReviewRestored(Event):
    kind: ClassVar[str] = "review.restored"
    label: ClassVar[str] = "Access review restored"
    series: int
    review: int | None
    name: str


@dataclass(frozen=True, kw_only=True)
class ReviewSeriesEnded(Event):
    kind: ClassVar[str] = "review.series_ended"
    label: ClassVar[str] = "Series of access reviews ended"
    series: int
    name: str


@dataclass(frozen=True, kw_only=True)
class ReviewExported(Event):
    kind: ClassVar[str] = "review.exported"
    label: ClassVar[str] = "Results of access reviews downloaded"
    file: str
    filters: str
    review: int | None = None
