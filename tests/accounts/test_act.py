"""An act is a value."""

from datetime import timedelta

import pytest

from accounts.act import Act, Proof
from accounts.policy import PROOF_WINDOW
from kernel.period import MINUTE
from tests.make import MICROSECOND, NINE


@pytest.mark.parametrize(
    ("shown_at", "fresh"),
    [
        (NINE, True),
        (NINE - 10 * MINUTE + MICROSECOND, True),
        (NINE - 10 * MINUTE, False),
        (NINE + MICROSECOND, False),
    ],
)
def test_a_proof_is_fresh_within_the_window_and_never_from_the_future(shown_at, fresh):
    assert timedelta(minutes=10) == PROOF_WINDOW
    assert Proof("totp", "Phone", shown_at).is_fresh(NINE, PROOF_WINDOW) == fresh


def test_a_window_of_nothing_makes_every_proof_stale():
    assert not Proof("totp", "Phone", NINE).is_fresh(NINE, timedelta())


def test_where_the_portal_acts_there_is_no_person():
    act = Act(None, NINE)

    assert act.actor_name == "the portal"
    with pytest.raises(TypeError, match="a person has to do this"):
        _ = act.person


def test_who_acts_has_a_name(user):
    act = Act(user, NINE)

    assert (act.person, act.actor_name) == (user, "John Doe")
