"""What the worker's clock does at a beat, with clusters that were never started."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

import requests_app.queries.due
import reviews.queries.due
import roles.queries.due
from accounts.events import SignedIn
from audit.log import record
from audit.operations.sealing import seal_all
from audit.queries.sealed import how_far
from kernel.period import DAY, HOUR, MINUTE, SECOND
from notifications.models import Email
from pimportal import worker
from pimportal.duties import BY_TASK, DUTIES, ROUNDS, Clock, next_moments, table
from pimportal.models import Heartbeat
from pimportal.noting import note
from tests import make, queue, seen
from tests.make import NINE
from tests.webhook_server import Webhook

pytestmark = pytest.mark.django_db

TELL = "roles.tasks.tell_assignment_end"


class Still:
    """A steady clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Still:
    """The clock that nobody sets."""
    still = Still()
    monkeypatch.setattr(worker.time, "monotonic", still.monotonic)
    return still


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, steady: Still) -> worker.Clock:
    """The worker's clock at nine, without its clusters."""
    monkeypatch.setattr(worker, "STANDSTILL", {})
    return worker.Clock(NINE)


def beat(clock: worker.Clock, steady: Still, *, after: timedelta, jump: timedelta = timedelta()) -> float:
    """A beat some time after the last one; by the clock on the wall, a jump later."""
    steady.now += after.total_seconds()
    return clock.beat(clock.now + after + jump)


def test_it_sleeps_until_the_next_end_and_enqueues_it_then_once(clock, steady, user):
    ending = make.assignment(of=user, end_at=NINE + 0.3 * SECOND)

    pauses = [beat(clock, steady, after=after * SECOND) for after in (0, 0.3, 0.1)]

    assert pauses == pytest.approx([0.3, worker.PAUSE_SECONDS, worker.LOOK_SECONDS])
    assert seen.queued(TELL) == [[ending.pk]]


def test_it_looks_twice_a_second_at_least(clock, steady, user):
    assert beat(clock, steady, after=SECOND) == worker.LOOK_SECONDS
    make.assignment(of=user, end_at=NINE + HOUR)
    assert beat(clock, steady, after=SECOND) == worker.LOOK_SECONDS


def test_it_makes_each_round_in_its_time_and_notes_it(clock, steady):
    beat(clock, steady, after=0 * SECOND)
    for _ in range(5):
        beat(clock, steady, after=3 * SECOND)

    assert queue.waiting().count("requests_app.tasks.look_for_stranded") == 2
    noted = dict(Heartbeat.objects.values_list("name", "seen_at"))
    assert noted["worker"] == NINE + 15 * SECOND
    assert {duty.task for duty in ROUNDS} <= set(noted)


def test_it_has_streams_of_the_history_go_on_that_are_behind(clock, steady, receiver_of):
    receiver = receiver_of(Webhook)
    beat(clock, steady, after=0 * SECOND)
    beat(clock, steady, after=SECOND)
    assert "audit.tasks.stream" not in queue.waiting()
    with transaction.atomic():
        entry = record(make.act(), SignedIn())
    assert seal_all(NINE, patience=0)
    beat(clock, steady, after=2 * SECOND)

    assert "audit.tasks.stream" in queue.drain()
    assert receiver.numbers == [entry.pk]


@pytest.mark.parametrize("back", [HOUR, DAY])
def test_a_clock_put_back_holds_nothing_up(clock, steady, user, back):
    beat(clock, steady, after=SECOND)
    worker.plan_sweeps()
    async_task(TELL, [1])
    email = make.email(to=user, at=NINE)
    Schedule.objects.update(next_run=NINE + MINUTE)
    OrmQ.objects.update(lock=NINE)
    waiting = list(OrmQ.objects.values_list("pk", flat=True))
    ending = make.assignment(of=user, start_at=NINE - 2 * DAY, end_at=NINE - back + 3 * SECOND, at=NINE - 2 * DAY)

    beat(clock, steady, after=SECOND, jump=-back)
    then = NINE - back + 2 * SECOND
    beat(clock, steady, after=SECOND)

    assert not OrmQ.objects.filter(pk__in=waiting, lock__gt=then).exists()
    assert set(Schedule.objects.values_list("next_run", flat=True)) == {then}
    assert Email.objects.get(pk=email.pk).next_try_at == then
    assert seen.queued(TELL)[-1] == [ending.pk]
    beat(clock, steady, after=3 * SECOND)
    assert Heartbeat.objects.get(pk="worker").seen_at < NINE


