"""What may become of a request, with its words and tones in one place."""

from dataclasses import dataclass

from django.db.models import TextChoices

from kernel.lifecycle import Lifecycle


class Status(TextChoices):
    """What people decided; final ones have no way out."""

    PENDING = "pending", "Waiting for approval"
    GRANTED = "granted", "Granted"
    DENIED = "denied", "Denied"
    CANCELLED = "cancelled", "Cancelled"
    TIMED_OUT = "timed_out", "Not decided in time"
    LAPSED = "lapsed", "No longer possible"


@dataclass(frozen=True)
class Badge:
    """A status as it is shown. `is_live` where there is still something to end."""

    label: str
    tone: str
    is_live: bool = False
    status: str = ""


TONES: dict[str, str] = {
    Status.PENDING: "waiting",
    Status.GRANTED: "good",
    Status.DENIED: "bad",
    Status.CANCELLED: "quiet",
    Status.TIMED_OUT: "quiet",
    Status.LAPSED: "quiet",
}

REQUEST = Lifecycle(
    start=Status.PENDING,
    moves={
        Status.PENDING: {Status.GRANTED, Status.DENIED, Status.CANCELLED, Status.TIMED_OUT, Status.LAPSED},
        Status.GRANTED: set(),
        Status.DENIED: set(),
        Status.CANCELLED: set(),
        Status.TIMED_OUT: set(),
        Status.LAPSED: set(),
    },
)


def badge_of_request(status: str, *, ran_out: bool, lapsed: bool) -> Badge:
    """The badge of a request; a pending one that ran out of time or is no longer possible is shown so, told or not."""
    shown = Status(status)
    if status == Status.PENDING and (ran_out or lapsed):
        shown = Status.TIMED_OUT if ran_out else Status.LAPSED
    return Badge(str(shown.label), TONES[shown], status=shown)


def badge_of_grant(*, is_over: bool, is_ahead: bool, is_in_force: bool) -> Badge:
    """The badge of what was granted."""
    if is_over:
        return Badge("Ended", "quiet")
    if is_ahead:
        return Badge("Scheduled", "waiting", is_live=True)
    return Badge("Active", "good", is_live=True) if is_in_force else Badge("Ended", "quiet")
