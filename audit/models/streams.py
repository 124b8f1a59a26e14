"""How far the history was sent on."""

from typing import ClassVar

from django.db import models


class StreamCursor(models.Model):
    """How far a stream has come: everything up to `entry` was delivered, and nothing above `in_hand` was ever sent."""

    name = models.CharField(max_length=20, primary_key=True)
    entry = models.BigIntegerField()
    # Until where the batch goes that is being sent. It stays when that fails, so that the same batch is sent again.
    in_hand = models.BigIntegerField()
    claimed_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    failing_since = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(entry__gte=0, in_hand__gte=models.F("entry")), name="stream_in_hand_is_not_delivered"
            ),
        ]

    def __str__(self) -> str:
        return f"stream to {self.name}, at {self.entry}"
