"""Sending again, and a test email."""

import pytest
from django.core import mail

from accounts.models import User
from kernel.period import DAY, HOUR, MINUTE, SECOND
from kernel.refusal import Refused
from notifications.models import Email
from notifications.operations import delivery, outbox
from roles.operations import departures, emails
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.postgres


@pytest.fixture
def email(user: User) -> Email:
    """An email that waits."""
    return make.email(to=user)


def deliver(email: Email, *, at=NINE) -> Email:
    delivery.deliver(lambda: at)
    email.refresh_from_db()
    return email


def failed(email: Email) -> Email:
    """Given up after three days."""
    Email.objects.filter(pk=email.pk).update(
        gave_up_at=NINE + 3 * DAY, last_error="The mail server refused: 550", tries=80, next_try_at=NINE + 4 * DAY
    )
    email.refresh_from_db()
    return email


def test_a_failed_email_is_tried_at_once_and_then_for_three_days_again(admin, email):
    later = NINE + 5 * DAY

    assert emails.send_again(make.act(by=admin, at=later), failed(email)) == email

    email.refresh_from_db()
    assert (email.state, email.next_try_at, email.resent_at) == (Email.State.WAITING, later, later)
    assert deliver(email, at=later).state == Email.State.SENT
    told = seen.entry("email.sent_again")
    assert (told.person_name, told.facts) == ("John Doe", {"email": "Invitation", "number": email.pk, "copy": None})


def test_one_sent_again_in_vain_is_not_given_up_at_its_next_failure(admin, user):
    broken = failed(make.email(to=user, letter=make.letter(template="there_is_no_such_template")))
    later = NINE + 5 * DAY
    emails.send_again(make.act(by=admin, at=later), broken)

    assert deliver(broken, at=later).state == Email.State.WAITING
    assert deliver(broken, at=later + 3 * DAY).state == Email.State.FAILED


def test_a_waiting_email_is_tried_at_once(admin, email):
    Email.objects.update(next_try_at=NINE + HOUR)

    emails.send_again(make.act(by=admin), email)

    assert deliver(email).state == Email.State.SENT


def test_an_email_that_is_just_being_sent_is_left_to_that(admin, email):
    Email.objects.update(next_try_at=NINE + 60 * SECOND)

    emails.send_again(make.act(by=admin), email)

    assert deliver(email).state == Email.State.WAITING


def test_a_sent_email_stays_as_it_is_and_is_copied_once(admin, email):
    deliver(email)
    before = Email.objects.filter(pk=email.pk).values().get()
    mail.outbox.clear()

    copy = emails.send_again(make.act(by=admin, at=NINE + MINUTE), email)
    with pytest.raises(Refused, match="A copy of it waits to be sent already"):
        emails.send_again(make.act(by=admin, at=NINE + MINUTE + SECOND), email)

    assert (copy.pk != email.pk, copy.to_person) == (True, email.to_person)
    assert deliver(copy, at=NINE + MINUTE).state == Email.State.SENT
    (message,) = mail.outbox
    assert "you asked for it; an administrator had it sent again." in " ".join(message.body.split())
    assert Email.objects.filter(pk=email.pk).values().get() == before


def test_an_email_whose_secret_was_forgotten_is_not_sent_again(admin, user, settings):
    settings.DEMO = False
    facts = {"inviter_name": "Ada", "expires_at": NINE}
    letter = outbox.Letter(
        template="invitation", key="i:1", path="/invitation/secret/", path_is_secret=True, facts=facts
    )
    invitation = deliver(make.email(to=user, letter=letter))

    with pytest.raises(Refused, match="Invite them again"):
        emails.send_again(make.act(by=admin), invitation)


def test_disabled_people_are_not_written_to(admin, user, email):
    departures.disable(make.act(), user)

    with pytest.raises(Refused, match="is written to no more"):
        emails.send_again(make.act(by=admin), failed(email))


def test_a_test_email_goes_to_whoever_asks_for_it_through_the_outbox(admin):
    email = emails.send_test(make.act(by=admin))

    assert deliver(email).state == Email.State.SENT
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == (
        [admin.email],
        "PIM: Test email of 23 Nov 2026, 09:00 UTC",
    )
    assert seen.events() == ["email.tested"]


def test_what_is_kept_for_a_digest_is_not_sent_by_itself(admin, email):
    Email.objects.filter(pk=email.pk).update(held_at=NINE)
    email.refresh_from_db()

    with pytest.raises(Refused, match="It will be told in a daily digest, as John Doe wants"):
        emails.send_again(make.act(by=admin), email)

    assert (email.state.label, email.state.tone) == ("For the daily digest", "quiet")
