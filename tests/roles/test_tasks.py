"""What django-q2 calls about roles."""

from datetime import timedelta

import pytest

from accounts.operations import groups
from kernel.period import HOUR, MINUTE
from roles import tasks
from roles.models import Assignment
from roles.operations import activation
from tests import make, seen
from tests.make import NINE


def test_each_start_end_and_lapse_is_enqueued_for_its_task(user):
    team = make.group(members=(user,))
    lapsing = make.activation(
        by=user, of=make.eligibility(of=team, role=make.role(name="Groups Administrator")), duration=3 * HOUR
    )
    warned = make.activation(by=user, of=make.eligibility(of=user), duration=HOUR + 10 * MINUTE)
    ending = make.assignment(of=user, role=make.role(name="Exchange Administrator"), end_at=NINE + HOUR)
    eligible = make.eligibility(of=user, role=make.role(name="Exchange Administrator"), end_at=NINE + HOUR)
    groups.remove(make.act(), team, user)

    with make.clock_at(NINE + HOUR):
        tasks.enqueue_due()

    assert seen.queued("roles.tasks.warn") == [[warned.pk]]
    assert seen.queued("roles.tasks.tell_assignment_end") == [[ending.pk]]
    assert seen.queued("roles.tasks.tell_eligibility_end") == [[eligible.pk]]
    assert seen.queued("roles.tasks.end_lapsed") == [[lapsing.pk]]


def test_the_tasks_tell_by_the_clock_in_the_name_of_the_portal(user):
    team = make.group(members=(user,))
    role = make.role(name="Groups Administrator")
    lapsing = make.activation(by=user, of=make.eligibility(of=team, role=role), duration=3 * HOUR)
    warned = make.activation(by=user, of=make.eligibility(of=user), duration=HOUR + 10 * MINUTE)
    other = make.role(name="Exchange Administrator")
    ending = make.assignment(of=user, role=other, end_at=NINE + HOUR)
    eligible = make.eligibility(of=user, role=other, end_at=NINE + HOUR)
    groups.remove(make.act(), team, user)
    at = NINE + HOUR + MINUTE

    with make.clock_at(at):
        tasks.warn([warned.pk])
        tasks.tell_assignment_end([ending.pk])
        tasks.tell_eligibility_end([eligible.pk])
        tasks.end_lapsed([lapsing.pk])

    assert seen.events(at=at) == [
        "assignment.ended", "eligibility.ended", "role.activation_ended",
    ]  # fmt: skip
    assert Assignment.objects.get(pk=warned.pk).warned_at == at
    assert {entry.actor_name for entry in seen.entries(at=at)} == {"The portal"}


def test_what_is_due_is_enqueued_some_at_a_time(user, monkeypatch):
    monkeypatch.setattr(tasks, "CHUNK", 2)
    ending = [make.assignment(of=user, end_at=NINE + timedelta(minutes=minutes)).pk for minutes in (1, 2, 3)]

    with make.clock_at(NINE + HOUR):
        tasks.enqueue_due()

    assert seen.queued("roles.tasks.tell_assignment_end") == [ending[:2], ending[2:]]


def test_what_fails_stops_nothing_else_and_is_not_hidden(user):
    team = make.group(members=(user,))
    active = make.activation(by=user, of=make.eligibility(of=team), duration=2 * HOUR)
    groups.remove(make.act(), team, user)

    with make.clock_at(NINE + HOUR), pytest.raises(ExceptionGroup, match="1 of 2 failed") as caught:
        tasks.end_lapsed([404, active.pk])

    assert [type(error) for error in caught.value.exceptions] == [Assignment.DoesNotExist]
    assert seen.events(at=NINE + HOUR) == ["role.activation_ended"]


def test_what_lost_what_it_stands_on_is_enqueued_without_waiting_for_anything_else(user):
    eligibility = make.eligibility(of=user)
    ahead = make.activation(by=user, of=eligibility, start_at=NINE + HOUR)
    type(eligibility).objects.update(end_at=NINE)

    with make.clock_at(NINE):
        tasks.enqueue_lapsed()

    assert seen.queued("roles.tasks.end_lapsed") == [[ahead.pk]]


def test_what_cannot_be_done_together_is_done_one_by_one(user):
    ending = [make.assignment(of=make.user(), end_at=NINE + HOUR).pk for _ in range(2)]

    def broken(act, ids):
        raise ArithmeticError

    with make.clock_at(NINE + HOUR):
        tasks.together(broken, activation.tell_assignment_end, ending)

    assert seen.events(at=NINE + HOUR) == ["assignment.ended"] * 2


def test_what_comes_between_two_looks_is_enqueued_once_in_its_order(user):
    late, early = (make.assignment(of=make.user(), end_at=NINE + minutes * MINUTE) for minutes in (20, 10))
    warned = make.activation(by=user)

    tasks.enqueue_come(NINE, NINE + 20 * MINUTE)
    tasks.enqueue_come(NINE + 20 * MINUTE, NINE + 45 * MINUTE)
    tasks.enqueue_come(NINE + 45 * MINUTE, NINE + 50 * MINUTE)

    assert seen.queued("roles.tasks.tell_assignment_end") == [[early.pk, late.pk]]
    assert seen.queued("roles.tasks.warn") == [[warned.pk]]


def test_a_break_glass_sign_in_is_enqueued_to_be_told(admin):
    use = make.emergency_use(of=make.break_glass())

    tasks.enqueue_alarms()

    assert seen.queued("roles.tasks.alarm_break_glass") == [[use.pk]]
