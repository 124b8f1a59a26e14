"""What django-q2 calls. Each reads the clock and calls one operation; each may run twice."""

import time

from django.utils import timezone
from django_q.models import OrmQ

from notifications import queries
from notifications.operations import delivery, outbox

DEEP_QUEUE = 500
# Few, so that a worker that is told to stop has stopped before it is ended.
SECONDS_AT_ONCE = 5


def deliver(email_id: int) -> None:
    """Send one email of the outbox."""
    delivery.deliver(email_id, at=timezone.now())


def deliver_many(email_ids: list[int]) -> None:
    """Send emails of the outbox. What a slow mail server leaves no time for is enqueued once more; what fails stops
    nothing else, and is raised at the end."""
    until = time.monotonic() + SECONDS_AT_ONCE
    errors = []
    for done, email_id in enumerate(email_ids):
        if time.monotonic() > until:
            outbox.enqueue_all(email_ids[done:])
            break
        try:
            delivery.deliver(email_id, at=timezone.now())
        except Exception as error:
            errors.append(error)
    if errors:
        raise ExceptionGroup(f"{len(errors)} of {len(email_ids)} failed", errors)


def sweep() -> None:
    """Enqueue what is due and was missed: after a failure, a crash, or a lost task. Adds nothing to a deep queue."""
    if OrmQ.objects.filter(key=outbox.EMAIL_CLUSTER).count() > DEEP_QUEUE:
        return
    outbox.enqueue_all(queries.left_over(timezone.now()))
