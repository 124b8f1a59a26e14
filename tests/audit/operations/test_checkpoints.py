"""Checkpoints: hourly, signed, each once."""

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.events import SignedIn
from audit import signature, tasks
from audit.log import record
from audit.models import Checkpoint, Entry, Seal
from audit.operations import checkpoints, witnesses
from audit.operations.sealing import seal_all
from kernel.period import DAY, HOUR, MINUTE
from tests import make
from tests.make import NINE

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def key(settings):
    """Checkpoints are signed."""
    settings.HISTORY_KEY, public = signature.make_key()
    return public


def tell():
    with transaction.atomic():
        record(make.act(), SignedIn())
    seal_all(NINE, patience=0)


def test_a_checkpoint_says_and_signs_how_far_the_history_has_come(key):
    tell()
    tell()

    checkpoint = checkpoints.write(NINE + HOUR)

    seal = Seal.objects.get(number=2)
    assert (checkpoint.number, checkpoint.seal, checkpoint.seal_hash) == (1, 2, seal.hash)
    assert (checkpoint.entries, checkpoint.at, checkpoint.public_key) == (Entry.objects.count(), NINE + HOUR, key)
    kept = Checkpoint.objects.get()
    assert signature.is_signed(kept.line(), by=key, signature=kept.signature)
    assert list(witnesses.doubts([witnesses.of(kept)])) == []


def test_the_next_one_counts_on_from_the_last(key):
    tell()
    checkpoints.write(NINE)
    tell()
    tell()

    checkpoint = checkpoints.write(NINE + HOUR)

    assert (checkpoint.number, checkpoint.seal, checkpoint.entries) == (2, 3, Entry.objects.count())


def test_a_seal_that_another_worker_signs_at_the_same_moment_is_signed_once(key, monkeypatch):
    tell()
    seal, number = Seal.objects.get(), checkpoints._next_number

    def another_is_faster():
        taken = number()
        monkeypatch.setattr(checkpoints, "_next_number", number)
        checkpoints.of(seal, 1, NINE)
        return taken

    monkeypatch.setattr(checkpoints, "_next_number", another_is_faster)

    assert checkpoints.of(seal, 1, NINE + MINUTE) == Checkpoint.objects.get()
    assert Checkpoint.objects.get().at == NINE


def test_without_a_key_it_is_not_signed(settings):
    settings.HISTORY_KEY = ""
    tell()

    checkpoint = checkpoints.write(NINE)

    assert (checkpoint.public_key, checkpoint.signature) == ("", "")


def test_where_nothing_is_sealed_there_is_nothing_to_sign(key):
    assert checkpoints.write(NINE) is None
    assert not Checkpoint.objects.exists()


def test_the_same_is_not_written_twice_but_with_a_new_key(key, settings):
    tell()
    first = checkpoints.write(NINE)

    assert checkpoints.write(NINE + HOUR) == first
    settings.HISTORY_KEY, _ = signature.make_key()
    assert checkpoints.write(NINE + HOUR).number == 2


def test_of_two_workers_one_is_faster_and_both_get_what_it_wrote(key, monkeypatch):
    tell()
    line = Checkpoint.line

    def overtaken(self):
        monkeypatch.setattr(Checkpoint, "line", line)
        checkpoints.write(NINE + MINUTE)
        return line(self)

    monkeypatch.setattr(Checkpoint, "line", overtaken)

    assert checkpoints.write(NINE).at == NINE + MINUTE
    assert Checkpoint.objects.count() == 1


def test_the_worker_seals_and_writes_one_an_hour(key):
    tell()
    with transaction.atomic():
        record(make.act(), SignedIn())

    tasks.checkpoint()
    tasks.checkpoint()

    checkpoint = Checkpoint.objects.get()
    assert checkpoint.entries == Entry.objects.count()
    assert not checkpoints.is_due(checkpoint.at + HOUR - make.MICROSECOND)
    assert checkpoints.is_due(checkpoint.at + HOUR)


def test_one_dated_ahead_by_a_clock_put_right_since_holds_up_none(key):
    tell()
    checkpoints.write(NINE + 365 * DAY)
    tell()

    assert checkpoints.is_due(NINE)
    assert checkpoints.write(NINE).number == 2
    assert not checkpoints.is_due(NINE + HOUR - make.MICROSECOND)
    assert checkpoints.is_due(NINE + HOUR)


def test_the_worker_seals_every_second(monkeypatch):
    monkeypatch.setattr(tasks, "_sealer", tasks.sealing.Sealer())
    with transaction.atomic():
        record(make.act(), SignedIn())

    tasks.seal()

    assert Seal.objects.get().count == Entry.objects.count()


def test_checkpoints_are_never_changed_nor_removed(key):
    tell()
    checkpoints.write(NINE)

    for statement in ("UPDATE audit_checkpoint SET seal = 1", "DELETE FROM audit_checkpoint"):
        with pytest.raises(DatabaseError, match="History is never"), transaction.atomic():
            connection.cursor().execute(statement)


@pytest.mark.parametrize("by", ["", "00", "zz", "ab" * 32])
def test_what_is_no_key_signs_nothing(by, key):
    assert signature.is_signed("line", by=key, signature=signature.sign("line"))
    assert not signature.is_signed("line", by=by, signature=signature.sign("line"))
    assert not signature.is_signed("line", by=key, signature=by)
    assert not signature.is_signed("another line", by=key, signature=signature.sign("line"))
