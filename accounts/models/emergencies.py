"""Sign-ins of break-glass accounts, and what they were."""

from typing import ClassVar

from django.db import models

from accounts.models.people import User


class EmergencyUse(models.Model):
    """A break-glass account signed in. Who looked into it says afterwards what it was."""

    class Purpose(models.TextChoices):
        """What it was."""

        DRILL = "drill", "Drill"
        EMERGENCY = "emergency", "Emergency"
        MISUSE = "misuse", "Misuse"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="emergency_uses")
    signed_in_at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True)
    # Bookkeeping of the worker: were the administrators told?
    alarmed_at = models.DateTimeField(null=True)
    purpose = models.CharField(max_length=20, choices=Purpose.choices, blank=True)
    note = models.TextField(blank=True)
    noted_at = models.DateTimeField(null=True)
    noted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["-signed_in_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="a_note_says_what_it_was",
                condition=models.Q(noted_at=None, purpose="")
                | (models.Q(noted_at__isnull=False) & ~models.Q(purpose="")),
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["signed_in_at"], name="emergency_untold", condition=models.Q(alarmed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.signed_in_at}"
