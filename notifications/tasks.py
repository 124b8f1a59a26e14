"""What django-q2 calls. Each reads the clock and calls one operation; each may run twice."""

from django.utils import timezone
from django_q.models import OrmQ

from notifications import queries
from notifications.operations import delivery, outbox

DEEP_QUEUE = 500


def deliver(email_id: int) -> None:
    """Send one email of the outbox."""
    delivery.deliver(email_id, at=timezone.now())


def sweep() -> None:
    """Enqueue what is due and was missed: after a failure, a crash, or a lost task. Adds nothing to a deep queue."""
    if OrmQ.objects.filter(key=outbox.EMAIL_CLUSTER).count() > DEEP_QUEUE:
        return
    for email_id in queries.left_over(timezone.now()):
        outbox.enqueue(email_id)
