"""What is planned comes with an entry for the calendar, and what is called off takes it out again."""

import email
import email.policy
from datetime import timedelta

import pytest
from django.core import mail

from kernel.period import HOUR, MINUTE
from notifications.models import Email
from notifications.operations import delivery
from requests_app.operations import approval
from roles.operations import activation, grants
from tests import make
from tests.make import EASY, NINE

pytestmark = pytest.mark.django_db

TEN = NINE + HOUR


def entries(template, *, at):
    """The calendar entries that came with this email, by property."""
    mail.outbox.clear()
    delivery.deliver(lambda: at)
    sent = Email.objects.filter(template=template, sent_at=at).values_list("subject", flat=True)
    return [found for message in mail.outbox if message.subject in sent for found in _entries(message)]


def _entries(message):
    whole = email.message_from_bytes(message.message().as_bytes(), policy=email.policy.default)
    for part in whole.walk():
        if part.get_content_type() == "text/calendar":
            assert (part.get_filename(), part.get_content_disposition()) == ("activation.ics", "attachment")
            lines = part.get_content().replace("\r\n", "\n").replace("\n ", "").splitlines()
            found = dict(line.split(":", 1) for line in lines)
            assert part.get_param("method") == found["METHOD"]
            yield {name: found[name] for name in ("METHOD", "UID", "SEQUENCE", "DTSTART", "DTEND", "STATUS")}


def entry(of, *, sequence, start="20261123T100000Z", end="20261123T120000Z", is_cancelled=False):
    return {
        "METHOD": "CANCEL" if is_cancelled else "PUBLISH",
        "UID": f"activation-{of.pk}@testserver",
        "SEQUENCE": str(sequence),
        "DTSTART": start,
        "DTEND": start if is_cancelled else end,
        "STATUS": "CANCELLED" if is_cancelled else "CONFIRMED",
    }


@pytest.fixture
def eligibility(user):
    return make.eligibility(of=user, role=make.role(terms=EASY))


@pytest.fixture
def planned(user, eligibility):
    """From ten until noon, asked for at nine."""
    return make.activation(by=user, of=eligibility, duration=2 * HOUR, start_at=TEN)


def test_what_is_scheduled_stands_in_the_calendar(planned):
    assert entries("your_role_is_scheduled", at=NINE) == [entry(planned, sequence=0)]


def test_what_is_approved_for_later_stands_in_the_calendar(user, approver):
    eligibility = make.eligibility(of=user, role=make.role(terms=EASY, approvers=(approver,)))
    asked = make.role_request(by=user, for_=eligibility, asking_for=make.ask(duration=2 * HOUR, start_at=TEN))
    approval.approve(make.act(by=approver, at=NINE + MINUTE), asked, because="Fine")
    asked.refresh_from_db()

    assert entries("your_request_decided", at=NINE + MINUTE) == [entry(asked.assignment, sequence=0)]
    assert entries("request_decided", at=NINE + MINUTE) == []


def test_what_begins_at_once_needs_no_calendar(user, eligibility):
    make.activation(by=user, of=eligibility, duration=2 * HOUR)

    assert entries("your_role_is_active", at=NINE) == []


def test_what_was_scheduled_and_is_extended_ends_later_in_the_calendar(user, planned):
    at = TEN + HOUR
    activation.tell_start(make.act(at=TEN), planned.pk)
    make.extension(of=planned, duration=2 * HOUR, at=at)

    later = entry(planned, sequence=int(timedelta(hours=2).total_seconds()), end="20261123T130000Z")
    assert entries("your_role_is_extended", at=at) == [later]


def test_what_its_holder_calls_off_leaves_the_calendar(user, planned):
    activation.deactivate(make.act(by=user, at=NINE + MINUTE), planned)

    assert entries("your_role_ended", at=NINE + MINUTE) == [entry(planned, sequence=60, is_cancelled=True)]


def test_what_an_administrator_takes_away_before_it_begins_leaves_the_calendar(admin, planned):
    grants.remove_assignment(make.act(by=admin, at=NINE + 5 * MINUTE), planned, because="New job")

    assert entries("removed_from_you", at=NINE + 5 * MINUTE) == [entry(planned, sequence=300, is_cancelled=True)]


def test_what_may_not_begin_leaves_the_calendar(planned, eligibility):
    activation.call_off(make.act(at=NINE + MINUTE), planned, because="the rules changed")

    assert entries("your_role_did_not_start", at=NINE + MINUTE) == [entry(planned, sequence=60, is_cancelled=True)]
