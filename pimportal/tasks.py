"""The worker's own tasks."""

from django.utils import timezone

from accounts.act import Act
from pimportal import outside


def canary() -> None:
    """Nothing. That it was taken from the queue is what the worker looks at."""


def compare_history() -> None:
    """Called every minute: hold the history against the checkpoints kept outside."""
    outside.compare(Act(None, timezone.now()))
