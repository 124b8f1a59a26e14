"""Asking to keep what was assigned, and deciding on it, at the same moment as something else."""

from functools import partial
from uuid import uuid4

import pytest

from kernel.period import DAY, MINUTE
from kernel.refusal import Refused
from requests_app.lifecycle import Status
from requests_app.models import RenewalRequest
from requests_app.operations import renewals
from requests_app.operations.renewals import Given
from roles.models import Eligibility
from roles.operations import grants
from roles.policy import GrantAsk, Kind
from tests import make, seen
from tests.make import NINE
from tests.races.together import at_once, done, refusals

IN_10_DAYS, IN_60_DAYS, IN_90_DAYS, LATER = NINE + 10 * DAY, NINE + 60 * DAY, NINE + 90 * DAY, NINE + MINUTE


@pytest.fixture
def other_admin(db):
    return make.administrator(name="Otto Other", email="other@example.com")


@pytest.fixture
def ending(user, admin):
    return make.eligibility(of=user, end_at=IN_10_DAYS)


@pytest.fixture
def waiting(user, ending):
    return make.renewal(of=ending, by=user)


def ask(of, by, *, form_key=None):
    wanted = GrantAsk(LATER, IN_90_DAYS, "The project goes on")
    return partial(renewals.ask, make.act(by=by, at=LATER), of, wanted, form_key=form_key or uuid4())


def give(by, renewal, end_at=IN_90_DAYS, kind=Kind.ELIGIBLE, at=LATER):
    # Each reads the request as their own page did.
    theirs = RenewalRequest.objects.get(pk=renewal.pk)
    return partial(renewals.grant, make.act(by=by, at=at), theirs, Given(kind, end_at), because="Fine")


def deny(by, renewal):
    return partial(renewals.deny, make.act(by=by, at=LATER), RenewalRequest.objects.get(pk=renewal.pk), because="No")


def test_of_two_administrators_who_grant_at_once_one_does(waiting, ending, admin, other_admin):
    outcomes = at_once(give(admin, waiting, IN_60_DAYS), give(other_admin, waiting, IN_90_DAYS))

    waiting.refresh_from_db()
    ending.refresh_from_db()
    winner, end_at = (admin, IN_60_DAYS) if waiting.decided_by == admin else (other_admin, IN_90_DAYS)
    assert refusals(outcomes) == [("closed",)]
    assert [str(one) for one in outcomes if isinstance(one, Refused)] == [
        f"{winner.name} has granted this request already, 23 Nov 2026, 09:01 UTC."
    ]
    assert (waiting.status, waiting.given_end_at, ending.end_at) == (Status.GRANTED, end_at, end_at)
    assert seen.events(at=LATER) == ["eligibility.updated", "renewal.granted"]


def test_of_two_administrators_who_renew_what_is_over_one_does(user, ending, admin, other_admin):
    at = IN_10_DAYS + DAY
    waiting = make.renewal(of=ending, by=user, at=at)

    outcomes = at_once(give(admin, waiting, at=at), give(other_admin, waiting, kind=Kind.ACTIVE, at=at))

    assert refusals(outcomes) == [("closed",)]
    assert sorted(seen.events(at=at))[-2:] == ["renewal.asked", "renewal.granted"]
    assert len(seen.events(at=at)) == 3


def test_what_is_granted_and_cancelled_at_once_is_one_of_both(user, waiting, ending, admin):
    mine = RenewalRequest.objects.get(pk=waiting.pk)

    outcomes = at_once(give(admin, waiting), partial(renewals.cancel, make.act(by=user, at=LATER), mine))

    waiting.refresh_from_db()
    ending.refresh_from_db()
    assert refusals(outcomes) == [("closed",)]
    if waiting.status == Status.GRANTED:
        assert (ending.end_at, seen.events(at=LATER)) == (IN_90_DAYS, ["eligibility.updated", "renewal.granted"])
    else:
        assert (waiting.status, ending.end_at) == (Status.CANCELLED, IN_10_DAYS)
        assert seen.events(at=LATER) == ["renewal.cancelled"]


def test_what_is_taken_away_while_its_extension_is_granted_is_gone(waiting, ending, admin):
    outcomes = at_once(
        give(admin, waiting),
        partial(grants.remove_eligibility, make.act(at=LATER), ending, because="New job"),
    )

    waiting.refresh_from_db()
    fresh = Eligibility.objects.get(pk=ending.pk)
    assert (fresh.removed_at, refusals(outcomes) in ([], [("closed",)])) == (LATER, True)
    assert (waiting.status == Status.GRANTED) == (refusals(outcomes) == [])


def test_what_is_denied_and_granted_at_once_is_one_of_both(waiting, ending, admin, other_admin):
    outcomes = at_once(deny(other_admin, waiting), give(admin, waiting))

    waiting.refresh_from_db()
    ending.refresh_from_db()
    assert refusals(outcomes) == [("closed",)]
    if waiting.status == Status.DENIED:
        assert (waiting.decided_by, ending.end_at) == (other_admin, IN_10_DAYS)
    else:
        assert (waiting.decided_by, waiting.status, ending.end_at) == (admin, Status.GRANTED, IN_90_DAYS)


def test_of_one_form_sent_four_times_comes_one_request(user, ending):
    outcomes = at_once(*[ask(ending, user, form_key=uuid4())] * 4)

    assert refusals(outcomes) == []
    assert {one.pk for one in done(outcomes)} == {RenewalRequest.objects.get().pk}
    assert seen.events(at=LATER) == ["renewal.asked"]


def test_of_four_forms_sent_at_once_one_waits(user, ending):
    outcomes = at_once(*(ask(ending, user) for _ in range(4)))

    assert refusals(outcomes) == [("pending",)] * 3
    assert RenewalRequest.objects.get().status == Status.PENDING
    assert seen.events(at=LATER) == ["renewal.asked"]


def test_of_two_workers_one_tells_that_nobody_decided(waiting):
    at = waiting.decide_until

    at_once(*[partial(renewals.time_out, make.act(at=at), waiting.pk)] * 2)

    assert seen.events(at=at) == ["renewal.timed_out"]
