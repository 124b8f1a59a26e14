"""Writing no more to a person, whatever was promised."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from notifications.models import Email, EmailQuerySet, Silenced

DISABLED = "Withdrawn: the person was disabled before it was sent."
FRESH = timedelta(seconds=0.1)


def silence(person_id: int, *, at: datetime) -> None:
    """Withdraw what was promised and not sent, and what is promised meanwhile by somebody who does not know yet."""
    Silenced.objects.get_or_create(person_id=person_id, defaults={"since_at": at})
    withdraw(Email.objects.filter(to_person=person_id), at=at, because=DISABLED)


class Silence:
    """Who of the readers of these emails is not written to any more.

    Asked for all of them at once, and again when the answer is older than `FRESH`: whoever is disabled less than that
    before an email leaves is disabled while it leaves.
    """

    def __init__(self, emails: Iterable[Email]) -> None:
        self.readers = {email.to_person for email in emails if email.to_person is not None}
        self.asked_at: datetime | None = None
        self.silenced: set[int] = set()

    def covers(self, email: Email, *, at: datetime) -> bool:
        """Whether the person it is to is not written to any more."""
        if self.asked_at is None or abs(at - self.asked_at) >= FRESH:
            silenced = Silenced.objects.filter(person_id__in=self.readers)
            self.silenced, self.asked_at = set(silenced.values_list("person_id", flat=True)), at
        return email.to_person in self.silenced


def withdraw(emails: EmailQuerySet, *, at: datetime, because: str) -> None:
    """Give up those of them that were neither sent nor told, and say why on their rows."""
    emails.unsent().update(gave_up_at=at, last_error=because)


def speak_again(person_id: int) -> None:
    """Write to a person again. What was withdrawn stays so."""
    Silenced.objects.filter(person_id=person_id).delete()
