"""The one-time codes that let a person in for the first time."""

from datetime import datetime
from typing import Self

from django.db import models

from accounts.models.people import User


class OneTimeCodeQuerySet(models.QuerySet["OneTimeCode"]):
    """Codes, by whether they still open anything."""

    def usable(self, at: datetime) -> Self:
        """Neither used, nor out of time, nor guessed at too often."""
        return self.filter(used_at=None, expires_at__gt=at, tries__lt=OneTimeCode.MOST_TRIES)


class OneTimeCode(models.Model):
    """A secret somebody was given to get in for the first time. Only its digest is kept."""

    MOST_TRIES = 5

    class Purpose(models.TextChoices):
        """What the code opens."""

        INVITATION = "invitation", "Invitation"
        ENROLMENT = "enrolment", "Enrolment code"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="codes")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    digest = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="issued_codes")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = OneTimeCodeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} for {self.user}"
