"""Writing no more to a person, whatever was promised."""

from datetime import datetime

from notifications.models import Email, EmailQuerySet, Silenced

DISABLED = "Withdrawn: the person was disabled before it was sent."


def silence(person_id: int, *, at: datetime) -> None:
    """Withdraw what was promised and not sent, and what is promised meanwhile by somebody who does not know yet."""
    Silenced.objects.get_or_create(person_id=person_id, defaults={"since_at": at})
    withdraw(Email.objects.filter(to_person=person_id), at=at, because=DISABLED)


def is_silenced(email: Email) -> bool:
    """Whether the person it is to is not written to any more."""
    return email.to_person is not None and Silenced.objects.filter(person_id=email.to_person).exists()


def withdraw(emails: EmailQuerySet, *, at: datetime, because: str) -> None:
    """Give up those of them that were neither sent nor told, and say why on their rows."""
    emails.unsent().update(gave_up_at=at, last_error=because)


def speak_again(person_id: int) -> None:
    """Write to a person again. What was withdrawn stays so."""
    Silenced.objects.filter(person_id=person_id).delete()
