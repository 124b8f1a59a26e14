"""What django-q2 calls. Each reads the clock and calls one operation for each number; each may run twice."""

from django.utils import timezone
from django_q.tasks import async_task

from requests_app import queries
from requests_app.operations import activation
from roles.tasks import CHUNK, for_each


def time_out(ids: list[int]) -> None:
    """Pending requests have run out of time."""
    for_each(activation.time_out, ids)


def enqueue_due() -> None:
    """Enqueue each pending request that has run out of time."""
    ids = queries.overdue(timezone.now())
    for begin in range(0, len(ids), CHUNK):
        async_task("requests_app.tasks.time_out", ids[begin : begin + CHUNK])
