"""Extending at the same moment as something else."""

from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest

from kernel.period import HOUR, MINUTE
from requests_app.models import RoleRequest
from requests_app.operations import approval, extension, starting
from roles.models import Assignment
from roles.operations import activation, grants, settings
from tests import make, seen
from tests.make import EASY, NINE
from tests.races.together import at_once, done, refusals

LATER = NINE + 30 * MINUTE


@pytest.fixture
def running(user):
    return make.activation(by=user, of=make.eligibility(of=user, role=make.role(terms=EASY)))


def extend(active, *, at=LATER, duration=2 * HOUR, form_key=None):
    asks = make.act(by=active.user, at=at)
    return partial(extension.extend, asks, active, make.ask(duration=duration), form_key=form_key or uuid4())


def test_of_one_form_sent_four_times_comes_one_extension(running):
    key = uuid4()

    outcomes = at_once(*[extend(running, form_key=key)] * 4)

    assert refusals(outcomes) == []
    assert RoleRequest.objects.filter(extends=running).count() == 1
    assert seen.events(at=LATER) == ["request.made", "role.activation_extended"]


def test_of_four_that_ask_for_the_same_end_one_moves_it(running):
    outcomes = at_once(*(extend(running) for _ in range(4)))

    assert refusals(outcomes) == [("not_later",)] * 3
    assert Assignment.objects.get(pk=running.pk).end_at == LATER + 2 * HOUR


def test_what_is_extended_and_deactivated_at_once_ends(user, running):
    at_once(extend(running), partial(activation.deactivate, make.act(by=user, at=LATER), running))

    assert Assignment.objects.get(pk=running.pk).end_at == LATER
    assert seen.events(at=LATER)[-1] == "role.deactivated"


def test_an_end_is_told_or_moved_never_both(running):
    end = NINE + HOUR

    outcomes = at_once(
        extend(running, at=end - MINUTE), partial(activation.tell_assignment_end, make.act(at=end), running.pk)
    )

    fresh = Assignment.objects.get(pk=running.pk)
    if refusals(outcomes):
        assert (refusals(outcomes), fresh.end_at, fresh.end_told_at) == ([("over",)], end, end)
    else:
        assert (fresh.end_at, fresh.end_told_at) == (end + 119 * MINUTE, None)


def test_what_is_taken_away_while_its_extension_is_approved_is_gone(approver, running):
    terms = replace(EASY, needs_approval=True)
    make.change_terms(of=running.role, to=terms, approvers=(approver,), at=NINE + MINUTE)
    asked = make.extension(of=running, at=LATER)

    outcomes = at_once(
        partial(approval.approve, make.act(by=approver, at=LATER), asked, because="Go on"),
        partial(grants.remove_eligibility, make.act(at=LATER), running.activated_from, because="New job"),
    )

    assert len(done(outcomes)) >= 1
    assert Assignment.objects.get(pk=running.pk).end_at == LATER


def test_an_extension_under_settings_that_change_comes_under_the_old_ones_or_the_new_ones(running):
    policy = running.role.policy
    shorter = replace(policy.settings(), activation=replace(EASY, max_duration=HOUR))

    outcomes = at_once(
        extend(running),
        partial(settings.change, make.act(at=LATER), running.role, shorter, version=policy.version),
    )

    end_at = Assignment.objects.get(pk=running.pk).end_at
    assert (refusals(outcomes), end_at) in (([], LATER + 2 * HOUR), ([("too_long",)], NINE + HOUR))
    assert seen.events(at=LATER).count("settings.changed") == 1


@pytest.fixture
def planned(user):
    """John is to be active from noon."""
    eligibility = make.eligibility(of=user, role=make.role(terms=EASY))
    return make.activation(by=user, of=eligibility, start_at=NINE + 3 * HOUR)


@pytest.mark.parametrize("look", [starting.start, starting.check])
def test_four_workers_call_off_what_is_no_longer_allowed_once(user, planned, look):
    make.change_terms(of=planned.role, to=replace(EASY, needs_ticket=True), at=NINE + HOUR)
    at = planned.start_at

    at_once(*[partial(look, make.act(at=at), planned.pk)] * 4)

    assert seen.events(at=at) == ["role.activation_called_off"]
    assert seen.emails(at=at) == [("your_role_did_not_start", user.email)]


def test_four_workers_tell_a_start_once(planned):
    at = planned.start_at

    at_once(*[partial(starting.start, make.act(at=at), planned.pk)] * 4)

    assert seen.events(at=at) == ["role.activation_started"]


def test_settings_tightened_at_the_start_let_it_begin_or_call_it_off_never_both(planned):
    policy, at = planned.role.policy, planned.start_at
    tighter = replace(policy.settings(), activation=replace(EASY, needs_ticket=True))

    at_once(
        partial(starting.start, make.act(at=at), planned.pk),
        partial(settings.change, make.act(at=at), planned.role, tighter, version=policy.version),
    )

    events = seen.events(at=at)
    outcome = [event for event in events if event != "settings.changed"]
    assert outcome in (["role.activation_called_off"], ["role.activation_started"])
    assert len(events) == 2


def test_four_workers_warn_once(user, running):
    at = NINE + 45 * MINUTE

    at_once(*[partial(activation.warn, make.act(at=at), running.pk)] * 4)

    assert seen.emails(at=at) == [("your_role_ends_soon", user.email)]
