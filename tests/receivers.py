"""Real receivers of the history, which can be told to misbehave: what all have in common, and the file.

The others are `tests.syslog_server` and `tests.webhook_server`.
"""

import json
import socket
import ssl
import threading
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
