"""Which weeks the administrators were written to about."""

from typing import ClassVar

from django.db import models


class WeeklyDigest(models.Model):
    """A week whose numbers were sent. One row for each, so that it is sent once, however many workers there are."""

    begins_on = models.DateField(unique=True)
    sent_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-begins_on"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="a_week_begins_on_monday", condition=models.Q(begins_on__week_day=2)),
        ]

    def __str__(self) -> str:
        return f"the week of {self.begins_on}"
