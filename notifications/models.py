"""The outbox: one row for each email to one person."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, OuterRef

LONGEST_HOLD = timedelta(hours=2)
"""How long an email that cannot be sent holds back those the same person is to read after it."""

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

    def holding(self, at: datetime) -> Self:
        """Waiting, and not for so long that later ones go ahead."""
        return self.waiting().filter(promised_at__gt=at - LONGEST_HOLD)

    def ready(self, at: datetime) -> Self:
        """Due, and nothing older to the same person waits for its next try or is being sent."""
        older = Email.objects.holding(at).filter(to_address=OuterRef("to_address"), pk__lt=OuterRef("pk"))
        return self.due(at).exclude(Exists(older.filter(next_try_at__gt=at)))

    def failed(self) -> Self:
        """Given up."""
        return self.filter(sent_at=None).exclude(gave_up_at=None)

    def sent(self) -> Self:
        """Taken by the mail server."""
        return self.exclude(sent_at=None)

    def told(self) -> Self:
        """Told in a digest, instead of by themselves."""
        return self.exclude(told_at=None)


class Email(models.Model):
    """A promise to write to somebody. Facts are primitives: what is told does not change any more."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        HELD = "held", "For the daily digest"
        TOLD = "told", "In a digest"

        @property
        def tone(self) -> str:
            """The colour of its badge."""
            tones = {"waiting": "waiting", "sent": "good", "failed": "bad", "held": "quiet", "told": "good"}
            return tones[self.value]

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
    # When somebody had it tried again; it is given up so long after this.
    resent_at = models.DateTimeField(null=True)
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
                name="email_sent_or_given_up", condition=models.Q(sent_at=None) | models.Q(gave_up_at=None)
            ),
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
            models.Index(
                fields=["to_address", "id"],
                name="email_in_order",
                condition=models.Q(sent_at=None, gave_up_at=None),
            ),
            models.Index(fields=["-id"], name="email_unsent", condition=models.Q(sent_at=None)),
            models.Index(fields=["-promised_at", "-id"], name="email_newest"),
            models.Index(fields=["to_address", "-id"], name="email_to"),
            models.Index(fields=["template", "-id"], name="email_kind"),
            models.Index(fields=["path"], name="email_about"),
            models.Index(fields=["to_person"], name="email_unsent_to", condition=UNSENT),
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.to_address}"

    @property
    def state(self) -> State:
        """What became of it so far."""
        if self.sent_at:
            return self.State.SENT
        if self.gave_up_at:
            return self.State.FAILED
        if self.told_at:
            return self.State.TOLD
        return self.State.HELD if self.held_at else self.State.WAITING

    @property
    def is_forgotten(self) -> bool:
        """Whether its link let somebody in, and was forgotten when it was sent."""
        return self.path_is_secret and not self.path

    @property
    def kind(self) -> str:
        """Which email it is, in words: 'Approval wanted'."""
        return in_words(self.template)


def in_words(template: str) -> str:
    """The name of a template as people read it."""
    return template.replace("_", " ").capitalize()


class Silenced(models.Model):
    """Somebody who is not written to any more. Asked when an email is about to be sent, whoever promised it."""

    person_id = models.BigIntegerField(primary_key=True)
    since_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"nothing to {self.person_id} since {self.since_at:%Y-%m-%d %H:%M}"
