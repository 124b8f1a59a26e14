"""The worker as a real process on the test's own database: it tells in time, stands up again, and leaves nothing."""

import os
import signal
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.events import SignedIn
from audit.log import record
from audit.models import Entry, Seal
from audit.operations.verifying import Verification
from kernel.period import HOUR, MINUTE, SECOND
from notifications.email import message_id
from notifications.models import Email
from roles.models import Assignment
from roles.operations import grants
from roles.queries import access
from tests import make
from tests.stories import processes
from tests.stories.processes import wait_for
from tests.workers import Postbox, serve

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

LATEST = 2 * SECOND
"""How long after an end it may take until it is written down and told."""
ROUND = 3 * SECOND
"""How often the worker looks for what no clock announces."""


def activation_that_ends_at(end_at: datetime) -> Assignment:
    """Somebody activated a role for half an hour, not quite half an hour ago."""
    user, role = make.user(email="user@example.com"), make.role(terms=make.EASY)
    eligibility = make.eligibility(of=user, role=role, start_at=end_at - HOUR, end_at=end_at + HOUR, at=end_at - HOUR)
    return make.activation(by=user, of=eligibility, duration=30 * MINUTE, at=end_at - 30 * MINUTE)


def ended(assignment: Assignment) -> Entry | None:
    """What the history tells of its end."""
    found = Entry.objects.filter(kind="role.activation_ended", person_id=assignment.user_id)
    return found.first()


def farewell(assignment: Assignment) -> Email | None:
    """The email that tells the person of the end, once it is sent."""
    told = Email.objects.filter(template="your_role_ended", to_address=assignment.user.email)
    return told.exclude(sent_at=None).first()


def test_an_end_is_written_down_and_told_within_two_seconds(worker: Any, record_property: Any) -> None:
    worker()
    end_at = timezone.now() + 4 * SECOND
    assignment = activation_that_ends_at(end_at)
    assert (ended(assignment), farewell(assignment)) == (None, None)

    letter = wait_for(lambda: farewell(assignment), seconds=12)
    noticed = timezone.now() - end_at

    entry = ended(assignment)
    assert entry is not None
    late = {"written down": entry.at - end_at, "told": letter.sent_at - end_at, "noticed": noticed}
    print({what: round(by.total_seconds(), 3) for what, by in late.items()}, connection.vendor)  # noqa: T201
    assert [what for what, by in late.items() if not timedelta() <= by <= LATEST] == []
    assert Entry.objects.filter(kind="role.activation_ended").count() == 1


def test_what_happened_is_sealed_within_three_seconds(worker: Any) -> None:
    worker()
    with transaction.atomic():
        entry = record(make.act(at=timezone.now()), SignedIn())

    wait_for(lambda: Seal.objects.filter(last_id__gte=entry.pk).exists(), seconds=3)

    assert list(Verification().findings()) == []


def told(template: str) -> Email | None:
    """The email of this kind, once it is sent."""
    return Email.objects.filter(template=template).exclude(sent_at=None).first()


def test_a_request_escalates_in_time_and_is_closed_soon_after_it_became_impossible(worker: Any) -> None:
    worker()
    escalates_at = timezone.now() + 4 * SECOND
    asked_at = escalates_at - HOUR
    user, rounds = make.user(), make.stages(make.stage(make.user()), escalation=(make.user(),))
    role = make.role(approval=rounds, at=asked_at - HOUR)
    eligibility = make.eligibility(of=user, role=role, start_at=asked_at - HOUR, end_at=None, at=asked_at - HOUR)
    make.role_request(by=user, for_=eligibility, at=asked_at)
    assert told("approval_escalated") is None

    letter = wait_for(lambda: told("approval_escalated"), seconds=12)
    assert timedelta() <= letter.sent_at - escalates_at <= LATEST

    removed_at = timezone.now()
    grants.remove_eligibility(make.act(at=removed_at), eligibility, because="New job")
    letter = wait_for(lambda: told("your_request_lapsed"), seconds=12)
    assert timedelta() <= letter.sent_at - removed_at <= LATEST + ROUND


def test_the_holder_is_warned_in_time_and_what_is_extended_ends_at_its_new_end(worker: Any) -> None:
    worker()
    warned_at = timezone.now() + 4 * SECOND
    assignment = activation_that_ends_at(warned_at + 15 * MINUTE)
    assert told("your_role_ends_soon") is None

    letter = wait_for(lambda: told("your_role_ends_soon"), seconds=12)
    assert timedelta() <= letter.sent_at - warned_at <= LATEST
    assert letter.to_address == assignment.user.email

    # Nothing is extended by seconds: it was asked ten minutes ago, and what is new ends in a few seconds.
    end_at = timezone.now() + 5 * SECOND
    with transaction.atomic():
        Assignment.objects.filter(pk=assignment.pk).update(end_at=end_at - 2 * MINUTE)
        make.extension(of=assignment, duration=10 * MINUTE, at=end_at - 10 * MINUTE)
    assert Assignment.objects.get(pk=assignment.pk).end_at == end_at
    letter = wait_for(lambda: farewell(assignment), seconds=15)
    assert timedelta() <= letter.sent_at - end_at <= LATEST


