"""Scheduled activations are checked again."""

from dataclasses import replace

import pytest
from django.db import transaction

from accounts.models import User
from kernel.period import HOUR, MINUTE
from requests_app import tasks
from requests_app.models import RoleRequest
from requests_app.operations import starting
from requests_app.queries.due import due, unchecked
from roles.models import Assignment, Eligibility, Role
from tests import make, seen
from tests.make import EASY, NINE

START = NINE + 5 * HOUR


@pytest.fixture
def planned(user: User) -> Assignment:
    """John is to be active from two in the afternoon."""
    return make.activation(by=user, of=make.eligibility(of=user, role=make.role(terms=EASY)), start_at=START)


def tighten(planned: Assignment, *, at=NINE + HOUR, approvers=(), **terms) -> None:
    """The role asks for more from now on."""
    make.change_terms(of=planned.role, to=replace(EASY, **terms), approvers=approvers, at=at)


def ended_at_its_start(planned: Assignment) -> bool:
    """Whether it was called off."""
    planned.refresh_from_db()
    return planned.end_at == planned.start_at


def test_what_is_still_allowed_begins(planned):
    assert due(START)["start"] == [planned.pk]

    starting.start(make.act(at=START), planned.pk)
    starting.start(make.act(at=START + MINUTE), planned.pk)

    assert seen.events(at=START) == ["role.activation_started"]
    assert seen.events(at=START + MINUTE) == []
    assert not ended_at_its_start(planned)


def test_what_is_no_longer_allowed_does_not_start_and_its_holder_reads_why(user, planned):
    tighten(planned, needs_ticket=True)

    starting.start(make.act(at=START), planned.pk)

    assert ended_at_its_start(planned)
    assert seen.events(at=START) == ["role.activation_called_off"]
    assert seen.emails(at=START) == [("your_role_did_not_start", user.email)]
    assert "Enter the number of the ticket this is for." in seen.entry("role.activation_called_off").because


def test_tightened_settings_win_before_the_start_once(planned):
    tighten(planned, needs_ticket=True)
    assert unchecked(NINE + HOUR) == [planned.pk]

    starting.check(make.act(at=NINE + HOUR), planned.pk)
    starting.check(make.act(at=NINE + 2 * HOUR), planned.pk)

    assert ended_at_its_start(planned)
    assert seen.events(at=NINE + HOUR)[-1] == "role.activation_called_off"
    assert seen.events(at=NINE + 2 * HOUR) == []
    assert unchecked(NINE + 2 * HOUR) == []


def test_settings_that_still_allow_it_are_looked_at_once(planned):
    tighten(planned, max_duration=4 * HOUR)

    starting.check(make.act(at=NINE + HOUR + MINUTE), planned.pk)

    assert not ended_at_its_start(planned)
    assert RoleRequest.objects.get().checked_at == NINE + HOUR + MINUTE
    assert unchecked(NINE + HOUR + MINUTE) == []
    tighten(planned, max_duration=5 * HOUR, at=NINE + 2 * HOUR)
    assert unchecked(NINE + 2 * HOUR) == [planned.pk]


def test_where_the_role_asks_for_approval_now_what_nobody_approved_does_not_start(approver, planned):
    tighten(planned, needs_approval=True, approvers=(approver,))

    starting.check(make.act(at=NINE + HOUR), planned.pk)

    assert ended_at_its_start(planned)
    assert "not enough approvers have approved this" in seen.entry("role.activation_called_off").because


def test_an_eligibility_that_ended_meanwhile_is_told_the_same_way(user, planned):
    Eligibility.objects.update(end_at=NINE + HOUR)

    starting.start(make.act(at=START), planned.pk)

    assert ended_at_its_start(planned)
    assert seen.events(at=START) == ["role.activation_called_off"]
    assert seen.emails(at=START) == [("your_role_did_not_start", user.email)]


# --- many at once


def test_many_begin_together_as_each_begins_alone(user, planned, admin):
    other = make.user(email="other@example.com")
    second = make.activation(by=other, of=make.eligibility(of=other, role=planned.role), start_at=START)
    with transaction.atomic():
        for one in (planned, second):
            starting.start(make.act(at=START), one.pk)
        alone = (sorted(entry.digest for entry in seen.entries(at=START)), seen.emails(at=START))
        transaction.set_rollback(True)

    assert starting.start_many(make.act(at=START), [planned.pk, second.pk]) == [planned.pk, second.pk]
    assert starting.start_many(make.act(at=START + MINUTE), [planned.pk, second.pk]) == []

    assert (sorted(entry.digest for entry in seen.entries(at=START)), seen.emails(at=START)) == alone
    assert ("role_activated", admin.email) in alone[1]


def test_what_has_to_be_asked_about_is_left_to_be_begun_alone(user, planned):
    gone, early = make.user(), make.user()
    ground = make.eligibility(of=gone, role=make.role(name="Gone", terms=EASY))
    lost = make.activation(by=gone, of=ground, start_at=START)
    Eligibility.objects.filter(pk=ground.pk).update(end_at=START - MINUTE)
    later = make.activation(
        by=early, of=make.eligibility(of=early, role=make.role(name="Later", terms=EASY)), start_at=START + MINUTE
    )
    tighten(planned, needs_ticket=True)

    assert starting.start_many(make.act(at=START), [planned.pk, lost.pk, later.pk]) == []

    with make.clock_at(START):
        tasks.start([planned.pk, lost.pk, later.pk])
    assert seen.events(at=START) == ["role.activation_called_off"] * 2


def test_settings_checked_since_they_changed_need_not_be_asked_about(planned):
    tighten(planned, needs_justification=False, max_duration=6 * HOUR)
    assert starting.start_many(make.act(at=START), [planned.pk]) == []

    starting.check(make.act(at=NINE + 2 * HOUR), planned.pk)

    assert starting.start_many(make.act(at=START), [planned.pk]) == [planned.pk]


def test_what_makes_a_member_is_begun_alone(user):
    team = make.group()
    eligible = make.eligibility(of=user, role=make.membership_role(of=team, kind=Role.Membership.MEMBER))
    planned = make.activation(by=user, of=eligible, start_at=START)

    assert starting.start_many(make.act(at=START), [planned.pk]) == []
