"""What administrators do about emails: have one sent again, and see whether any arrive."""

from django.db import transaction

from accounts import email as letters
from accounts.act import Act
from accounts.log import about
from accounts.models import User
from audit.events import About
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, refuse_if_any
from notifications.models import Email
from notifications.operations import outbox
from roles.events import EmailSentAgain, EmailTested
from roles.queries.access import lacks


@transaction.atomic
def send_again(act: Act, email: Email) -> Email:
    """Have a failed or waiting email tried at once. One that was sent stays as it is, and is copied: the copy is a row
    of its own, and is returned."""
    refuse_if_any(lacks(act, Power.PEOPLE_MANAGE))
    fresh = Email.objects.select_for_update().get(pk=email.pk)
    refuse_if_any(_to_nobody(fresh), _in_a_digest(fresh), _forgotten(fresh), _copied(fresh))
    copied = None
    if fresh.sent_at:
        copied = outbox.copy(fresh, at=act.at)
    else:
        outbox.try_again(fresh, at=act.at)
    number = copied.pk if copied else None
    reader = User.objects.filter(email__iexact=fresh.to_address).first()
    whom = about(reader) if reader else About(person_name=fresh.to_name)
    record(act, EmailSentAgain(email=fresh.kind, number=fresh.pk, copy=number), about=whom)
    return copied or fresh


def _to_nobody(email: Email) -> list[Refusal]:
    if not User.objects.filter(email__iexact=email.to_address, is_enabled=False).exists():
        return []
    return [Refusal("disabled", f"{email.to_name} is disabled, and is written to no more. Enable them first.")]


def _in_a_digest(email: Email) -> list[Refusal]:
    if not email.held_at:
        return []
    word = "was told" if email.told_at else "will be told"
    return [Refusal("in_a_digest", f"It {word} in a daily digest, as {email.to_name} wants. Nothing is to be done.")]


def _forgotten(email: Email) -> list[Refusal]:
    if not email.is_forgotten:
        return []
    return [Refusal("forgotten", "Its link let somebody in and was forgotten when it was sent. Invite them again.")]


def _copied(email: Email) -> list[Refusal]:
    """A form sent twice is one copy."""
    copies = Email.objects.waiting().filter(key__startswith=outbox.copies_of(email))
    if not (email.sent_at and copies.exists()):
        return []
    return [Refusal("copied", "A copy of it waits to be sent already. Look at that one.", is_conflict=True)]


@transaction.atomic
def send_test(act: Act) -> Email:
    """Write to the actor, by the same way as all emails."""
    refuse_if_any(lacks(act, Power.PEOPLE_MANAGE))
    letters.tested(act)
    record(act, EmailTested(), about=about(act.person))
    return Email.objects.get(key=f"test:{act.at.isoformat()}:{act.person.pk}")
