"""The outbox: one row for each email to one person."""

from datetime import datetime
from typing import ClassVar, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class EmailQuerySet(models.QuerySet["Email"]):
    """Emails by what is to be done about them."""

    def waiting(self) -> Self:
        """Promised, neither sent nor given up."""
        return self.filter(sent_at=None, gave_up_at=None)

    def due(self, at: datetime) -> Self:
        """To be tried now. A claimed email is due again when its claim has run out."""
        return self.waiting().filter(next_try_at__lte=at)


class Email(models.Model):
    """A promise to write to somebody. Facts are primitives: what is told does not change any more."""

    key = models.CharField(max_length=200, unique=True)
    template = models.CharField(max_length=60)
    to_name = models.CharField(max_length=200)
    to_address = models.EmailField()
    time_zone = models.CharField(max_length=60, default="UTC")
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    path = models.CharField(max_length=200, blank=True)
    path_is_secret = models.BooleanField(default=False)
    why = models.CharField(max_length=200)

    promised_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    subject = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)
    gave_up_at = models.DateTimeField(null=True)

    objects = EmailQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-promised_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["next_try_at"],
                name="email_due",
                condition=models.Q(sent_at=None, gave_up_at=None),
            ),
            models.Index(fields=["-promised_at", "-id"], name="email_newest"),
            models.Index(fields=["path"], name="email_about"),
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.to_address}"
