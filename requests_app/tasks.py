"""What django-q2 calls. Each reads the clock and calls one operation for each number; each may run twice."""

from django.utils import timezone

from requests_app.operations import activation, starting, waiting
from requests_app.queries.due import due, lapsed, unchecked
from roles.tasks import for_each, in_chunks


def time_out(ids: list[int]) -> None:
    """Pending requests have run out of time."""
    for_each(activation.time_out, ids)


def remind(ids: list[int]) -> None:
    """Half of the time to decide is over."""
    for_each(waiting.remind, ids)


def escalate(ids: list[int]) -> None:
    """Others may decide as well."""
    for_each(waiting.escalate, ids)


def lapse(ids: list[int]) -> None:
    """Pending requests are no longer possible."""
    for_each(waiting.lapse, ids)


def start(ids: list[int]) -> None:
    """Scheduled activations begin."""
    for_each(starting.start, ids)


def check(ids: list[int]) -> None:
    """The settings of roles were changed, for which activations are scheduled."""
    for_each(starting.check, ids)


def enqueue_due() -> None:
    """Enqueue each request about which something has become due."""
    for task, ids in due(timezone.now()).items():
        in_chunks(f"requests_app.tasks.{task}", ids)


def enqueue_lapsed() -> None:
    """Enqueue what no clock announces."""
    in_chunks("requests_app.tasks.lapse", lapsed(timezone.now()))
    in_chunks("requests_app.tasks.check", unchecked(timezone.now()))
