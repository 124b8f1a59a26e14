"""Promising emails."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django_q.tasks import async_task

from notifications.models import Email

DELIVER = "notifications.tasks.deliver"
DELIVER_MANY = "notifications.tasks.deliver_many"
CHUNK = 50
"""How many emails one task delivers."""
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


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is to be written: the template's name, the facts it tells, the page it is about."""

    template: str
    key: str
    facts: dict[str, Any] = field(default_factory=dict)
    path: str = ""
    # A path that lets its reader in is forgotten once the email is sent.
    path_is_secret: bool = False


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


def post(letter: Letter, *, to: Recipient, why: str, at: datetime) -> None:
    """Promise an email, in the transaction of its cause. Promising the same twice is one email.

    `why` completes the line at the bottom that says why one got it.
    """
    post_all([Promise(letter, to, why)], at=at)


def post_all(promises: Sequence[Promise], *, at: datetime) -> None:
    """Promise many emails as `post` does each, in a few statements."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("emails are promised in the transaction of their cause")
    if not promises:
        return
    rows = {row.key: row for row in (_row(promise, at) for promise in promises)}
    known = set(Email.objects.filter(key__in=rows).values_list("key", flat=True))
    new = [row for key, row in rows.items() if key not in known]
    # Somebody may promise the same at this very moment: whoever comes second adds nothing.
    Email.objects.bulk_create(new, ignore_conflicts=True)
    added = Email.objects.filter(key__in=[row.key for row in new]).order_by("pk")
    enqueue_all(list(added.values_list("pk", flat=True)))


def _row(promise: Promise, at: datetime) -> Email:
    letter, to = promise.letter, promise.to
    return Email(
        key=f"{letter.key}:{to.pk}",
        template=letter.template,
        to_name=to.name,
        to_address=to.email,
        time_zone=to.time_zone,
        facts=letter.facts,
        path=letter.path,
        path_is_secret=letter.path_is_secret,
        why=promise.why,
        promised_at=at,
        next_try_at=at,
    )


def enqueue(email_id: int) -> None:
    """Have an email delivered, by the cluster that does nothing else."""
    async_task(DELIVER, email_id, cluster=EMAIL_CLUSTER)


def enqueue_all(email_ids: list[int]) -> None:
    """Have many emails delivered, so many by one task."""
    if len(email_ids) == 1:
        enqueue(email_ids[0])
        return
    for begin in range(0, len(email_ids), CHUNK):
        async_task(DELIVER_MANY, email_ids[begin : begin + CHUNK], cluster=EMAIL_CLUSTER)


def bring_forward(at: datetime) -> None:
    """Deliver what was promised at a moment that is still to come: the clock of this machine was put back."""
    Email.objects.waiting().filter(promised_at__gt=at).update(next_try_at=at)
