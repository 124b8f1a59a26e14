"""Promising emails."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django_q.models import OrmQ
from django_q.tasks import async_task

from notifications.email import subject_of
from notifications.models import Email
from notifications.terms import Pace

DELIVER = "notifications.tasks.deliver"
EMAIL_CLUSTER = "email"
# As long as a task may live: nobody else tries an email while its first try may still be going on.
CLAIM_DURATION = timedelta(seconds=60)


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
class Promise:
    """A letter to somebody. `why` completes the line at the bottom that says why one got it."""

    letter: Letter
    to: Recipient
    why: str


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
    post_all([Promise(letter, to, why)], at=at)


def post_all(promises: Sequence[Promise], *, at: datetime) -> None:
    """Promise many emails as `post` does each, in a few statements."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("emails are promised in the transaction of their cause")
    wanted = [promise for promise in promises if promise.to.is_enabled and _pace(promise) is not Pace.DECISIONS]
    rows = {row.key: row for row in (_row(promise, at) for promise in wanted)}
    known = set(Email.objects.filter(key__in=rows).values_list("key", flat=True))
    new = [row for key, row in rows.items() if key not in known]
    # Somebody may promise the same at this very moment: whoever comes second adds nothing.
    Email.objects.bulk_create(new, ignore_conflicts=True)
    if any(row.held_at is None for row in new):
        enqueue()


def _pace(promise: Promise) -> Pace:
    """When its reader gets it: they choose for what only informs."""
    return Pace(promise.to.email_pace) if promise.letter.only_informs else Pace.AT_ONCE


def _row(promise: Promise, at: datetime) -> Email:
    letter, to = promise.letter, promise.to
    is_held = _pace(promise) is Pace.DAILY
    row = Email(
        key=f"{letter.key}:{to.pk}",
        template=letter.template,
        to_person=to.pk if isinstance(to.pk, int) else None,
        to_name=to.name,
        to_address=to.email,
        time_zone=to.time_zone,
        facts=letter.facts,
        path=letter.path,
        path_is_secret=letter.path_is_secret,
        why=promise.why,
        promised_at=at,
        next_try_at=at,
        held_at=at if is_held else None,
    )
    if is_held:
        row.subject = subject_of(row)
    return row


def try_again(email: Email, *, at: datetime) -> None:
    """Have a failed or waiting email tried at once, and for three days again. What is being tried is left to that."""
    waiting = Email.objects.filter(pk=email.pk, sent_at=None)
    waiting.filter(gave_up_at=None).exclude(next_try_at__lte=at + CLAIM_DURATION).update(next_try_at=at)
    waiting.exclude(gave_up_at=None).update(gave_up_at=None, next_try_at=at)
    waiting.update(resent_at=at)
    enqueue()


def copy(email: Email, *, at: datetime) -> Email:
    """Promise a sent email once more: a row with a key of its own, to the same person, with the same facts."""
    copied = Email.objects.create(
        key=f"{copies_of(email)}{at.isoformat()}",
        template=email.template,
        to_person=email.to_person,
        to_name=email.to_name,
        to_address=email.to_address,
        time_zone=email.time_zone,
        facts=email.facts,
        path=email.path,
        path_is_secret=email.path_is_secret,
        why=f"{email.why[:150]}; an administrator had it sent again",
        promised_at=at,
        next_try_at=at,
    )
    enqueue()
    return copied


def copies_of(email: Email) -> str:
    """How the keys of its copies begin."""
    return f"again:{email.pk}:"


def enqueue() -> None:
    """Have what is due delivered, by the cluster that does nothing else."""
    async_task(DELIVER, cluster=EMAIL_CLUSTER)


def is_enqueued(*, at: datetime) -> bool:
    """Whether a delivery waits for its turn; the worker's canary is none."""
    return _waiting(at)[1:2].exists()


def take_over(*, at: datetime) -> None:
    """Forget the deliveries that wait: whoever delivers now sends all that they were enqueued for."""
    _waiting(at).delete()


def _waiting(at: datetime) -> QuerySet[OrmQ]:
    # django-q2 moves the lock into the future of what it has in hand.
    waiting: QuerySet[OrmQ] = OrmQ.objects.filter(key=EMAIL_CLUSTER, lock__lte=at)
    return waiting


def bring_forward(at: datetime) -> None:
    """Deliver what was promised at a moment that is still to come: the clock of this machine was put back."""
    Email.objects.waiting().filter(promised_at__gt=at).update(next_try_at=at)
