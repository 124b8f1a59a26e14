"""The small application of the demo that stands behind a role."""

import pytest

from kernel.period import HOUR
from tests import make, visit
from tests.make import EASY, NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

PAGE = "/demo/teams-admin-center/"


def test_it_is_closed_to_whoever_is_only_eligible(user):
    make.eligibility(of=user)

    response = visit.by(user).get(PAGE)

    assert (response.status_code, visit.notices(response)) == (
        403,
        [
            "Closed You are not active as Teams Administrator. Activate the role under My roles, "
            "then open this page again."
        ],
    )


def test_it_is_open_to_whoever_is_active_until_the_end(user, at_nine):
    make.activation(by=user, of=make.eligibility(of=user, terms=EASY))
    browser = visit.by(user)

    response = browser.get(PAGE)
    at_nine.move_to(NINE + HOUR)
    after = browser.get(PAGE)

    assert visit.notices(response) == [
        "You are in John Doe is active as Teams Administrator until 23 Nov 2026, 10:00 UTC, 1 h left."
    ]
    assert (response.status_code, after.status_code) == (200, 403)


def test_it_is_closed_where_there_is_no_such_role(user):
    assert visit.by(user).get(PAGE).status_code == 403
