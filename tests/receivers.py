"""Real receivers of the history, which can be told to misbehave: a file, syslog over TCP and TLS, a webhook."""

import contextlib
import json
import re
import socket
import socketserver
import ssl
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

OK = "ok"
HANG = "hang"
REFUSE = "answer 500"
REDIRECT = "answer 302"
DROP_BEFORE = "drop the connection in the middle"
CLOSE_EARLY = "close its side, and read nothing"
DROP_AFTER = "take it, and reset the connection"
TAKE = "take it, and answer nothing"
SECRET = "whsec_" + "c2VjcmV0" * 4
MESSAGE = re.compile(
    rb'<110>1 (\S+) testserver pimportal - history \[history@32473 entry="(\d+)" kind="([a-z_.]+)"\] (.*)'
)


class Receiver:
    """What it took, batch by batch, and how it behaves. `stop` and `start` are an outage on the same address."""

    name = ""

    def __init__(self, certificate: tuple[str, str], folder: Path) -> None:
        self.batches: list[list[dict[str, Any]]] = []
        self.raw: list[Any] = []
        self.mode = OK
        self.certificate, self.folder, self.port = certificate, folder, 0
        self.released = threading.Event()
        self.server: Any = None

    @property
    def numbers(self) -> list[int]:
        """Those of all entries that arrived, doubles included."""
        return [entry["id"] for batch in self.batches for entry in batch]

    def start(self) -> "Receiver":
        """Listen."""
        self.server = self.make_server()
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Listen no longer."""
        self.released.set()
        if self.server:
            self.server.shutdown()
            self.server.server_close()
        self.server = None

    def make_server(self) -> Any:
        """A server that is bound, on the port it had before."""
        raise NotImplementedError

    @property
    def settings(self) -> dict[str, Any]:
        """What the operator sets so that the history is streamed here."""
        raise NotImplementedError

    def trusting(self, connection: socket.socket) -> socket.socket:
        """TLS on a connection that came in."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*self.certificate)
        return context.wrap_socket(connection, server_side=True)


class Quiet:
    """A server that does not complain of connections that end badly: that is what they are for."""

    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_: Any) -> None:
        pass


class Syslog(Receiver):
    """Octet counting over TCP."""

    name = "syslog"
    scheme = "tcp"

    @property
    def settings(self):
        return {
            "HISTORY_STREAM_SYSLOG": f"{self.scheme}://localhost:{self.port}",
            "HISTORY_STREAM_CA_FILE": self.certificate[0],
        }

    def make_server(self):
        outer = self

        class Server(Quiet, socketserver.ThreadingTCPServer):
            pass

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                wrapped = outer.trusting(self.request) if outer.scheme == "tls" else self.request
                with wrapped:
                    outer.converse(wrapped)

        return Server(("127.0.0.1", self.port), Handler)

    def converse(self, connection: socket.socket) -> None:
        """Read to the end, or do not."""
        if self.mode == CLOSE_EARLY:
            connection.shutdown(socket.SHUT_WR)
        if self.mode in (HANG, CLOSE_EARLY):
            self.released.wait(10)
        elif self.mode == DROP_BEFORE:
            connection.recv(100)
            connection.close()
        else:
            told = b"".join(iter(lambda: connection.recv(65536), b""))
            self.raw.append(told)
            self.batches.append([json.loads(parts[3]) for parts in messages(told)])
            if self.mode == TAKE:
                self.released.wait(10)
            if self.mode == DROP_AFTER:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif self.scheme == "tls":
                with contextlib.suppress(OSError):
                    connection.unwrap()
            connection.close()


class SyslogTLS(Syslog):
    """The same with TLS."""

    scheme = "tls"


def messages(told: bytes) -> list[tuple[str, ...]]:
    """Time, number, kind and text of each message in what came over a connection, by the lengths before them."""
    found = []
    while told:
        length, _, told = told.partition(b" ")
        message, told = told[: int(length)], told[int(length) :]
        assert len(message) == int(length), "a message was cut"
        parts = MESSAGE.fullmatch(message)
        assert parts, message
        found.append(tuple(part.decode() for part in parts.groups()))
    return found


class Webhook(Receiver):
    """A server with TLS that takes POST."""

    name = "webhook"

    @property
    def settings(self):
        return {
            "HISTORY_STREAM_WEBHOOK": f"https://localhost:{self.port}/take?it=1",
            "HISTORY_STREAM_WEBHOOK_SECRET": SECRET,
            "HISTORY_STREAM_CA_FILE": self.certificate[0],
        }

    def make_server(self):
        outer = self

        class Server(Quiet, ThreadingHTTPServer):
            def finish_request(self, request, client_address):
                with outer.trusting(request) as wrapped:
                    super().finish_request(wrapped, client_address)

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                outer.converse(self)

        return Server(("127.0.0.1", self.port), Handler)

    def converse(self, handler: BaseHTTPRequestHandler) -> None:
        """Take it or not, answer or not."""
        if self.mode == HANG:
            self.released.wait(10)
        if self.mode in (HANG, DROP_BEFORE):
            handler.rfile.read(100)
            return
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        if self.mode in (OK, DROP_AFTER, TAKE):
            self.raw.append((dict(handler.headers.items()), body))
            self.batches.append(json.loads(body)["data"]["entries"])
        if self.mode == TAKE:
            self.released.wait(10)
        if self.mode in (DROP_AFTER, TAKE):
            return
        handler.send_response({OK: 204, REFUSE: 500, REDIRECT: 302}[self.mode])
        if self.mode == REDIRECT:
            handler.send_header("Location", f"https://localhost:{self.port}/other")
        handler.end_headers()


class File(Receiver):
    """A file; where its folder is gone, it is down."""

    name = "file"

    @property
    def path(self) -> Path:
        return self.folder / "stream" / "history.jsonl"

    def start(self):
        self.path.parent.mkdir(exist_ok=True)
        return self

    def stop(self):
        if not (self.folder / "away").exists():
            self.path.parent.rename(self.folder / "away")

    @property
    def settings(self):
        return {"HISTORY_STREAM_FILE": str(self.path)}

    @property
    def numbers(self):
        files = [self.folder / "away" / self.path.name, self.path]
        return [json.loads(line)["id"] for file in files if file.exists() for line in file.read_text().splitlines()]


KINDS = (File, Syslog, SyslogTLS, Webhook)


@pytest.fixture
def receiver_of(certificate, tmp_path, settings):
    """Starts a receiver of some kind, and has the history streamed to it from now on."""
    started: list[Receiver] = []

    def start(kind: type[Receiver]) -> Any:
        started.append(kind(certificate, tmp_path).start())
        settings.HISTORY_STREAM_ALLOW_PRIVATE = True
        for name, value in started[-1].settings.items():
            setattr(settings, name, value)
        return started[-1]

    yield start
    for each in started:
        each.stop()
