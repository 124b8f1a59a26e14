"""The only writer of the history."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from django.db import transaction

from accounts.events import SignedIn
from audit.chain import content, sha256
from audit.events import KINDS, About, Event
from audit.log import record, record_all
from audit.models import Entry
from kernel.period import HOUR
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


@pytest.mark.postgres
@pytest.mark.parametrize("ip", ["203.0.113.7", "2001:DB8:0:0::7", None])
def test_many_are_written_as_each_is_written_alone(user, told, ip):
    at = NINE + timedelta(microseconds=7)
    act = replace(make.act(by=user, at=at), ip=ip)
    hard = 'Ünï 😀 "quoted", 100 %s\ttab \\N \\.\nline'
    each = [(told(ended_at=NINE, count=2, because=hard), ABOUT), (told(ended_at=NINE, count=3), About())]
    for event, about in each:
        record(act, event, about=about)

    record_all(act, each)
    record_all(make.act(at=NINE + HOUR), each)

    rows = list(Entry.objects.filter(kind="test.told").order_by("pk").values())
    pairs = zip(rows[0:2], rows[2:4], strict=True)
    assert [many | {"id": one["id"]} for one, many in pairs] == rows[0:2]
    assert [sha256(content(row)) for row in rows] == [row["digest"] for row in rows]
    assert [row["proof_at"] for row in rows] == [at, at, at, at, None, None]


@pytest.mark.django_db(transaction=True)
def test_many_are_refused_outside_of_a_transaction(user):
    with pytest.raises(RuntimeError, match="in the transaction of what it tells"):
        record_all(make.act(by=user), [(SignedIn(), ABOUT)])