def test_access_ends_by_the_clock_while_no_worker_runs(worker: Any) -> None:
    end_at = timezone.now() + 2 * SECOND
    assignment = activation_that_ends_at(end_at)
    browser = Client()
    browser.force_login(assignment.user, backend="accounts.backends.PasswordBackend")
    ask = {"path": "/access/check/", "data": {"role": assignment.role.name}}
    assert browser.get(**ask).status_code == 204

    time.sleep((end_at - timezone.now()).total_seconds())

    assert browser.get(**ask).status_code == 403
    assert access.access(assignment.user, assignment.role, at=end_at) is None
    before = access.access(assignment.user, assignment.role, at=end_at - make.MICROSECOND)
    assert before is not None
    assert before.until == end_at
    assert ended(assignment) is None

    worker()
    wait_for(lambda: farewell(assignment), seconds=10)
    assert ended(assignment) is not None
    assert browser.get(**ask).status_code == 403


@pytest.mark.parametrize(
    ("cluster", "whom"),
    [
        ("pimportal", "all of it"),
        ("pimportal", "its head"),
        ("pimportal", "its hands"),
        ("email", "all of it"),
        ("email", "its head"),
    ],
)
def test_a_killed_cluster_is_replaced(worker: Any, cluster: str, whom: str) -> None:
    running = worker()
    group = running.cluster(cluster)
    old = processes.below(group)

    kill(whom, group)
    end_at = timezone.now() + SECOND
    assignment = activation_that_ends_at(end_at)

    letter = wait_for(lambda: farewell(assignment), seconds=80)
    print(f"{whom} of {cluster} killed, told after {letter.sent_at - end_at} ({connection.vendor})")  # noqa: T201
    wait_for(lambda: running.cluster(cluster) not in (None, group), seconds=30)
    assert running.terminate() == 0
    assert processes.still_running(old) == []


def kill(whom: str, group: int) -> None:
    """End a cluster as a machine short of memory does: its first process has one child, and that one the others."""
    head = next(process.pid for process in processes.running() if process.parent == group)
    hands = [process for process in processes.below(head) if process.pid != head]
    if whom == "all of it":
        os.killpg(group, signal.SIGKILL)
    elif whom == "its head":
        os.kill(head, signal.SIGKILL)
    else:
        processes.end(hands)


def test_a_polite_kill_stops_everything(worker: Any) -> None:
    running = worker()
    all_of_it = running.processes
    assert len(all_of_it) > 3

    asked_at = time.monotonic()
    assert running.terminate() == 0

    assert time.monotonic() - asked_at < 10
    assert processes.still_running(all_of_it) == []


# --- emails over SMTP


class Greylisting(Postbox):
    """A mail server that refuses its first message, and keeps the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        """Take a message, but the first."""
        if not self.refused:
            self.refused += 1
            return "451 Try again later"
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def greylisting() -> Iterator[tuple[Greylisting, str]]:
    """The server and its EMAIL_URL."""
    handler = Greylisting()
    controller, url = serve(handler)
    yield handler, url
    controller.stop()


def test_an_email_goes_out_by_smtp_and_is_tried_again(worker: Any, greylisting: tuple[Greylisting, str]) -> None:
    server, url = greylisting
    worker(email_url=url)
    promised = make.email(to=make.user(name="Nora New", email="new@example.com"), at=timezone.now())

    wait_for(lambda: Email.objects.filter(pk=promised.pk).exclude(last_error="").exists(), seconds=10)
    assert server.messages() == []
    wait_for(lambda: server.messages(), seconds=20)
    wait_for(lambda: Email.objects.filter(pk=promised.pk, last_error="").exclude(sent_at=None).exists(), seconds=5)

    (message,) = server.messages()
    sent = Email.objects.get(pk=promised.pk)
    assert (message["To"], message["Subject"], sent.tries) == ("new@example.com", sent.subject, 2)
    assert (message["Message-ID"], message["Auto-Submitted"]) == (message_id(sent), "auto-generated")
    text, html = message.iter_parts()
    assert [part.get_content_type() for part in (text, html)] == ["text/plain", "text/html"]
    assert f"{settings.PUBLIC_URL}{sent.path}" in text.get_content()
    assert f'href="{settings.PUBLIC_URL}{sent.path}"' in html.get_content()

    # What a crash between sending and marking does: it is sent once more, and a mail program shows it once.
    Email.objects.filter(pk=promised.pk).update(sent_at=None, next_try_at=timezone.now() - MINUTE)
    wait_for(lambda: len(server.messages()) == 2, seconds=15)
    assert server.messages()[1]["Message-ID"] == message["Message-ID"]
