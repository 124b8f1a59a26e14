"""A syslog server over TCP or TLS, which can be told to misbehave."""

import contextlib
import json
import re
import socket
import socketserver
import struct

from tests.receivers import CLOSE_EARLY, DROP_AFTER, DROP_BEFORE, HANG, TAKE, Quiet, Receiver

MESSAGE = re.compile(
    rb'<110>1 (\S+) testserver pimportal - history \[history@32473 entry="(\d+)" kind="([a-z_.]+)"\] (.*)'
)


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
