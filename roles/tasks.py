"""What django-q2 calls. Each reads the clock and calls one operation; each may run twice."""

from django.utils import timezone
from django_q.tasks import async_task

from accounts.act import Act
from roles import queries
from roles.operations import activation


def tell_start(assignment_id: int) -> None:
    """A scheduled activation begins."""
    activation.tell_start(Act(None, timezone.now()), assignment_id)


def tell_assignment_end(assignment_id: int) -> None:
    """An active assignment is over."""
    activation.tell_assignment_end(Act(None, timezone.now()), assignment_id)


def tell_eligibility_end(eligibility_id: int) -> None:
    """An eligibility is over."""
    activation.tell_eligibility_end(Act(None, timezone.now()), eligibility_id)


def end_lapsed(assignment_id: int) -> None:
    """An activation has lost what it stood on."""
    activation.end_lapsed(Act(None, timezone.now()), assignment_id)


def enqueue_due() -> None:
    """Enqueue each start and end that has come and was not told yet."""
    for task, ids in queries.due(timezone.now()).items():
        for pk in ids:
            async_task(f"roles.tasks.{task}", pk)
