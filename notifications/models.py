"""The outbox: one row for each email to one person."""

from datetime import datetime
from typing import ClassVar, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

UNSENT = models.Q(sent_at=None, told_at=None, gave_up_at=None)


class EmailQuerySet(models.QuerySet["Email"]):
    """Emails by what is to be done about them."""

    def unsent(self) -> Self:
        """Promised, neither sent, nor told in a digest, nor given up."""
        return self.filter(UNSENT)

    def waiting(self) -> Self:
        """Unsent, and to be sent by itself."""
        return self.unsent().filter(held_at=None)

    def held(self) -> Self:
        """Unsent, and kept for the next digest of its reader."""
        return self.unsent().exclude(held_at=None)

    def due(self, at: datetime) -> Self:
        """To be tried now. A claimed email is due again when its claim has run out."""
        return self.waiting().filter(next_try_at__lte=at)


class Email(models.Model):
    """A promise to write to somebody. Facts are primitives: what is told does not change any more."""

    key = models.CharField(max_length=200, unique=True)
    template = models.CharField(max_length=60)
    # The number of a person who signs in here; null for a mere address. No foreign key: people live a floor above.
    to_person = models.BigIntegerField(null=True)
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
    # Kept back for a digest since then; told in one then.
    held_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    objects = EmailQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-promised_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="only_what_was_held_is_told_in_a_digest",
                condition=models.Q(told_at=None) | models.Q(held_at__isnull=False, sent_at=None),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["next_try_at"],
                name="email_due",
                condition=models.Q(sent_at=None, gave_up_at=None),
            ),
            models.Index(fields=["-promised_at", "-id"], name="email_newest"),
            models.Index(fields=["path"], name="email_about"),
            models.Index(fields=["to_person"], name="email_unsent", condition=UNSENT),
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.to_address}"


class Silenced(models.Model):
    """Somebody who is not written to any more. Asked when an email is about to be sent, whoever promised it."""

    person_id = models.BigIntegerField(primary_key=True)
    since_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"nothing to {self.person_id} since {self.since_at:%Y-%m-%d %H:%M}"
