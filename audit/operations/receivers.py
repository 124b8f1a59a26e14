"""Where the history is streamed to: a file, a syslog server, a webhook. Each takes a batch as a whole, or raises.

What is sent is each entry's line as it is hashed, so that it can be held against an export, byte by byte.
"""

import base64
import contextlib
import fcntl
import hashlib
import hmac
import http.client
import json
import os
import ssl
import struct
import sys
import termios
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from socket import SHUT_WR, socket
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings

from audit import chain
from audit.operations.connections import connected, encrypted
from audit.operations.disk import keep_name

PRIORITY = 13 * 8 + 6
"""RFC 5424, 6.2.1: facility "log audit", severity "informational"."""
SD_ID = "history@32473"
"""RFC 5424, 7.2.2: a name of one's own needs an enterprise number; RFC 5612 keeps this one for whoever has none."""
EVENT_TYPE = "history.entries"


@dataclass(frozen=True)
class Line:
    """One entry: its number and kind, when it happened, and its line as it is hashed."""

    number: int
    kind: str
    at: datetime
    text: str


class Rejected(OSError):
    """The receiver answered, and did not take it."""


class Receiver(Protocol):
    """Somebody the history is streamed to. `name` is that of its cursor, `where` is shown to administrators."""

    @property
    def name(self) -> str: ...
    @property
    def where(self) -> str: ...
    def send(self, lines: Sequence[Line], at: datetime) -> None: ...


def configured() -> list[Receiver]:
    """Those that the operator has set up."""
    return [kind(value) for kind in (File, Syslog, Webhook) if (value := getattr(settings, kind.setting))]


class File:
    """A file that lines are appended to. It is opened for each batch, so it may be moved away at any time."""

    name = "file"
    setting = "HISTORY_STREAM_FILE"

    def __init__(self, path: str) -> None:
        self.where = path

    def send(self, lines: Sequence[Line], at: datetime) -> None:
        """Append, and wait for the disk. What could not be written as a whole is taken back."""
        told = "".join(f"{line.text}\n" for line in lines).encode()
        opened = os.open(self.where, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(opened, "r+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            try:
                # Somebody may have been killed in the middle of a line.
                _write(file.write, told if _ends_a_line(opened, size) else b"\n" + told)
                os.fsync(file.fileno())
                if not size:
                    keep_name(Path(self.where).parent)
            except OSError:
                with contextlib.suppress(OSError):
                    file.truncate(size)
                raise


def _ends_a_line(opened: int, size: int) -> bool:
    return not size or os.pread(opened, 1, size - 1) == b"\n"


def _write(write: Callable[[bytes], int | None], told: bytes) -> None:
    """In one call, unless the disk takes only a part of it: then the next one says why."""
    while told:
        told = told[write(told) or 0 :]


class Syslog:
    """A syslog server: RFC 5424 over TCP (RFC 6587, octet counting) or TLS (RFC 5425)."""

    name = "syslog"
    setting = "HISTORY_STREAM_SYSLOG"

    def __init__(self, url: str) -> None:
        self.where = url
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or 0
        self.connect: Callable[[str, int], AbstractContextManager[socket]]
        self.connect = encrypted if parts.scheme == "tls" else connected

    def send(self, lines: Sequence[Line], at: datetime) -> None:
        """One connection for each batch: syslog knows no receipt, so that the server closes it in turn is one.

        It closes when it has read to the end; had it gone away before, the connection would be reset.
        """
        with self.connect(self.host, self.port) as connection:
            connection.sendall(b"".join(framed(line) for line in lines))
            _finish(connection)


def framed(line: Line) -> bytes:
    """A message with its length before it. The line is ASCII, so it needs no byte order mark."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "-"
    told = f'[{SD_ID} entry="{line.number}" kind="{line.kind}"] {line.text}'
    message = f"<{PRIORITY}>1 {chain.moment(line.at)} {host} pimportal - history {told}".encode()
    return b"%d %s" % (len(message), message)


def _finish(connection: socket) -> None:
    """Say that this was all, and wait until the other side has read it all. Raises OSError if it has not."""
    if isinstance(connection, ssl.SSLSocket):
        # RFC 5425 wants a word of farewell; some servers just close, and the end of the connection says the same.
        with contextlib.suppress(ssl.SSLEOFError, ssl.SSLZeroReturnError):
            connection.unwrap()
    connection.shutdown(SHUT_WR)
    while connection.recv(4096):
        pass
    if _unconfirmed(connection):
        raise ConnectionResetError("The server closed the connection before it had read everything.")


def _unconfirmed(connection: socket) -> int:
    """How many bytes the other machine has not confirmed. A server that closes too early may seem to have read them."""
    if sys.platform != "linux":
        return 0
    found: tuple[int] = struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))
    return found[0]


class Webhook:
    """An address that gets a POST for each batch, signed as Standard Webhooks says (standardwebhooks.com)."""

    name = "webhook"
    setting = "HISTORY_STREAM_WEBHOOK"

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or 443
        self.target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        # No more than the host: with many services the rest is a secret.
        self.where = f"https://{parts.netloc}"

    def send(self, lines: Sequence[Line], at: datetime) -> None:
        """Any answer from 200 to 299 is a receipt. Redirects are not followed."""
        body = body_of(lines)
        with encrypted(self.host, self.port) as connection:
            conversation = http.client.HTTPSConnection(self.host, self.port)
            conversation.sock = connection
            conversation.request("POST", self.target, body, headers(body, lines, at))
            status = conversation.getresponse().status
        if not 200 <= status <= 299:
            raise Rejected(f"The receiver answered {status} {http.client.responses.get(status, '')}".strip() + ".")


def body_of(lines: Sequence[Line]) -> bytes:
    """The same batch is the same body, whenever it is sent."""
    head = json.dumps({"type": EVENT_TYPE, "timestamp": chain.moment(lines[-1].at)})
    entries = ",".join(line.text for line in lines)
    return f'{head[:-1]}, "data": {{"entries": [{entries}]}}}}'.encode()


def headers(body: bytes, lines: Sequence[Line], at: datetime) -> dict[str, str]:
    """The identifier is that of the batch: whoever gets it twice can tell."""
    digest = hashlib.sha256(body).hexdigest()[:16]
    identifier, timestamp = f"history_{lines[0].number}_{lines[-1].number}_{digest}", str(int(at.timestamp()))
    key = base64.b64decode(settings.HISTORY_STREAM_WEBHOOK_SECRET.removeprefix("whsec_"))
    signed = hmac.digest(key, f"{identifier}.{timestamp}.".encode() + body, "sha256")
    return {
        "Content-Type": "application/json",
        "User-Agent": "pimportal",
        "webhook-id": identifier,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
