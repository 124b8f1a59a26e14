"""Whether somebody may activate at all, and when."""

from dataclasses import replace

import pytest

from accounts.act import Proof
from kernel.period import DAY, HOUR, MINUTE, Period
from requests_app.queries import standing
from roles.operations.activation import deactivate
from tests import make
from tests.make import MICROSECOND, NINE


def in_the_way(eligibility, user, period, *, on=None):
    """What stands in the way, asked at nine."""
    return standing.period_in_the_way(make.act(), eligibility, user, period, on or eligibility.scope)


@pytest.mark.parametrize(
    ("at", "stands"),
    [(NINE - MICROSECOND, False), (NINE, True), (NINE + HOUR - MICROSECOND, True), (NINE + HOUR, False)],
)
def test_one_stands_from_the_start_of_the_eligibility_up_to_its_end(at, stands, user):
    eligibility = make.eligibility(of=user, start_at=NINE, end_at=NINE + HOUR, at=make.THE_DAY_BEFORE)

    refusals = standing.standing(make.act(at=at), eligibility, user)

    assert [refusal.code for refusal in refusals] == ([] if stands else ["not_eligible"])


@pytest.mark.parametrize(
    ("start_at", "end_at", "overlaps"),
    [
        (NINE - HOUR, NINE, False),
        (NINE - HOUR, NINE + MICROSECOND, True),
        (NINE + MINUTE, NINE + 2 * MINUTE, True),
        (NINE + HOUR - MICROSECOND, NINE + 2 * HOUR, True),
        (NINE + HOUR, NINE + 2 * HOUR, False),
    ],
)
def test_periods_overlap_unless_one_ends_where_the_other_begins(start_at, end_at, overlaps, user):
    eligibility = make.eligibility(of=user)
    make.activation(by=user, of=eligibility)

    refusals = in_the_way(eligibility, user, Period(start_at, end_at))

    assert [refusal.code for refusal in refusals] == (["active_already"] if overlaps else [])


@pytest.mark.parametrize(
    ("start_at", "codes"),
    [
        (NINE + HOUR - MICROSECOND, []),
        (NINE + HOUR, ["after_eligibility"]),
        (NINE + DAY, ["after_eligibility"]),
    ],
)
def test_what_would_begin_after_the_eligibility_is_refused(start_at, codes, user):
    eligibility = make.eligibility(of=user, end_at=NINE + HOUR)

    refusals = in_the_way(eligibility, user, Period(start_at, start_at + HOUR))

    assert [refusal.code for refusal in refusals] == codes


def test_what_was_deactivated_or_called_off_overlaps_nothing(user):
    eligibility = make.eligibility(of=user)
    deactivate(make.act(by=user, at=NINE + 10 * MINUTE), make.activation(by=user, of=eligibility))
    scheduled = make.activation(by=user, of=eligibility, start_at=NINE + 2 * HOUR, at=NINE + 11 * MINUTE)
    deactivate(make.act(by=user, at=NINE + 12 * MINUTE), scheduled)

    assert in_the_way(eligibility, user, Period(NINE + 10 * MINUTE, NINE + 8 * HOUR)) == []


def test_an_assigned_role_may_be_activated_besides(user):
    role = make.role()
    make.assignment(of=user, role=role)
    eligibility = make.eligibility(of=user, role=role)

    assert in_the_way(eligibility, user, Period(NINE, NINE + HOUR)) == []


def test_an_activation_elsewhere_stands_in_no_way(user):
    eligibility = make.eligibility(of=user)
    payroll = make.resource(name="Payroll", below=eligibility.scope)
    make.role_request(by=user, for_=eligibility, on=payroll)

    assert in_the_way(eligibility, user, Period(NINE, NINE + HOUR)) == []
    assert [refusal.code for refusal in in_the_way(eligibility, user, Period(NINE, NINE + HOUR), on=payroll)] == [
        "active_already"
    ]


@pytest.mark.parametrize(
    ("eligible_until", "member_until", "until"),
    [
        (NINE + DAY, NINE + HOUR, NINE + HOUR),
        (NINE + HOUR, NINE + DAY, NINE + HOUR),
        (NINE + DAY, None, NINE + DAY),
        (None, NINE + DAY, NINE + DAY),
        (None, None, None),
    ],
)
def test_one_stands_as_long_as_the_eligibility_and_the_membership_last(eligible_until, member_until, until, user):
    team = make.group()
    make.member(of=team, who=user, end_at=member_until)
    eligibility = make.eligibility(of=team, end_at=eligible_until)

    assert standing.stands_until(eligibility, user, NINE) == until


def test_another_proof_is_not_spent(user, stranger):
    make.role_request(by=user)
    shown = Proof("totp", "Phone", NINE)

    assert shown is not None
    assert standing.is_spent(shown, user)
    assert not standing.is_spent(shown, stranger)
    for change in ({"at": NINE + MICROSECOND}, {"device": "Key"}, {"method": "recovery_code"}):
        assert not standing.is_spent(replace(shown, **change), user)
