"""Whatever happens to a receiver of the history: nothing is lost, in order, and a batch comes once more at most."""

import contextlib
import socket
import threading
import time
from collections import Counter

import pytest
from django.db import connection, transaction

from accounts.events import SignedIn
from audit.log import record
from audit.models import Entry, StreamCursor
from audit.operations import connections, receivers, streaming
from audit.operations.sealing import Sealer, seal_all
from kernel.period import MINUTE, SECOND
from tests import make
from tests.make import NINE
from tests.races.together import at_once
from tests.receivers import CLOSE_EARLY, DROP_AFTER, DROP_BEFORE, HANG, OK, REDIRECT, REFUSE, File
from tests.syslog_server import Syslog, SyslogTLS
from tests.webhook_server import Webhook

KINDS = (File, Syslog, SyslogTLS, Webhook)
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    # Long enough for a handshake on a machine that is busy.
    monkeypatch.setattr(connections, "STEP_SECONDS", 2)
    monkeypatch.setattr(streaming, "MOST", 3)


def tell(count=1):
    """Something happened so many times, and is sealed."""
    with transaction.atomic():
        numbers = [record(make.act(), SignedIn(because=f"ü {number}")).pk for number in range(count)]
    assert seal_all(NINE, patience=0)
    return numbers


def begin(receiver_of, kind):
    """A receiver that has had its first look, so gets what comes from now on."""
    receiver = receiver_of(kind)
    assert not streaming.is_wanted(NINE)
    return receiver


def stream(after=0 * SECOND):
    streaming.stream(lambda: NINE + after)


def cursor():
    return StreamCursor.objects.get()


@every_kind
def test_everything_arrives_once_and_in_order(receiver_of, kind):
    receiver = begin(receiver_of, kind)
    told = tell(8)

    assert streaming.is_wanted(NINE)
    stream()

    assert receiver.numbers == told
    assert (cursor().entry, cursor().last_at, cursor().last_error) == (told[-1], NINE, "")
    assert not streaming.is_wanted(NINE)


@every_kind
def test_a_receiver_that_is_down_for_an_hour_gets_everything_within_a_minute_after(receiver_of, kind):
    receiver = begin(receiver_of, kind)
    told = tell(2)
    stream()
    receiver.stop()
    for minutes in range(1, 61, 6):
        told += tell(2)
        stream(minutes * MINUTE)
    assert cursor().failing_since == NINE + MINUTE
    assert cursor().last_error

    receiver.start()
    stream(56 * MINUTE)

    assert receiver.numbers == told
    assert (cursor().failing_since, cursor().tries) == (None, 0)


@pytest.mark.parametrize(
    ("kind", "mode", "comes_twice", "says"),
    [
        (Webhook, REFUSE, False, "The receiver answered 500 Internal Server Error."),
        (Webhook, REDIRECT, False, "The receiver answered 302 Found."),
        (Webhook, HANG, False, "timed out"),
        (Webhook, DROP_BEFORE, False, ""),
        (Webhook, DROP_AFTER, True, "Remote end closed connection without response"),
        (Syslog, HANG, False, "timed out"),
        (Syslog, DROP_BEFORE, False, ""),
        (Syslog, DROP_AFTER, True, "reset"),
        (SyslogTLS, HANG, False, "timed out"),
        (SyslogTLS, DROP_BEFORE, False, ""),
        (SyslogTLS, DROP_AFTER, True, ""),
    ],
)
def test_a_receiver_that_fails_gets_the_same_batch_again(receiver_of, kind, mode, comes_twice, says):
    receiver = begin(receiver_of, kind)
    told = tell(2)
    receiver.mode = mode
    stream()
    assert says in cursor().last_error
    assert cursor().last_error
    receiver.mode = OK
    told += tell(1)

    stream(4 * SECOND)
    assert len(receiver.batches) == comes_twice
    stream(5 * SECOND)

    assert receiver.numbers == (told[:2] if comes_twice else []) + told
    if comes_twice:
        assert receiver.batches[0] == receiver.batches[1]
    if comes_twice and kind is Webhook:
        (first, _), (second, _) = receiver.raw[:2]
        assert first["webhook-id"] == second["webhook-id"]


def test_a_server_that_closes_in_the_middle_of_a_long_batch_has_not_taken_it(receiver_of, monkeypatch):
    monkeypatch.setattr(streaming, "MOST", 500)
    receiver = begin(receiver_of, Syslog)
    told = tell(500)
    receiver.mode = DROP_BEFORE
    stream()
    assert cursor().tries == 1
    receiver.mode = OK

    stream(5 * SECOND)

    assert receiver.numbers == told


def test_a_server_that_closes_before_its_machine_has_everything_has_not_taken_it(receiver_of, monkeypatch):
    monkeypatch.setattr(streaming, "MOST", 60)
    receiver = begin(receiver_of, Syslog)
    receiver.server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    tell(60)
    receiver.mode = CLOSE_EARLY

    stream()

    assert cursor().last_error == "The server closed the connection before it had read everything."


