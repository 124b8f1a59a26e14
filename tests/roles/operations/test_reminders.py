"""Holders are told that what was assigned to them ends soon."""

import pytest

from kernel.period import DAY, HOUR
from roles import tasks
from roles.models import Assignment, Eligibility
from roles.operations import amendments, reminders
from roles.policy import GrantAsk
from roles.queries.due import due, expiring, next_due
from tests import make, seen
from tests.make import MICROSECOND, NINE

END = NINE + 20 * DAY


@pytest.mark.parametrize("before", [14 * DAY, DAY])
def test_the_holder_and_the_administrators_are_told_14_days_and_1_day_before_the_end(user, admin, before):
    held = make.eligibility(of=user, end_at=END)
    at = END - before

    reminders.remind_eligibility(make.act(at=at), held.pk)
    reminders.remind_eligibility(make.act(at=at), held.pk)

    assert seen.emails(at=at) == [("expiring", admin.email), ("expiring", user.email)]
    assert Eligibility.objects.get().warned_at == at


def test_nobody_is_told_before_nor_in_between_nor_at_the_end(user):
    held = Eligibility.objects.filter(pk=make.eligibility(of=user, end_at=END).pk)

    assert not expiring(held, END - 14 * DAY - MICROSECOND).exists()
    held.update(warned_at=END - 14 * DAY)
    assert not expiring(held, END - DAY - MICROSECOND).exists()
    assert expiring(held, END - DAY).exists()
    assert not expiring(held, END).exists()


def test_what_was_given_for_two_weeks_is_reminded_of_on_its_last_day_only(user):
    held = Eligibility.objects.filter(pk=make.eligibility(of=user, start_at=NINE, end_at=NINE + 14 * DAY).pk)

    assert not expiring(held, NINE + 12 * DAY).exists()
    assert expiring(held, NINE + 13 * DAY).exists()


def test_what_was_extended_is_reminded_of_again(user):
    held = make.assignment(of=user, end_at=END)
    at = END - DAY
    reminders.remind_assignment(make.act(at=at), held.pk)
    amendments.update(make.act(at=at), held, GrantAsk(held.start_at, END + 30 * DAY, "Longer"))

    reminders.remind_assignment(make.act(at=END + 16 * DAY), held.pk)

    assert seen.emails(at=END + 16 * DAY) == [("expiring", user.email)]


def test_each_member_of_a_group_is_told_once(user, stranger):
    held = make.assignment(of=make.group(members=(user, stranger)), end_at=END)

    reminders.remind_assignment(make.act(at=END - DAY), held.pk)

    assert seen.emails(at=END - DAY) == [("expiring", stranger.email), ("expiring", user.email)]


def test_an_activation_is_not_reminded_of(user):
    held = make.activation(by=user, of=make.eligibility(of=user, role=make.role(terms=make.EASY)))
    Assignment.objects.update(start_at=NINE - 2 * DAY)

    reminders.remind_assignment(make.act(at=NINE + HOUR / 2), held.pk)

    assert seen.emails(at=NINE + HOUR / 2) == []
    assert due(NINE + HOUR / 2)["remind_assignment"] == []


def test_the_sweep_of_each_minute_finds_reminders_and_the_clock_does_not_wait_for_them(user):
    held = make.eligibility(of=user, end_at=END)
    with make.clock_at(END - DAY):
        tasks.enqueue_due()

    assert seen.queued("roles.tasks.remind_eligibility") == [[held.pk]]
    assert next_due(NINE) == END


def test_the_tasks_remind_by_the_clock(user):
    eligible, active = make.eligibility(of=user, end_at=END), make.assignment(of=user, end_at=END)

    with make.clock_at(END - DAY):
        tasks.remind_eligibility([eligible.pk])
        tasks.remind_assignment([active.pk])

    assert seen.emails(at=END - DAY) == [("expiring", user.email)] * 2