def test_the_history_is_sealed_every_second_though_the_clock_was_put_back(clock, steady):
    for jump in (0 * SECOND, -1 * DAY):
        with transaction.atomic():
            record(make.act(), SignedIn())
        with make.clock_at(clock.now + SECOND + jump):
            beat(clock, steady, after=SECOND, jump=jump)

        assert how_far(NINE).waiting == 0


@pytest.mark.parametrize("restarts", [False, True])
def test_an_end_a_wrong_clock_told_is_told_again_at_its_time(clock, steady, user, restarts):
    ending = make.activation(by=user)
    beat(clock, steady, after=SECOND, jump=DAY)
    with make.clock_at(clock.now):
        queue.drain()
    assert seen.emails(at=clock.now)[-1] == ("your_role_ended", user.email)

    if restarts:
        clock = worker.Clock(clock.now - DAY)
        worker.set_right(clock.now)
    else:
        beat(clock, steady, after=SECOND, jump=-DAY)
    with make.clock_at(clock.now):
        queue.drain()
    assert seen.events(at=clock.now) == ["clock.put_right"]
    beat(clock, steady, after=HOUR)

    assert seen.queued(TELL) == [[ending.pk]]


def test_a_clock_put_on_brings_what_is_due_by_it(clock, steady, user):
    ending = make.assignment(of=user, end_at=NINE + HOUR)

    beat(clock, steady, after=SECOND, jump=DAY)

    assert seen.queued(TELL) == [[ending.pk]]


def test_a_clock_that_is_corrected_a_little_changes_nothing(clock, steady, monkeypatch):
    monkeypatch.setattr(worker, "set_right", pytest.fail)

    for jump in (-1 * SECOND, SECOND):
        beat(clock, steady, after=SECOND, jump=jump)


# --- what is noted


def done(task: str, at: datetime, *, success: bool = True) -> dict[str, object]:
    """A task as django-q2 tells of it."""
    return {"func": task, "stopped": at, "success": success}


def test_a_duty_that_was_done_is_noted(db):
    note(done("notifications.tasks.deliver", NINE))
    note(done(TELL, NINE))
    note(done(TELL, NINE + SECOND / 2))
    note(done(TELL, NINE + MINUTE, success=False))
    note(done("pimportal.tasks.canary", NINE))

    last = {row.duty.task: row.last_at for row in table(NINE)}
    assert {task: at for task, at in last.items() if at} == {TELL: NINE, "notifications.tasks.deliver": NINE}


def test_noting_goes_on_after_a_clock_was_put_back(db):
    note(done(TELL, NINE + DAY))
    note(done(TELL, NINE))

    assert Heartbeat.objects.get(pk=TELL).seen_at == NINE


def test_everything_that_comes_at_a_moment_is_a_duty_and_no_other(db):
    at_moments = {duty.task for duty in DUTIES if duty.clock == Clock.MOMENT}

    assert at_moments == {*next_moments(NINE), "roles.tasks.alarm_break_glass"} - {"notifications.tasks.deliver"}


def test_everything_that_is_due_or_enqueued_is_a_duty(db):
    found = {f"roles.tasks.{task}" for task in roles.queries.due.due(NINE)}
    found |= {f"requests_app.tasks.{task}" for task in requests_app.queries.due.due(NINE)}
    found |= {f"reviews.tasks.{task}" for task in reviews.queries.due.due(NINE)}

    assert found <= set(BY_TASK)
