"""What I asked for."""

import pytest

from kernel.period import DAY, MINUTE
from requests_app.operations import activation
from tests import make, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

EARLIER = NINE - 10 * MINUTE


@pytest.fixture
def request_by_user(user, approver, other_approver):
    """John asked ten minutes ago; Alva or Ben decide."""
    return make.role_request(by=user, approvers=(approver, other_approver), at=EARLIER)


def test_my_requests_lists_only_mine_newest_first(user, stranger, approver):
    role = make.role(approvers=(approver,))
    make.role_request(by=stranger, for_=make.eligibility(of=stranger, role=role))
    old = make.role_request(by=user, for_=make.eligibility(of=user, role=role), at=EARLIER)
    activation.cancel(make.act(by=user, at=EARLIER), old)
    make.role_request(by=user, for_=old.eligibility)

    response = visit.by(user).get("/requests/")

    assert [[row[0], row[1], row[4]] for row in visit.table(response)] == [
        [
            "Teams AdministratorDirectory",
            "23 Nov 2026, 09:00 UTC",
            "Waiting for approvalWaits for Alva Approver, 1 day left",
        ],
        ["Teams AdministratorDirectory", "23 Nov 2026, 08:50 UTC", "Cancelled23 Nov 2026, 08:50 UTC"],
    ]


def test_what_waits_says_for_whom_and_can_be_cancelled_in_the_list(request_by_user, user):
    browser = visit.by(user)

    page = browser.get("/requests/")
    browser.post(f"/requests/{request_by_user.pk}/cancel/")

    assert visit.table(page)[0][4] == "Waiting for approvalWaits for Alva Approver, Ben Second, 23 h 50 min left"
    assert "Cancel Teams Administrator for John Doe" in visit.buttons(page)
    assert visit.table(browser.get("/requests/"))[0][4:] == ["Cancelled23 Nov 2026, 09:00 UTC", ""]


@pytest.mark.parametrize(
    ("later", "state", "count"),
    [
        (10 * MINUTE, "pending", 1),
        (10 * MINUTE, "timed_out", 0),
        (10 * MINUTE, "granted", 0),
        (10 * MINUTE, "lapsed", 0),
        (10 * MINUTE, "nonsense", 1),
        (DAY, "pending", 0),
        (DAY, "timed_out", 1),
    ],
)
def test_my_requests_are_narrowed_to_a_state_as_it_is_shown(request_by_user, user, at_nine, later, state, count):
    at_nine.move_to(EARLIER + later)

    page = visit.by(user, proven=False).get(f"/requests/?state={state}")

    assert len(visit.table(page)) == count
