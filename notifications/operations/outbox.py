"""Promising emails."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django_q.tasks import async_task

from notifications.email import subject_of
from notifications.models import Email
from notifications.terms import Pace

DELIVER = "notifications.tasks.deliver"
EMAIL_CLUSTER = "email"


class Recipient(Protocol):
    """Somebody who can be written to."""

    @property
    def pk(self) -> Any: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def is_enabled(self) -> bool: ...
    @property
    def email_pace(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is to be written: the template's name, the facts it tells, the page it is about."""

    template: str
    key: str
    facts: dict[str, Any] = field(default_factory=dict)
    path: str = ""
    # A path that lets its reader in is forgotten once the email is sent.
    path_is_secret: bool = False
    # Whoever gets it has nothing to do, and it is not about what they hold: they may choose when, or not, to get it.
    only_informs: bool = False


@dataclass(frozen=True)
class Address:
    """Somebody who is written to and has no sign-in here."""

    email: str

    @property
    def pk(self) -> str:
        """What tells this address from others, short enough for any key."""
        return hashlib.sha256(self.email.lower().encode()).hexdigest()[:32]

    @property
    def name(self) -> str:
        """All that is known of them."""
        return self.email

    @property
    def time_zone(self) -> str:
        """The portal's own."""
        return str(settings.TIME_ZONE)

    @property
    def is_enabled(self) -> bool:
        """Nobody can disable an address."""
        return True

    @property
    def email_pace(self) -> str:
        """Whoever reads it cannot choose."""
        return Pace.AT_ONCE


def post(letter: Letter, *, to: Recipient, why: str, at: datetime) -> None:
    """Promise an email, in the transaction of its cause. Promising the same twice is one email.

    Nothing is promised to the disabled. What only informs is kept for a digest, or left out, as its reader has chosen.
    `why` completes the line at the bottom that says why one got it.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("emails are promised in the transaction of their cause")
    pace = Pace(to.email_pace) if letter.only_informs else Pace.AT_ONCE
    if not to.is_enabled or pace is Pace.DECISIONS:
        return
    email, is_new = Email.objects.get_or_create(
        key=f"{letter.key}:{to.pk}",
        defaults={
            "template": letter.template,
            "to_person": to.pk if isinstance(to.pk, int) else None,
            "to_name": to.name,
            "to_address": to.email,
            "time_zone": to.time_zone,
            "facts": letter.facts,
            "path": letter.path,
            "path_is_secret": letter.path_is_secret,
            "why": why,
            "promised_at": at,
            "next_try_at": at,
            "held_at": at if pace is Pace.DAILY else None,
        },
    )
    if is_new and pace is Pace.DAILY:
        email.subject = subject_of(email)
        email.save(update_fields=["subject"])
    elif is_new:
        enqueue(email.pk)


def enqueue(email_id: int) -> None:
    """Have an email delivered, by the cluster that does nothing else."""
    async_task(DELIVER, email_id, cluster=EMAIL_CLUSTER)
