"""A thousand ends in one second, as many starts, and ends here and there: how late each is written down and told."""

import os
import smtplib
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from kernel.period import HOUR, MINUTE, SECOND
from notifications.backends import Line
from notifications.models import Email
from requests_app.models import RoleRequest
from roles.models import Assignment, Eligibility
from tests import make
from tests.stories.processes import wait_for
from tests.workers import Postbox, Worker

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

THOUSAND = 1000
LATEST = 2
MOST_SECONDS = 15
MOST_COMPUTED = 12
"""Seconds of one core for a thousand; on a busy machine they take two thirds of it."""
MOST_IDLE = 0.25
"""Of one core: several times what it takes, so that only a worker that does not sleep exceeds it."""


def assignments_that_end_at(moments: Iterable[datetime]) -> dict[int, datetime]:
    """By person: when what is assigned to them ends. Copied from one that was made as the portal makes it: to make a
    thousand would take longer than what is measured."""
    now = timezone.now()
    one = make.assignment(of=make.user(), start_at=now - HOUR, end_at=now + HOUR, at=now - HOUR)
    ends = list(moments)
    users = people(len(ends), at=one.made_at)
    same = {"role": one.role, "scope": one.scope, "start_at": one.start_at, "made_at": one.made_at}
    Assignment.objects.bulk_create(
        Assignment(user=user, end_at=end_at, start_told_at=one.made_at, **same)
        for user, end_at in zip(users, ends, strict=True)
    )
    return {user.pk: end_at for user, end_at in zip(users, ends, strict=True)}


def activations_that_start_at(moments: Iterable[datetime]) -> dict[int, datetime]:
    """By person: when what they scheduled begins. Copied in the same way."""
    starts = list(moments)
    one = make.activation(by=make.user(), start_at=starts[0] + HOUR, at=starts[0] - MINUTE)
    users = people(len(starts), at=one.made_at)
    from_ = Eligibility.objects.bulk_create(copy(one.activated_from, user_id=user.pk) for user in users)
    begun = Assignment.objects.bulk_create(
        copy(one, user_id=user.pk, activated_from_id=eligibility.pk, start_at=start_at, end_at=start_at + HOUR)
        for user, eligibility, start_at in zip(users, from_, starts, strict=True)
    )
    asked = RoleRequest.objects.get(assignment=one)
    RoleRequest.objects.bulk_create(
        copy(
            asked, user_id=each.user_id, eligibility_id=each.activated_from_id, assignment_id=each.pk,
            start_at=each.start_at, form_key=uuid4(),
        )
        for each in begun
    )  # fmt: skip
    return {user.pk: start_at for user, start_at in zip(users, starts, strict=True)}


def people(count: int, *, at: datetime) -> list[User]:
    """So many, to whom what is measured happens."""
    made = [
        User(email=f"ends-{number}@example.com", display_name=f"Person {number}", created_at=at)
        for number in range(count)
    ]
    User.objects.bulk_create(made)
    return made


def copy(row: Any, **changes: Any) -> Any:
    """Another row like this one, but for these columns."""
    same = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
    return type(row)(**same | changes)


def told(letterbox: Postbox) -> list[tuple[EmailMessage, float]]:
    """What was written to those people, and when the mail server took it."""
    taken = zip(letterbox.messages(), list(letterbox.taken_at), strict=False)
    return [(message, at) for message, at in taken if message["To"].startswith("ends-")]


def lateness(ends: dict[int, datetime], letterbox: Postbox, kind: str = "assignment.ended") -> dict[str, list[float]]:
    """Seconds from each end until the history had it, and until the mail server had taken the email, sorted."""
    written = Entry.objects.filter(kind=kind, person_id__in=ends).values_list("person_id", "at")
    by_address = {user.email: ends[user.pk] for user in User.objects.filter(pk__in=ends)}
    return {
        "written down": sorted((at - ends[pk]).total_seconds() for pk, at in written if pk),
        "told": sorted(at - by_address[message["To"]].timestamp() for message, at in told(letterbox)),
    }


