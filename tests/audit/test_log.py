"""The only writer of the history."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import pytest
from django.db import transaction

from accounts.events import SignedIn
from audit.events import KINDS, About, Event
from audit.log import record, record_all
from audit.models import Entry
from tests import make
from tests.make import NINE

ABOUT = About(
    person_id=1,
    person_name="John Doe",
    role_id=2,
    role_name="Teams Administrator",
    scope_name="Directory",
    request_id=3,
)


@pytest.fixture
def told():
    """A kind of event of our own, which is forgotten afterwards."""

    @dataclass(frozen=True, kw_only=True)
    class Told(Event):
        kind: ClassVar[str] = "test.told"
        label: ClassVar[str] = "Told in a test"
        ended_at: datetime
        count: int

    yield Told
    del KINDS["test.told"]


def test_what_happened_is_written_with_who_when_from_where_and_how_surely_known(user, told):
    event = told(
        because="On call", approver_name="Alva", ticket_number="INC-7", ticket_system="Jira", outcome="granted",
        ended_at=NINE, count=2,
    )  # fmt: skip

    record(make.act(by=user), event, about=ABOUT)

    columns = Entry.objects.values().get(kind="test.told")
    assert {name: value for name, value in columns.items() if name not in ("id", "digest")} == {
        "at": NINE,
        "kind": "test.told",
        "actor_id": user.pk,
        "actor_name": "John Doe",
        "ip": "203.0.113.7",
        "proof_method": "totp",
        "proof_device": "Phone",
        "proof_at": NINE,
        "person_id": 1,
        "person_name": "John Doe",
        "role_id": 2,
        "role_name": "Teams Administrator",
        "scope_name": "Directory",
        "request_id": 3,
        "because": "On call",
        "approver_name": "Alva",
        "ticket_number": "INC-7",
        "ticket_system": "Jira",
        "outcome": "granted",
        "facts": {"ended_at": "2026-11-23T09:00:00Z", "count": 2},
    }


def test_what_the_portal_does_is_written_in_its_name(db):
    entry = record(make.act(), SignedIn())

    assert (entry.actor_id, entry.actor_name, entry.ip) == (None, "The portal", None)
    assert (entry.proof_method, entry.proof_device, entry.proof_at) == ("", "", None)
    assert (entry.person_id, entry.person_name, entry.facts) == (None, "", {})


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_nothing_is_written(user):
    with pytest.raises(RuntimeError, match="in the transaction of what it tells"):
        record(make.act(by=user), SignedIn())

    assert not Entry.objects.filter(at=NINE).exists()


@pytest.mark.django_db(transaction=True)
def test_what_did_not_happen_is_not_told(user):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(make.act(by=user), SignedIn())
        raise ZeroDivisionError

    assert not Entry.objects.filter(at=NINE).exists()


def test_fractions_are_refused_because_databases_write_them_differently(user, told):
    with pytest.raises(TypeError, match=r"no fractions, and 0\.5 is one"):
        record(make.act(by=user), told(ended_at=NINE, count=0.5))


def test_many_are_written_as_each_is_written_alone(user):
    told = [(SignedIn(), ABOUT), (SignedIn(because="again"), About())]
    with transaction.atomic():
        for event, about in told:
            record(make.act(by=user), event, about=about)
        record_all(make.act(by=user), told)

    first, second, third, fourth = Entry.objects.filter(kind=SignedIn.kind).order_by("pk")

    assert (first.digest, second.digest) == (third.digest, fourth.digest)
    assert (first.because, second.because, second.person_id) == ("", "again", None)


@pytest.mark.django_db(transaction=True)
def test_many_are_refused_outside_of_a_transaction(user):
    with pytest.raises(RuntimeError, match="in the transaction of what it tells"):
        record_all(make.act(by=user), [(SignedIn(), ABOUT)])
