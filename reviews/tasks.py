"""What django-q2 calls. Each reads the clock and calls one operation; each may run twice."""

from datetime import datetime

from django.utils import timezone
from django_q.tasks import async_task

from accounts.act import Act
from reviews.operations import applying, closing, occurrences, reminding, reviewers
from reviews.queries.due import due, moments
from roles.queries.due import come


def begin(series_id: int) -> None:
    """A review is due to begin."""
    occurrences.begin(Act(None, timezone.now()), series_id)


def hand_on(stage_id: int) -> None:
    """A stage is over, and another one follows."""
    closing.hand_on(Act(None, timezone.now()), stage_id)


def close(review_id: int) -> None:
    """A review is over."""
    closing.close(Act(None, timezone.now()), review_id)


def remind(stage_id: int) -> None:
    """Half of the time to answer is over."""
    reminding.remind(Act(None, timezone.now()), stage_id)


def fall_back(stage_id: int) -> None:
    """Reviewers may have left."""
    reviewers.fall_back(Act(None, timezone.now()), stage_id)


def apply(review_id: int) -> None:
    """Results are to be applied: some lines now, the rest when others had their turn."""
    if applying.apply(Act(None, timezone.now()), review_id):
        async_task(applying.APPLY, review_id)


def enqueue_due() -> None:
    """Enqueue each review about which something has become due."""
    for task, ids in due(timezone.now()).items():
        _enqueue(task, ids)


def enqueue_come(after: datetime, until: datetime) -> None:
    """Enqueue each review about which something became due between two moments."""
    for task, ids in come(moments(), after, until).items():
        _enqueue(task, ids)


def _enqueue(task: str, ids: list[int]) -> None:
    """A task for each: a single review may have ten thousand lines, which take seconds."""
    for pk in ids:
        async_task(f"reviews.tasks.{task}", pk)
