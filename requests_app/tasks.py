"""What django-q2 calls. Each reads the clock and calls one operation; each may run twice."""

from django.utils import timezone
from django_q.tasks import async_task

from accounts.act import Act
from requests_app import queries
from requests_app.operations import activation


def time_out(request_id: int) -> None:
    """A pending request has run out of time."""
    activation.time_out(Act(None, timezone.now()), request_id)


def enqueue_due() -> None:
    """Enqueue each pending request that has run out of time."""
    for request_id in queries.overdue(timezone.now()):
        async_task("requests_app.tasks.time_out", request_id)
