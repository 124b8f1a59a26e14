"""Absences: who is away, and who decides in their stead."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models

from accounts.models.people import User


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Absences, by when they are."""

    def covering(self, at: datetime) -> Self:
        """Those that are on at that moment."""
        return self.filter(start_at__lte=at, end_at__gt=at)

    def not_over(self, at: datetime) -> Self:
        """On or still ahead."""
        return self.filter(end_at__gt=at).exclude(end_at=models.F("start_at"))

    def to_hand_over(self, at: datetime) -> Self:
        """Those that have begun, and whose deputy was not written to yet."""
        return self.covering(at).filter(handed_over_at=None)


class Absence(models.Model):
    """Somebody is away, and a deputy decides in their stead; ended early, its end is moved to that moment."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    deputy = models.ForeignKey(User, on_delete=models.PROTECT, related_name="deputyships")
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # Bookkeeping of the worker: was the deputy written to about what waits already? Read by nobody else.
    handed_over_at = models.DateTimeField(null=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-start_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="absence_ends_no_earlier_than_it_starts", condition=models.Q(end_at__gte=models.F("start_at"))
            ),
            models.CheckConstraint(name="nobody_is_their_own_deputy", condition=~models.Q(user=models.F("deputy"))),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["end_at", "start_at"], name="absence_now"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} for {self.user}"
