"""Delivering what was promised."""

from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from kernel.period import DAY, MINUTE
from notifications.models import Email
from notifications.operations import delivery, outbox
from tests import make
from tests.make import MICROSECOND, NINE

pytestmark = pytest.mark.postgres

SECOND = timedelta(seconds=1)


def deliver(*, at=NINE):
    """Everything that is ready at this moment; how many emails that were."""
    before = Email.objects.sent().count()
    delivery.deliver(lambda: at)
    return Email.objects.sent().count() - before


@pytest.fixture
def email(user, plain_templates):
    """An email that waits to be sent."""
    return make.email(to=user, letter=make.letter(template="plain", path="/requests/7/", ends_at=NINE))


@pytest.fixture
def broken(monkeypatch):
    """A mail server that fails."""

    def fail(error):
        def send(self, **kwargs):
            raise error

        monkeypatch.setattr(EmailMultiAlternatives, "send", send)

    return fail


def test_an_email_is_sent_and_marked(email):
    assert deliver() == 1

    (message,) = mail.outbox
    assert (message.subject, message.to, message.from_email) == (
        "Hello John Doe", ["user@example.com"], "Privileged access <pim@localhost>",
    )  # fmt: skip
    assert message.body == "Until 09:00 UTC. http://testserver/requests/7/ Because you asked for it."
    assert [(part.mimetype, part.content) for part in message.alternatives] == [("text/html", "<p>John Doe</p>")]
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    email.refresh_from_db()
    assert (email.sent_at, email.subject, email.tries, email.last_error) == (NINE, "Hello John Doe", 1, "")


@pytest.mark.parametrize(("in_demo", "path"), [(False, ""), (True, "/invitation/secret/")])
def test_a_path_that_lets_its_reader_in_is_forgotten_once_it_is_sent(in_demo, path, user, plain_templates, settings):
    settings.DEMO = in_demo
    letter = outbox.Letter(template="plain", key="invitation:1", path="/invitation/secret/", path_is_secret=True)
    email = make.email(to=user, letter=letter)

    deliver()

    email.refresh_from_db()
    assert (email.path, "/invitation/secret/" in mail.outbox[0].body) == (path, True)


def test_a_secret_path_is_kept_until_it_is_sent(user, plain_templates, settings, broken):
    settings.DEMO = False
    broken(TimeoutError())
    letter = outbox.Letter(template="plain", key="invitation:1", path="/invitation/secret/", path_is_secret=True)
    email = make.email(to=user, letter=letter)

    deliver()

    email.refresh_from_db()
    assert email.path == "/invitation/secret/"


def test_an_email_is_sent_once(email):
    assert [deliver(at=NINE + minutes * MINUTE) for minutes in (0, 0, 2, 1000)] == [1, 0, 0, 0]
    assert len(mail.outbox) == 1


def test_while_somebody_is_at_it_nobody_else_tries(email, broken):
    """The first try dies without a word, as if its process was killed."""
    broken(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        deliver()

    assert not Email.objects.due(NINE + 60 * SECOND - MICROSECOND).exists()
    assert list(Email.objects.due(NINE + 60 * SECOND)) == [email]


def test_without_emails_there_is_nothing_to_do(db):
    assert deliver() == 0


def test_an_email_is_not_sent_before_its_time(email):
    assert deliver(at=NINE - MICROSECOND) == 0
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("error", "noted"),
    [
        (SMTPServerDisconnected("gone"), "The connection to the mail server was lost: gone"),
        (SMTPRecipientsRefused({"user@example.com": (450, b"Later")}),
         "The mail server refused the address: 450 Later"),
        (SMTPDataError(452, b"Disk\r\nfull"), "The mail server refused: 452 Disk full"),
        (TimeoutError("timed out"), "The mail server cannot be reached: TimeoutError: timed out"),
        (ConnectionRefusedError(111, "refused"),
         "The mail server cannot be reached: ConnectionRefusedError: [Errno 111] refused"),
    ],
)  # fmt: skip
def test_after_a_failure_it_is_tried_again_and_then_sent(error, noted, email, broken, monkeypatch):
    broken(error)
    assert deliver() == 0
    email.refresh_from_db()
    assert (email.sent_at, email.tries, email.last_error) == (None, 1, noted)
    assert email.next_try_at == NINE + 5 * SECOND

    monkeypatch.undo()
    assert deliver(at=NINE + 5 * SECOND) == 1
    email.refresh_from_db()
    assert (email.sent_at, email.tries, email.last_error) == (NINE + 5 * SECOND, 2, "")


@pytest.mark.parametrize(
    ("error", "powers", "longest"), [(TimeoutError(), 4, MINUTE), (SMTPDataError(451, b"Later"), 7, 10 * MINUTE)]
)
def test_it_is_tried_ever_more_slowly_but_not_too_slowly(error, powers, longest, email, broken):
    broken(error)
    waits, at = [], NINE
    for _ in range(12):
        deliver(at=at)
        email.refresh_from_db()
        waits.append(email.next_try_at - at)
        at = email.next_try_at

    assert waits == [*(5 * 2**power * SECOND for power in range(powers)), *[longest] * (12 - powers)]


def test_after_three_days_it_is_given_up_visibly(email, broken):
    broken(TimeoutError("timed out"))

    deliver(at=NINE + 3 * DAY - MICROSECOND)
    email.refresh_from_db()
    assert email.gave_up_at is None

    deliver(at=NINE + 3 * DAY + MINUTE)
    given_up = Email.objects.get()
    assert (given_up.gave_up_at, given_up.last_error) == (
        NINE + 3 * DAY + MINUTE,
        "The mail server cannot be reached: TimeoutError: timed out",
    )
    assert not Email.objects.due(NINE + 30 * DAY).exists()


def test_the_last_try_may_still_succeed(email):
    assert deliver(at=NINE + 30 * DAY) == 1


def test_an_email_that_cannot_be_rendered_is_noted_and_given_up_like_any_other(user):
    """Nothing is silently dropped, and nothing is tried for ever."""
    email = make.email(to=user, letter=make.letter(template="there_is_no_such_template"))

    for at in (NINE, NINE + 4 * DAY):
        deliver(at=at)

    email.refresh_from_db()
    assert email.last_error.startswith("The email cannot be written: TemplateDoesNotExist")
    assert email.gave_up_at == NINE + 4 * DAY


def test_every_try_has_the_same_message_id(email, broken, monkeypatch):
    seen = []

    def send(self, **kwargs):
        seen.append(self.message()["Message-ID"])
        raise TimeoutError

    monkeypatch.setattr(EmailMultiAlternatives, "send", send)
    deliver()
    deliver(at=NINE + MINUTE)

    assert len(seen) == 2
    assert len(set(seen)) == 1
