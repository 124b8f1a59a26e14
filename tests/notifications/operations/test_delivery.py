"""Delivering what was promised."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.template import TemplateDoesNotExist

from kernel.period import DAY, HOUR, MINUTE
from notifications.models import Email
from notifications.operations import delivery, outbox
from tests import make
from tests.make import MICROSECOND, NINE

pytestmark = pytest.mark.postgres

SECOND = timedelta(seconds=1)


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
    assert delivery.deliver(email.pk, at=NINE)

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

    delivery.deliver(email.pk, at=NINE)

    email.refresh_from_db()
    assert (email.path, "/invitation/secret/" in mail.outbox[0].body) == (path, True)


def test_a_secret_path_is_kept_until_it_is_sent(user, plain_templates, settings, broken):
    settings.DEMO = False
    broken(TimeoutError())
    letter = outbox.Letter(template="plain", key="invitation:1", path="/invitation/secret/", path_is_secret=True)
    email = make.email(to=user, letter=letter)

    delivery.deliver(email.pk, at=NINE)

    email.refresh_from_db()
    assert email.path == "/invitation/secret/"


def test_an_email_is_sent_once(email):
    assert [delivery.deliver(email.pk, at=NINE + minutes * MINUTE) for minutes in (0, 0, 2, 1000)] == [
        True, False, False, False,
    ]  # fmt: skip
    assert len(mail.outbox) == 1


def test_while_somebody_is_at_it_nobody_else_tries(email, broken):
    """The first try dies without a word, as if its process was killed."""
    broken(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        delivery.deliver(email.pk, at=NINE)

    assert not Email.objects.due(NINE + 60 * SECOND - MICROSECOND).exists()
    assert list(Email.objects.due(NINE + 60 * SECOND)) == [email]


def test_an_email_that_is_not_there_is_nobodys_trouble(db):
    assert not delivery.deliver(404, at=NINE)


def test_an_email_is_not_sent_before_its_time(email):
    assert not delivery.deliver(email.pk, at=NINE - MICROSECOND)
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("error", "noted"),
    [
        (SMTPServerDisconnected("gone"), "SMTPServerDisconnected: gone"),
        (SMTPRecipientsRefused({}), "SMTPRecipientsRefused: {}"),
        (TimeoutError("timed out"), "TimeoutError: timed out"),
        (ConnectionRefusedError(111, "refused"), "ConnectionRefusedError: [Errno 111] refused"),
    ],
)
def test_after_a_failure_it_is_tried_again_and_then_sent(error, noted, email, broken, monkeypatch):
    broken(error)
    assert not delivery.deliver(email.pk, at=NINE)
    email.refresh_from_db()
    assert (email.sent_at, email.tries, email.last_error) == (None, 1, noted)
    assert email.next_try_at == NINE + 5 * SECOND

    monkeypatch.undo()
    assert delivery.deliver(email.pk, at=NINE + 5 * SECOND)
    email.refresh_from_db()
    assert (email.sent_at, email.tries, email.last_error) == (NINE + 5 * SECOND, 2, "")


def test_it_is_tried_ever_more_slowly_but_once_an_hour_at_least(email, broken):
    broken(TimeoutError())
    waits, at = [], NINE
    for _ in range(12):
        delivery.deliver(email.pk, at=at)
        email.refresh_from_db()
        waits.append(email.next_try_at - at)
        at = email.next_try_at

    assert waits == [*(5 * 2**power * SECOND for power in range(10)), HOUR, HOUR]


def test_after_three_days_it_is_given_up_visibly(email, broken):
    broken(TimeoutError("timed out"))

    delivery.deliver(email.pk, at=NINE + 3 * DAY - MICROSECOND)
    email.refresh_from_db()
    assert email.gave_up_at is None

    delivery.deliver(email.pk, at=NINE + 3 * DAY + MINUTE)
    given_up = Email.objects.get()
    assert (given_up.gave_up_at, given_up.last_error) == (NINE + 3 * DAY + MINUTE, "TimeoutError: timed out")
    assert not Email.objects.due(NINE + 30 * DAY).exists()


def test_the_last_try_may_still_succeed(email):
    assert delivery.deliver(email.pk, at=NINE + 30 * DAY)


def test_an_email_that_cannot_be_rendered_is_noted_and_given_up_like_any_other(user):
    """Nothing is silently dropped, and nothing is tried for ever."""
    email = make.email(to=user, letter=make.letter(template="there_is_no_such_template"))

    for at in (NINE, NINE + 4 * DAY):
        try:
            delivery.deliver(email.pk, at=at)
        except TemplateDoesNotExist:
            continue

    email.refresh_from_db()
    assert email.last_error.startswith("TemplateDoesNotExist")
    assert email.gave_up_at == NINE + 4 * DAY


def test_every_try_has_the_same_message_id(email, broken, monkeypatch):
    seen = []

    def send(self, **kwargs):
        seen.append(self.message()["Message-ID"])
        raise TimeoutError

    monkeypatch.setattr(EmailMultiAlternatives, "send", send)
    delivery.deliver(email.pk, at=NINE)
    delivery.deliver(email.pk, at=NINE + MINUTE)

    assert len(seen) == 2
    assert len(set(seen)) == 1
