"""Emails leave by the server that EMAIL_URL names: in plain text, with STARTTLS or TLS, signed in or not."""

import socket
import threading

import pytest

from notifications.models import Email
from notifications.operations import delivery
from pimportal.mail_server import mail_server
from tests import make
from tests.mail_server import MailServer, trusting, used
from tests.make import NINE

PASSWORD = "p+a%s:s/w@rd"
IN_ADDRESS = "p+a%25s%3As%2Fw%40rd"


@pytest.fixture
def server():
    """A mail server that nobody was told of yet."""
    made = MailServer()
    yield made
    made.stop()


@pytest.fixture
def email(user):
    return make.email(to=user)


def deliver(email):
    delivery.deliver(lambda: NINE)
    email.refresh_from_db()
    return email


def test_in_plain_text_without_a_sign_in(server, email):
    server.start()

    with used(f"smtp://localhost:{server.port}"):
        deliver(email)

    assert (email.state, server.sign_ins, set(server.is_tls)) == (Email.State.SENT, [], {False})


def test_with_starttls_and_a_sign_in(server, email, certificate):
    server.start(tls_context=trusting(*certificate), authenticator=server.authenticate, auth_required=True)

    with used(f"smtp+tls://pim:{IN_ADDRESS}@localhost:{server.port}", EMAIL_CA_FILE=certificate[0]):
        deliver(email)

    assert (email.state, server.sign_ins, server.is_tls[-1]) == (Email.State.SENT, [("pim", PASSWORD)], True)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # STARTTLS, it means
def test_with_tls_from_the_first_byte_and_a_sign_in(server, email, certificate):
    server.start(
        ssl_context=trusting(*certificate), authenticator=server.authenticate, auth_required=True,
        auth_require_tls=False,
    )  # fmt: skip

    with used(f"smtps://pim:{IN_ADDRESS}@localhost:{server.port}", EMAIL_CA_FILE=certificate[0]):
        deliver(email)

    assert (email.state, server.sign_ins, server.is_tls[-1]) == (Email.State.SENT, [("pim", PASSWORD)], True)


@pytest.mark.parametrize("scheme", ["smtp+tls", "smtps"])
@pytest.mark.parametrize(("host", "trusted"), [("localhost", ""), ("127.0.0.1", "the file")])
def test_a_certificate_that_is_not_trusted_or_names_another_host_gets_nothing(
    scheme, host, trusted, server, email, certificate
):
    wrapped = "ssl_context" if scheme == "smtps" else "tls_context"
    server.start(**{wrapped: trusting(*certificate)}, **({"require_starttls": True} if scheme == "smtp+tls" else {}))

    with used(f"{scheme}://{host}:{server.port}", EMAIL_CA_FILE=trusted and certificate[0]):
        deliver(email)

    assert (email.state, server.messages) == (Email.State.WAITING, [])
    assert "certificate verify failed" in email.last_error


def test_a_server_without_tls_gets_nothing_where_tls_was_asked_for(server, email):
    server.start()

    with used(f"smtp+tls://localhost:{server.port}"):
        deliver(email)

    assert (email.state, server.messages) == (Email.State.WAITING, [])
    assert email.last_error == "The mail server cannot be used: STARTTLS extension not supported by server."


def test_a_wrong_password_fails_nothing_for_good_and_is_shown_without_itself(server, email, certificate):
    server.start(tls_context=trusting(*certificate), authenticator=server.authenticate, auth_required=True)
    server.answer_sign_in = lambda name, password: False

    with used(f"smtp+tls://pim:{IN_ADDRESS}@localhost:{server.port}", EMAIL_CA_FILE=certificate[0]):
        deliver(email)

    assert (email.state, server.messages) == (Email.State.WAITING, [])
    assert email.last_error.startswith("The mail server refused: 535")
    assert PASSWORD not in email.last_error


class Scripted:
    """A mail server that gives these answers to what it reads, and keeps what that was: one read, one answer."""

    def __init__(self, *answers):
        self.answers, self.heard = answers, []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        line, _address = self.listening.accept()
        with line, self.listening:
            line.sendall(b"220 hello\r\n")
            for answer in ("250-hello\r\n250 PIPELINING", *self.answers):
                self.heard.append(line.recv(65536).decode())
                line.sendall(f"{answer}\r\n".encode())

    def talk(self, email):
        with used(f"smtp://127.0.0.1:{self.listening.getsockname()[1]}"):
            deliver(email)
        self.thread.join()
        return self.heard[1:]


def test_a_server_that_takes_commands_together_is_waited_for_twice(email):
    heard = Scripted("250 ok\r\n250 ok\r\n354 go ahead", "250 taken", "221 bye").talk(email)

    assert heard[0] == "MAIL FROM:<pim@localhost>\r\nRCPT TO:<user@example.com>\r\nDATA\r\n"
    assert (heard[1][:9], heard[1][-5:], heard[2]) == ("Subject: ", "\r\n.\r\n", "quit\r\n")
    assert email.state == Email.State.SENT


def test_a_server_that_would_take_a_message_for_nobody_gets_none(email):
    """RFC 2920, section 3.1: it may say "go ahead" although it refused the recipient."""
    heard = Scripted("250 ok\r\n550 nobody\r\n354 go ahead", "554 nobody", "250 afresh", "221 bye").talk(email)

    assert heard[1:] == [".\r\n", "rset\r\n", "quit\r\n"]
    assert (email.state, email.last_error) == (Email.State.FAILED, "The mail server refused the address: 550 nobody")


def test_a_server_that_refuses_and_hangs_up_has_said_why(email):
    Scripted("550 you may not send").talk(email)

    assert (email.state, email.last_error) == (Email.State.WAITING, "The mail server refused: 550 you may not send")


def test_an_address_without_a_port_means_the_usual_one():
    ports = {scheme: mail_server(f"{scheme}://mail.example.org", is_safe=False)["EMAIL_PORT"]
             for scheme in ("smtp", "smtp+tls", "smtps")}  # fmt: skip

    assert ports == {"smtp": 25, "smtp+tls": 587, "smtps": 465}
