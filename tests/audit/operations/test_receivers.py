"""What receivers of the history are sent, and which addresses nothing is sent to."""

import base64
import hashlib
import hmac
import json
import socket

import pytest
from django.db import transaction

from accounts.events import SignedIn
from audit import chain
from audit.log import record
from audit.models import StreamCursor
from audit.operations import connections, exporting, streaming
from audit.operations.checkpoints import write
from audit.operations.receivers import configured
from audit.operations.sealing import seal_all
from tests import make
from tests.make import NINE
from tests.syslog_server import Syslog, SyslogTLS, messages
from tests.webhook_server import SECRET, Webhook

pytestmark = pytest.mark.usefixtures("db")


def sent_to(receiver, count=2):
    """Have something streamed; the entries."""
    streaming.is_wanted(NINE)
    with transaction.atomic():
        entries = [record(make.act(), SignedIn(because='Grüße ]"\\\n')) for _ in range(count)]
    assert seal_all(NINE, patience=0)
    streaming.stream(lambda: NINE)
    return entries


@pytest.mark.parametrize("kind", [Syslog, SyslogTLS])
def test_syslog_gets_a_message_for_each_entry_with_its_number_and_kind(receiver_of, kind):
    receiver = receiver_of(kind)

    first, second = sent_to(receiver)

    (told,) = receiver.raw
    parts = messages(told)
    assert [part[:3] for part in parts] == [
        ("2026-11-23T09:00:00.000000+00:00", str(entry.pk), SignedIn.kind) for entry in (first, second)
    ]
    assert json.loads(parts[0][3])["entry"]["because"] == first.because


def test_what_is_streamed_is_what_an_export_holds_byte_by_byte(receiver_of):
    receiver = receiver_of(Syslog)

    entries = sent_to(receiver, 3)

    streamed = [text for *_, text in messages(receiver.raw[0])]
    exported = list(exporting.lines(chain.START, write(NINE), NINE))
    assert [line for line in exported if line.startswith('{"digest"')][-3:] == streamed
    assert len(entries) == 3


def test_a_webhook_is_signed_as_standard_webhooks_says(receiver_of):
    receiver = receiver_of(Webhook)

    first, second = sent_to(receiver)

    ((headers, body),) = receiver.raw
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    key = base64.b64decode(SECRET.split("_")[1])
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert headers["webhook-timestamp"] == str(int(NINE.timestamp()))
    told = json.loads(body)
    assert (told["type"], told["timestamp"]) == ("history.entries", "2026-11-23T09:00:00.000000+00:00")
    assert [entry["id"] for entry in told["data"]["entries"]] == [first.pk, second.pk]
    assert headers["Host"] == f"localhost:{receiver.port}"


def test_a_long_entry_makes_a_shorter_batch(receiver_of, monkeypatch):
    monkeypatch.setattr(streaming, "MOST_BYTES", 100)
    receiver = receiver_of(Webhook)

    entries = sent_to(receiver, 3)

    assert [len(batch) for batch in receiver.batches] == [1] * len(entries)


def test_nothing_unsealed_is_sent(receiver_of):
    receiver = receiver_of(Webhook)
    streaming.is_wanted(NINE)
    with transaction.atomic():
        record(make.act(), SignedIn())

    assert not streaming.is_wanted(NINE)
    streaming.stream(lambda: NINE)

    assert receiver.numbers == []


@pytest.mark.parametrize("from_start", [True, False])
def test_a_new_stream_begins_with_what_comes_now_unless_the_operator_wants_it_all(receiver_of, settings, from_start):
    settings.HISTORY_STREAM_FROM_START = from_start
    with transaction.atomic():
        before = record(make.act(), SignedIn())
    assert seal_all(NINE, patience=0)
    receiver = receiver_of(Webhook)

    entries = sent_to(receiver)

    assert receiver.numbers == [before.pk] * from_start + [entry.pk for entry in entries]


# --- where to


PRIVATE = (
    "10.0.0.1", "172.16.9.9", "192.168.1.1", "100.64.0.1", "127.0.0.1", "127.9.9.9", "0.0.0.1", "169.254.169.254",
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused_unless_they_are_allowed(address, settings, monkeypatch):
    answer = [(socket.AF_INET, 1, 6, "", ("9.9.9.9", 443)), (socket.AF_INET6, 1, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)

    with pytest.raises(connections.NotAllowed, match="Set HISTORY_STREAM_ALLOW_PRIVATE=on"):
        connections.addresses("siem.example.org", 443)
    settings.HISTORY_STREAM_ALLOW_PRIVATE = True
    assert len(connections.addresses("siem.example.org", 443)) == 2


@pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::fe", "64:ff9b::909:909"])
def test_public_addresses_are_not(address):
    assert connections.is_public(address)


@pytest.mark.parametrize("kind", [Syslog, SyslogTLS, Webhook])
def test_a_receiver_at_a_private_address_gets_nothing_and_administrators_read_why(receiver_of, settings, kind):
    receiver = receiver_of(kind)
    settings.HISTORY_STREAM_ALLOW_PRIVATE = False

    sent_to(receiver)

    assert receiver.numbers == []
    assert "a private address" in StreamCursor.objects.get().last_error


@pytest.mark.parametrize("kind", [SyslogTLS, Webhook])
def test_a_name_is_resolved_once_and_what_was_checked_is_connected_to(receiver_of, monkeypatch, kind):
    receiver = receiver_of(kind)
    asked, resolve = [], socket.getaddrinfo

    def once(host, *args, **kwargs):
        asked.append(host)
        return resolve("127.0.0.1" if len(asked) == 1 else "192.0.2.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", once)

    entries = sent_to(receiver)

    assert (asked, receiver.numbers) == (["localhost"], [entry.pk for entry in entries])


@pytest.mark.parametrize("kind", [SyslogTLS, Webhook])
@pytest.mark.parametrize(("host", "is_trusted"), [("localhost", False), ("127.0.0.1", True)])
def test_a_certificate_that_is_not_trusted_or_names_another_host_gets_nothing(
    receiver_of, settings, kind, host, is_trusted
):
    receiver = receiver_of(kind)
    for name in ("HISTORY_STREAM_SYSLOG", "HISTORY_STREAM_WEBHOOK"):
        setattr(settings, name, getattr(settings, name).replace("localhost", host))
    settings.HISTORY_STREAM_CA_FILE = settings.HISTORY_STREAM_CA_FILE if is_trusted else ""

    sent_to(receiver)

    assert receiver.numbers == []
    assert "certificate verify failed" in StreamCursor.objects.get().last_error


def test_what_of_an_address_may_be_a_secret_is_not_shown(settings):
    settings.HISTORY_STREAM_WEBHOOK = "https://siem.example.org/T0KEN?key=T0KEN"

    assert [receiver.where for receiver in configured()] == ["https://siem.example.org"]
