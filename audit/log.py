"""The only writer of the history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction

from audit.chain import content, plain, sha256
from audit.events import About, Event
from audit.models import Entry
from audit.models.adding import add_all

THE_PORTAL = "The portal"


class Shown(Protocol):
    """A second factor that was shown."""

    @property
    def method(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def at(self) -> datetime: ...


class Doer(Protocol):
    """Somebody who acts."""

    @property
    def pk(self) -> Any: ...
    @property
    def name(self) -> str: ...


class Deed(Protocol):
    """What the history needs to know of an act: who, when, from where, how surely known."""

    @property
    def actor(self) -> Doer | None: ...
    @property
    def at(self) -> datetime: ...
    @property
    def ip(self) -> str | None: ...
    @property
    def proof(self) -> Shown | None: ...


@dataclass(frozen=True)
class OwnDeed:
    """The history does something itself, at this moment."""

    at: datetime
    actor: None = None
    ip: None = None
    proof: None = None


NOTHING = About()


def record(act: Deed, event: Event, *, about: About = NOTHING) -> Entry:
    """Write what happened, in the transaction of what happened. Raises RuntimeError outside of one."""
    _needs_transaction()
    return Entry.objects.create(**_row(act, event, about))


def record_all(act: Deed, told: Iterable[tuple[Event, About]]) -> None:
    """Write many things that happened by one act, as `record` does each, in few statements."""
    _needs_transaction()
    add_all([_row(act, event, about) for event, about in told])


def _needs_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("history is written in the transaction of what it tells")


def _row(act: Deed, event: Event, about: About) -> dict[str, Any]:
    told = {
        "at": act.at,
        "kind": event.kind,
        "actor_id": act.actor.pk if act.actor else None,
        "actor_name": act.actor.name if act.actor else THE_PORTAL,
        "ip": act.ip,
        "proof_method": act.proof.method if act.proof else "",
        "proof_device": act.proof.device if act.proof else "",
        "proof_at": act.proof.at if act.proof else None,
        **vars(about),
        "because": event.because,
        "approver_name": event.approver_name,
        "ticket_number": event.ticket_number,
        "ticket_system": event.ticket_system,
        "outcome": event.outcome,
        "facts": plain(event.facts()),
    }
    return {**told, "digest": sha256(content(told))}
