"""The outbox: one row for each email to one person."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, OuterRef

LONGEST_HOLD = timedelta(hours=2)
"""How long an email that cannot be sent holds back those the same person is to read after it."""


class EmailQuerySet(models.QuerySet["Email"]):
    """Emails by what is to be done about them."""

    def waiting(self) -> Self:
        """Promised, neither sent nor given up."""
        return self.filter(sent_at=None, gave_up_at=None)

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


class Email(models.Model):
    """A promise to write to somebody. Facts are primitives: what is told does not change any more."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

        @property
        def tone(self) -> str:
            """The colour of its badge."""
            return {"waiting": "waiting", "sent": "good", "failed": "bad"}[self.value]

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
    # When somebody had it tried again; it is given up so long after this.
    resent_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    subject = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)
    gave_up_at = models.DateTimeField(null=True)

    objects = EmailQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-promised_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(sent_at=None) | models.Q(gave_up_at=None), name="email_sent_or_given_up"
            )
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
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.to_address}"

    @property
    def state(self) -> State:
        """What became of it so far."""
        if self.sent_at:
            return self.State.SENT
        return self.State.FAILED if self.gave_up_at else self.State.WAITING

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
