"""Connections to receivers of the history: to an address that was checked, and only for so many seconds.

A name is resolved once, and what was checked is what is connected to: a name that answers otherwise a moment later
leads nowhere.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings

STEP_SECONDS = 10.0
"""For each step of a conversation."""
LONGEST_SECONDS = 15.0
"""For a whole one, so that a receiver that answers byte by byte ends, too."""
# RFC 6052: an IPv4 address behind a translator.
TRANSLATED = ip_network("64:ff9b::/96")


class NotAllowed(OSError):
    """The receiver is at an address that nothing may be sent to."""


def is_public(address: str) -> bool:
    """Whether an address is one of the whole internet: not private, loopback, link-local or for a group."""
    found = ip_address(address.partition("%")[0])
    inner = _inner(found) if isinstance(found, IPv6Address) else None
    return is_public(str(inner)) if inner else found.is_global and not found.is_multicast


def _inner(address: IPv6Address) -> IPv4Address | None:
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def addresses(host: str, port: int) -> list[tuple[int, Any]]:
    """Family and address of a receiver, best first. Raises NotAllowed if one of them is private, unless that is on."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found: list[tuple[int, Any]] = [(family, address) for family, _, _, _, address in answers]
    for _, address in found:
        if not settings.HISTORY_STREAM_ALLOW_PRIVATE and not is_public(str(address[0])):
            raise NotAllowed(f"{host} is at {address[0]}, a private address. Set HISTORY_STREAM_ALLOW_PRIVATE=on.")
    return found


@contextlib.contextmanager
def connected(host: str, port: int) -> Iterator[socket.socket]:
    """A connection, cut after `LONGEST_SECONDS`. Raises OSError."""
    with _connect(addresses(host, port)) as connection, connection.dup() as spare:
        # By its other name, because TLS takes the first one away.
        timer = threading.Timer(LONGEST_SECONDS, _cut, [spare])
        timer.daemon = True
        timer.start()
        try:
            yield connection
        finally:
            timer.cancel()
            timer.join()


@contextlib.contextmanager
def encrypted(host: str, port: int) -> Iterator[ssl.SSLSocket]:
    """The same with TLS; certificate and name are checked, against HISTORY_STREAM_CA_FILE where that is set."""
    context = ssl.create_default_context(cafile=settings.HISTORY_STREAM_CA_FILE or None)
    with (
        connected(host, port) as connection,
        context.wrap_socket(connection, server_hostname=host) as wrapped,
    ):
        yield wrapped


def _connect(found: list[tuple[int, Any]]) -> socket.socket:
    """To the first of the addresses that answers; together they get as long as a step may last."""
    failure: OSError = OSError("the name has no address")
    for family, address in found:
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(STEP_SECONDS / len(found))
            connection.connect(address)
            connection.settimeout(STEP_SECONDS)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
