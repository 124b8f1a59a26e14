"""What the worker calls. Each may run twice, and in several workers at once."""

from django.utils import timezone

from audit.operations import checkpoints, sealing

_sealer = sealing.Sealer()
PATIENCE_SECONDS = 5


def seal() -> None:
    """Called at every beat of the clock: seal, once a second, what was committed."""
    _sealer.beat(timezone.now())


def checkpoint() -> None:
    """Called every minute: once an hour, seal what is left and sign how far the history has come."""
    now = timezone.now()
    if checkpoints.is_due(now):
        sealing.seal_all(now, patience=PATIENCE_SECONDS)
        checkpoints.write(now)
