"""Notes when a duty was last done, wherever django-q2 did it."""

import logging
from typing import Any

from django.db import DatabaseError
from django_q.signals import post_execute_in_worker

from kernel.period import SECOND
from pimportal.duties import BY_TASK
from pimportal.health import beat
from pimportal.models import Heartbeat

logger = logging.getLogger(__name__)


def listen() -> None:
    """Be called by django-q2 after each task."""
    post_execute_in_worker.connect(note, dispatch_uid="note")


def note(task: dict[str, Any], **kwargs: Any) -> None:
    """Write down that a duty was done; no more than once a second. That it cannot be noted makes it no less done."""
    name = task["func"]
    if name not in BY_TASK or not task["success"]:
        return
    at = task["stopped"]
    try:
        # What is noted for later than that was noted by a clock that has been put back since.
        if not Heartbeat.objects.filter(pk=name, seen_at__gt=at - SECOND, seen_at__lt=at + SECOND).exists():
            beat({name: at})
    except DatabaseError as error:
        logger.warning("It could not be noted that %s was done: %s", name, error)
