"""Extending at the same moment as something else."""

from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest

from kernel.period import HOUR, MINUTE
from requests_app.models import RoleRequest
from requests_app.operations import approval, extension
from roles.models import Assignment
from roles.operations import activation, grants
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
