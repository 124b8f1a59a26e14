"""The worker's own tasks."""

from django.utils import timezone

from pimportal.models import Heartbeat


def canary() -> None:
    """Prove that the queue is worked off."""
    Heartbeat.objects.update_or_create(pk="cluster", defaults={"seen_at": timezone.now()})
