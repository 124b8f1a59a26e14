"""Everything committed goes into exactly one seal, whoever was writing meanwhile."""

import contextlib
import random
import threading
import time

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.events import SignedIn
from audit import chain
from audit.log import record
from audit.models import AppendOnly, Entry, Seal
from audit.operations import sealing
from audit.operations.sealing import Sealer, seal_all
from audit.operations.verifying import Verification
from kernel.period import SECOND
from tests import make
from tests.make import NINE
from tests.races.together import at_once

pytestmark = pytest.mark.postgres
postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


def tell(count=1):
    with transaction.atomic():
        return [record(make.act(), SignedIn(because=str(number))) for number in range(count)]


def sealed_ids():
    return [number for seal in Seal.objects.all() for number in chain.unpack(bytes(seal.places))]


def all_ids():
    return list(Entry.objects.order_by("pk").values_list("pk", flat=True))


def test_what_was_told_is_sealed_and_thenext_seal_names_the_one_before(user):
    first = Sealer().seal(NINE)
    entries = tell(3)

    second = Sealer().seal(NINE + SECOND)

    assert (first.number, first.previous, first.first_id) == (1, chain.GENESIS, 1)
    assert (second.number, second.previous, second.first_id) == (2, first.hash, first.last_id + 1)
    assert (second.count, second.last_id, second.at) == (3, entries[-1].pk, NINE + SECOND)
    assert second.hash == chain.sha256(second.line()) == chain.sha256(Seal.objects.get(number=2).line())
    assert sealed_ids() == all_ids()
    assert list(Verification().findings()) == []


def test_where_nothing_was_told_nothing_is_sealed(db):
    assert Sealer().seal(NINE) is None
    tell()
    assert Sealer().seal(NINE).number == 1
    assert Sealer().seal(NINE) is None


def test_what_is_too_much_for_one_seal_goes_into_several(db, monkeypatch):
    monkeypatch.setattr(sealing, "MOST", 2)
    sealer = Sealer()
    tell(3)

    assert [sealer.seal(NINE).count, sealer.seal(NINE).count] == [2, 1]
    assert sealer.seal(NINE) is None


def test_of_two_sealers_one_is_faster_and_the_other_goes_on_from_there(db, monkeypatch):
    slow, make_seal = Sealer(), sealing.next_seal
    tell(2)

    def overtaken(goal, at):
        made = make_seal(goal, at)
        monkeypatch.undo()
        Sealer().seal(NINE)
        tell()
        return made

    monkeypatch.setattr(sealing, "next_seal", overtaken)

    assert slow.seal(NINE) is None
    assert seal_all(NINE, patience=0)
    assert [seal.count for seal in Seal.objects.all()] == [2, 1]
    assert list(Verification().findings()) == []


@pytest.mark.parametrize("column", ["previous", "first_id", "hash", "number"])
def test_the_database_keeps_the_chain_from_forking(column, db):
    tell()
    seal = Sealer().seal(NINE)
    other = {"number": 2, "previous": "b" * 64, "first_id": seal.last_id + 1, "hash": "c" * 64}
    rest = {"at": NINE, "count": 1, "last_id": seal.last_id + 9, "root": "", "places": b""}

    with pytest.raises(IntegrityError), transaction.atomic():
        Seal.objects.create(**{**other, column: getattr(seal, column)}, **rest)


def test_the_database_refuses_a_seal_with_less_room_than_entries(db):
    rest = {"previous": "a", "hash": "b", "at": NINE, "root": "", "places": b""}

    for count, last_id in ((3, 2), (0, 0)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Seal.objects.create(number=1, first_id=1, count=count, last_id=last_id, **rest)


def test_seals_are_never_changed_nor_removed(db):
    tell()
    seal = Sealer().seal(NINE)

    for rewrite in (seal.save, seal.delete, Seal.objects.all().delete, lambda: Seal.objects.update(root="")):
        with pytest.raises(AppendOnly):
            rewrite()
    for statement in ("UPDATE audit_seal SET root = ''", "DELETE FROM audit_seal"):
        with pytest.raises(DatabaseError, match="History is never"), transaction.atomic():
            connection.cursor().execute(statement)
    assert Seal.objects.get() == seal


# --- people who write meanwhile


class Writer:
    """Somebody with a connection of their own, who has told something and not yet committed it."""

    def __init__(self):
        self._told, self._may_end, self._commits = threading.Event(), threading.Event(), False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._told.wait(10)

    def _run(self):
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            record(make.act(), SignedIn())
            self._told.set()
            self._may_end.wait(10)
            if not self._commits:
                raise ZeroDivisionError
        connection.close()

    def end(self, *, commits=True):
        """Commit, or take it back."""
        self._commits = commits
        self._may_end.set()
        self._thread.join(10)


@postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("commits", [True, False])
def test_an_entry_that_commits_late_is_waited_for(commits):
    sealer, late = Sealer(), Writer()
    (early,) = tell()

    assert (sealer.seal(NINE), sealer.seal(NINE)) == (None, None)
    (during,) = tell()
    assert (sealer.seal(NINE), seal_all(NINE, patience=0.05)) == (None, False)
    late.end(commits=commits)
    sealed = sealer.seal(NINE)

    assert (sealed.last_id, sealed.count) == (early.pk, 2 if commits else 1)
    assert sealer.seal(NINE).last_id == during.pk
    assert sealed_ids() == all_ids()
    assert list(Verification().findings()) == []


@postgresql
@pytest.mark.django_db(transaction=True)
def test_whoever_begins_later_is_not_waited_for():
    sealer, before = Sealer(), Writer()
    (early,) = tell()
    assert sealer.seal(NINE) is None
    after = Writer()
    before.end()

    assert sealer.seal(NINE).last_id == early.pk

    after.end()
    assert seal_all(NINE, patience=5)
    assert sealed_ids() == all_ids()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_or_sealed_twice_while_six_write_and_two_seal():
    until = time.monotonic() + 2
    told: list[int] = []

    def write(seed):
        dice = random.Random(seed)
        while time.monotonic() < until:
            try:
                with transaction.atomic():
                    entries = [record(make.act(), SignedIn()) for _ in range(dice.randint(1, 3))]
                    time.sleep(dice.choice([0, 0, 0.01, 0.05]))
                    if dice.random() < 0.2:
                        raise ZeroDivisionError
                told.extend(entry.pk for entry in entries)
            except ZeroDivisionError:
                continue

    def seal():
        sealer = Sealer()
        while time.monotonic() < until:
            sealer.seal(NINE)

    at_once(*[lambda seed=seed: write(seed) for seed in range(6)], seal, seal)
    during = Seal.objects.count()

    assert seal_all(NINE, patience=10)
    assert during
    assert sealed_ids() == all_ids() == sorted(told)
    assert list(Verification().findings()) == []
