"""What django-q2 calls. Each reads the clock and calls one operation; each may run twice."""

from django.utils import timezone

from notifications import queries
from notifications.operations import delivery, outbox


def deliver() -> None:
    """Send all emails that are due, and let nobody else be called for them."""
    outbox.take_over(at=timezone.now())
    if delivery.deliver(timezone.now):
        outbox.enqueue()


def sweep() -> None:
    """Have delivered what is due and was missed: after a failure, a crash, or a lost task. Never enqueues twice."""
    at = timezone.now()
    if queries.is_left_over(at) and not outbox.is_enqueued(at=at):
        outbox.enqueue()
