"""How far the history is sealed, and when the last checkpoint was made, for administrators."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.models import Checkpoint, Entry, Seal
from kernel.period import MINUTE

MOST_COUNTED = 1000
LATE_AFTER = MINUTE
"""An event is sealed within a second or two, unless nobody seals, or somebody writes and does not end."""


@dataclass(frozen=True)
class Sealed:
    """How far it is at a moment. `waiting` counts what is not sealed yet, up to `MOST_COUNTED` + 1."""

    at: datetime
    entry: int | None
    sealed_at: datetime | None
    waiting: int
    waiting_since: datetime | None
    checkpoint_at: datetime | None
    is_signed: bool

    @property
    def lag(self) -> timedelta:
        """How long the oldest event that is not sealed has waited; nothing if none waits."""
        return max(self.at - self.waiting_since, timedelta()) if self.waiting_since else timedelta()

    @property
    def is_late(self) -> bool:
        """Whether it waits for longer than sealing takes."""
        return self.lag > LATE_AFTER

    @property
    def checkpoint_age(self) -> timedelta | None:
        """Since the last checkpoint was made; None without."""
        return self.at - self.checkpoint_at if self.checkpoint_at else None

    @property
    def has_uncounted(self) -> bool:
        """Whether more wait than were counted."""
        return self.waiting > MOST_COUNTED


def how_far(at: datetime) -> Sealed:
    """Asked of both ends of the tables, whatever their length."""
    entry, sealed_at = Seal.objects.order_by("-number").values_list("last_id", "at").first() or (None, None)
    unsealed = Entry.objects.filter(pk__gt=entry or 0)
    checkpoint = Checkpoint.objects.order_by("-number").values_list("at", "signature").first()
    return Sealed(
        at=at, entry=entry, sealed_at=sealed_at, waiting=unsealed.order_by()[: MOST_COUNTED + 1].count(),
        waiting_since=unsealed.order_by("pk").values_list("at", flat=True).first(),
        checkpoint_at=checkpoint[0] if checkpoint else None, is_signed=bool(checkpoint and checkpoint[1]),
    )  # fmt: skip
