"""What the worker calls. Each may run twice, and in several workers at once."""

from django.utils import timezone
from django_q.tasks import async_task

from audit.operations import archiving, checkpoints, sealing, streaming

_sealer = sealing.Sealer()
PATIENCE_SECONDS = 5


def seal() -> None:
    """Called every second, by a clock that nobody sets: seal what was committed."""
    _sealer.seal(timezone.now())


def checkpoint() -> None:
    """Called every minute: once an hour, seal what is left and sign how far the history has come."""
    now = timezone.now()
    if checkpoints.is_due(now):
        sealing.seal_all(now, patience=PATIENCE_SECONDS)
        checkpoints.write(now)


def archive() -> None:
    """Called every minute: once a day, move what is older than HISTORY_KEEP_DAYS into archives."""
    archiving.archive_due(timezone.now)


def enqueue_streams() -> None:
    """Called every two seconds: have streams go on that are behind."""
    if streaming.is_wanted(timezone.now()):
        async_task("audit.tasks.stream", save=False)


def stream() -> None:
    """Send what is behind to those the history is streamed to."""
    streaming.stream(timezone.now)