def test_a_receiver_that_answers_byte_by_byte_is_left_after_a_while(receiver_of, monkeypatch):
    monkeypatch.setattr(connections, "LONGEST_SECONDS", 0.3)
    monkeypatch.setattr(connections, "STEP_SECONDS", 10)
    receiver = begin(receiver_of, Webhook)
    tell()
    receiver.mode = HANG
    began = time.monotonic()

    stream()

    assert time.monotonic() - began < 5
    assert (receiver.numbers, cursor().tries) == ([], 1)


def test_what_was_sent_by_a_worker_that_was_killed_comes_again_as_the_same_batch(receiver_of, monkeypatch):
    receiver = begin(receiver_of, Webhook)
    told = tell(2)
    with monkeypatch.context() as killed:
        killed.setattr(streaming, "arrived", lambda *_: None)
        assert streaming.deliver(streaming.claim(receivers.configured()[0], NINE), lambda: NINE)
    told += tell(1)

    stream(59 * SECOND)
    assert len(receiver.batches) == 1
    stream(MINUTE)

    assert receiver.numbers == [*told[:2], *told]
    (first, _), (second, _) = receiver.raw[:2]
    assert first["webhook-id"] == second["webhook-id"]


def test_one_receiver_that_fails_holds_up_no_other(receiver_of):
    broken, well = begin(receiver_of, Webhook), begin(receiver_of, File)
    told = tell(4)
    broken.mode = REFUSE

    stream()

    assert (well.numbers, broken.numbers) == (told, [])


def test_after_failures_it_rests_ever_longer_up_to_a_minute(receiver_of):
    begin(receiver_of, Webhook).mode = REFUSE
    tell()
    after, pauses = 0, []
    for _ in range(7):
        stream(after * SECOND)
        pause = next(wait for wait in range(100) if streaming.is_wanted(NINE + (after + wait) * SECOND))
        pauses.append(pause)
        after += pause

    assert pauses == [5, 10, 20, 40, 60, 60, 60]


def test_a_clock_that_is_put_back_holds_up_no_stream(receiver_of):
    receiver = begin(receiver_of, Webhook)
    receiver.mode = REFUSE
    told = tell()
    stream()
    receiver.mode = OK

    stream(-60 * MINUTE)

    assert receiver.numbers == told


# --- the file


def test_a_file_that_is_moved_away_is_made_anew(receiver_of):
    receiver = begin(receiver_of, File)
    first = tell(2)
    stream()
    rotated = receiver.path.rename(receiver.path.with_suffix(".1"))
    second = tell(2)

    stream()

    assert (rotated.read_text().count("\n"), receiver.numbers, len(first)) == (2, second, 2)
    assert receiver.path.stat().st_mode & 0o077 == 0


def test_half_a_line_of_somebody_who_was_killed_stands_alone(receiver_of):
    receiver = begin(receiver_of, File)
    receiver.path.write_text('{"digest":"12')
    told = tell()

    stream()

    half, whole = receiver.path.read_text().splitlines()
    assert (half, f'"id":{told[0]}' in whole) == ('{"digest":"12', True)


def test_what_the_disk_did_not_take_as_a_whole_is_taken_back(receiver_of, monkeypatch):
    receiver = begin(receiver_of, File)
    told = tell(2)
    stream()
    told += tell(2)

    def full(write, data):
        write(data[:50])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(receivers, "_write", full)
        stream(SECOND)
    assert receiver.numbers == told[:2]
    assert "No space left" in cursor().last_error

    stream(6 * SECOND)

    assert receiver.numbers == told


# --- several at once


@pytest.mark.django_db(transaction=True)
@every_kind
def test_two_workers_send_each_batch_once(receiver_of, kind):
    receiver = begin(receiver_of, kind)
    told = tell(20)

    at_once(stream, stream)
    stream()

    assert receiver.numbers == told


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_an_entry_that_commits_late_is_not_passed_by(receiver_of):
    receiver = begin(receiver_of, Webhook)
    told, may_end = threading.Event(), threading.Event()

    def write_slowly():
        with contextlib.closing(connection), transaction.atomic():
            record(make.act(), SignedIn(because="late"))
            told.set()
            may_end.wait(10)

    late = threading.Thread(target=write_slowly)
    late.start()
    assert told.wait(10)
    with transaction.atomic():
        record(make.act(), SignedIn())
    assert Sealer().seal(NINE) is None
    stream()
    assert receiver.numbers == []

    may_end.set()
    late.join(10)
    assert seal_all(NINE, patience=5)
    stream()

    assert receiver.numbers == list(Entry.objects.order_by("pk").values_list("pk", flat=True))
    assert (len(receiver.numbers), max(Counter(receiver.numbers).values())) == (2, 1)