def at_percent(seconds: list[float], percent: int) -> float:
    """The lateness that so many percent do not exceed."""
    return seconds[min(len(seconds) * percent // 100, len(seconds) - 1)]


def figures(what: str, late: dict[str, list[float]]) -> str:
    """One line to be read."""
    parts = (
        f"{name} p50 {at_percent(of, 50):.2f} s, p99 {at_percent(of, 99):.2f} s, max {of[-1]:.2f} s"
        for name, of in late.items()
    )
    return f"{what} on {connection.vendor}: {'; '.join(parts)}"


def all_are_told(ends: dict[int, datetime], template: str = "your_role_ended") -> bool:
    """Whether every email about an end is sent."""
    return Email.objects.filter(template=template).exclude(sent_at=None).count() == len(ends)


def cpu_of(running: Worker) -> float:
    """Seconds of one core that a worker has used so far, all of its processes."""
    spent = (Path(f"/proc/{process.pid}/stat").read_text() for process in running.processes)
    fields = (text.rpartition(")")[2].split() for text in spent)
    return sum(int(of[11]) + int(of[12]) for of in fields) / os.sysconf("SC_CLK_TCK")


def bare_smtp(letterbox: Postbox, url: str) -> float:
    """Seconds in which the same messages, finished, go to the same mail server over one connection."""
    messages = letterbox.taken[-THOUSAND:]
    with smtp_line(url) as line:
        begun_at = time.monotonic()
        for content in messages:
            line.sendmail(settings.DEFAULT_FROM_EMAIL, ["bare@example.com"], content)
        return time.monotonic() - begun_at


def smtp_line(url: str) -> smtplib.SMTP:
    """A conversation with this mail server."""
    host, _colon, port = url.removeprefix("smtp://").partition(":")
    return Line(host, int(port))


@pytest.mark.parametrize(
    ("what", "that_come_at", "kind", "template"),
    [
        ("ends", assignments_that_end_at, "assignment.ended", "your_role_ended"),
        ("scheduled starts", activations_that_start_at, "role.activation_started", "your_role_is_active"),
    ],
)
def test_a_thousand_in_one_second_are_written_down_and_told_once(
    what: str, that_come_at: Callable[[Iterable[datetime]], dict[int, datetime]], kind: str, template: str,
    worker: Callable[..., Worker], letterbox: tuple[Postbox, str], record_property: Any,
) -> None:  # fmt: skip
    server, url = letterbox
    running = worker(email_url=url)
    first = timezone.now() + 8 * SECOND
    moments = that_come_at(first + n * SECOND / THOUSAND for n in range(THOUSAND))
    time.sleep(max((first - timezone.now()).total_seconds(), 0))
    spent = cpu_of(running)

    wait_for(lambda: all_are_told(moments, template), seconds=240, every=0.2)

    spent = cpu_of(running) - spent
    late = lateness(moments, server, kind)
    record_property("figure", figures(f"1,000 {what} in one second", late))
    record_property(
        "figure",
        f"1,000 {what} on {connection.vendor}: the worker computed for {spent:.1f} s; "
        f"the same 1,000 emails, finished, took {bare_smtp(server, url):.1f} s over one bare connection",
    )
    assert {name: len(of) for name, of in late.items()} == {"written down": THOUSAND, "told": THOUSAND}
    assert len({message["To"] for message, _at in told(server)}) == THOUSAND
    # A busy machine is slow, but one by one these took more than twice as long as that.
    assert at_percent(late["written down"], 99) < MOST_SECONDS
    assert spent < MOST_COMPUTED


def test_ends_here_and_there_are_told_within_two_seconds_and_waiting_costs_little(
    worker: Callable[..., Worker], letterbox: tuple[Postbox, str], record_property: Any
) -> None:
    server, url = letterbox
    running = worker(email_url=url)
    time.sleep(1)
    before = cpu_of(running)
    time.sleep(5)
    idle = (cpu_of(running) - before) / 5
    ends = assignments_that_end_at(timezone.now() + 3 * SECOND + n * 0.337 * SECOND for n in range(20))

    wait_for(lambda: all_are_told(ends), seconds=60, every=0.2)

    late = lateness(ends, server)
    record_property("figure", figures("20 ends here and there", late))
    record_property("figure", f"A worker that waits on {connection.vendor}: {idle:.1%} of one core")
    assert (len(late["written down"]), len(late["told"])) == (20, 20)
    assert at_percent(late["told"], 50) < LATEST
    assert idle < MOST_IDLE
