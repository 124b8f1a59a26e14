"""A real mail server for tests, which can be told to misbehave."""

import asyncio
import contextlib
import email
import email.policy
import socket
import ssl
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from django.test import override_settings

from pimportal.mail_server import mail_server

OK = "250 OK"
HANG = "hang"
DROP_BEFORE = "drop the connection and take nothing"
DROP_AFTER = "take it, and drop the connection without a word"
LONG = 30


class MailServer:
    """What it took, and how it answers. Set `answer` and `answer_address` to make it misbehave."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.connections = 0
        self.sign_ins: list[tuple[str, str]] = []
        self.is_tls: list[bool] = []
        self.answer: Callable[[EmailMessage], str] = lambda message: OK
        self.answer_address: Callable[[str], str] = lambda address: OK
        self.answer_sender: Callable[[str], str] = lambda address: OK
        self.answer_sign_in: Callable[[str, str], bool] = lambda name, password: True
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.pipelines = False
        self.controller: Controller | None = None
        self.options: dict[str, Any] = {}

    def start(self, **options: Any) -> "MailServer":
        """Listen, on the same port each time."""
        self.options = options or self.options
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **self.options)
        self.controller.start()
        return self

    def stop(self) -> None:
        """Listen no longer."""
        if self.controller:
            self.controller.stop()
        self.controller = None

    @property
    def arrived(self) -> list[tuple[str, str]]:
        """To whom, with which subject; in order."""
        return [(message["To"], message["Subject"]) for message in self.messages]

    # aiosmtpd calls these by name.

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count conversations; with STARTTLS there are two greetings in one."""
        session.host_name = hostname
        self.connections += 1
        self.is_tls.append(session.ssl is not None or "ssl_context" in self.options)
        return [responses[0], *["250-PIPELINING"] * self.pipelines, *responses[1:]]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take a sender."""
        envelope.mail_from = address
        return self.answer_sender(address)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take an address."""
        answer = self.answer_address(address)
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a message."""
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        answer = self.answer(message)
        if answer in (OK, DROP_AFTER):
            self.messages.append(message)
        if answer == HANG:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(LONG)
        if answer in (DROP_BEFORE, DROP_AFTER):
            server.transport.abort()
        return answer if answer[0].isdigit() else OK

    def authenticate(self, server: SMTP, session: Any, envelope: Any, mechanism: str, told: Any) -> AuthResult:
        """Take a name and a password."""
        assert isinstance(told, LoginPassword)
        name, password = told.login.decode(), told.password.decode()
        self.sign_ins.append((name, password))
        is_right = self.answer_sign_in(name, password)
        # What is not handled, aiosmtpd answers with 535.
        return AuthResult(success=is_right, handled=is_right)


@contextlib.contextmanager
def used(url: str, **settings: Any) -> Iterator[None]:
    """Emails leave by this EMAIL_URL."""
    with override_settings(**{"EMAIL_TIMEOUT": 1, **mail_server(url, is_safe=False), **settings}):
        yield


@pytest.fixture(params=[True, False], ids=["pipelines", "one by one"])
def postbox(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    """A mail server that takes everything, and that emails leave by; one that takes several commands at once or not."""
    server = MailServer().start()
    server.pipelines = request.param
    with used(f"smtp://127.0.0.1:{server.port}"):
        yield server
    server.stop()


def trusting(certificate: str, key: str) -> ssl.SSLContext:
    """What the server shows when TLS begins."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context
