"""Clocks go forward and back, people live in other zones: an end stays where it is, to the second."""

from datetime import UTC, datetime

import pytest

from kernel.period import DAY, HOUR, MINUTE, SECOND
from requests_app.models import RoleRequest
from requests_app.operations import approval
from roles.models import Assignment
from roles.queries.access import access
from tests import make, visit

# The nights in which the clocks of Berlin go forward and back, and those of New York back.
FORWARD = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
BACK = datetime(2027, 10, 31, 1, 0, tzinfo=UTC)
NEW_YORK_BACK = datetime(2027, 11, 7, 6, 0, tzinfo=UTC)
CHANGES = [("Europe/Berlin", FORWARD), ("Europe/Berlin", BACK), ("America/New_York", NEW_YORK_BACK)]
UNCLEAR = (
    "The clocks of Europe/Berlin change in that hour, so it is not clear which moment this is. "
    "Choose an hour earlier or later."
)

pytestmark = pytest.mark.django_db


def eligible(zone, change, **terms):
    """Somebody in that zone who may activate on the day around the change."""
    user = make.user(time_zone=zone)
    role = make.role(terms=make.ActivationTerms(**terms)) if terms else make.role(terms=make.EASY)
    return make.eligibility(of=user, role=role, start_at=change - 2 * DAY, end_at=change + 2 * DAY, at=change - 2 * DAY)


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_an_activation_over_a_change_lasts_as_long_as_it_was_asked_for(zone, change):
    eligibility = eligible(zone, change)
    begun = change - 30 * MINUTE

    active = make.activation(by=eligibility.user, of=eligibility, duration=2 * HOUR, at=begun)

    end_at = begun + 2 * HOUR
    assert active.end_at == end_at
    assert access(eligibility.user, active.role, at=end_at - SECOND).until == end_at
    assert access(eligibility.user, active.role, at=end_at) is None


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_approving_after_a_change_starts_the_clock_then(zone, change):
    approver = make.user(time_zone="Asia/Kolkata")
    user = make.user(time_zone=zone)
    role = make.role(terms=make.EASY, approvers=(approver,))
    eligibility = make.eligibility(of=user, role=role, start_at=change - DAY, end_at=change + DAY, at=change - DAY)
    asked = make.role_request(by=user, for_=eligibility, asking_for=make.ask(duration=HOUR), at=change - HOUR)

    approval.approve(make.act(by=approver, at=change + HOUR), asked, because="On call")

    assert Assignment.objects.get().end_at == change + 2 * HOUR


def test_the_page_shows_the_end_in_the_readers_zone_as_it_will_be_then():
    eligibility = eligible("Europe/Berlin", FORWARD)
    begun = FORWARD - 30 * MINUTE
    make.activation(by=eligibility.user, of=eligibility, duration=2 * HOUR, at=begun)

    with make.clock_at(begun + MINUTE):
        page = visit.by(eligibility.user, proven_at=begun).get("/my-roles/?tab=active")

    assert "28 Mar 2027, 04:30 CEST" in visit.table(page)[0][3]


@pytest.mark.parametrize(
    ("change", "typed"), [(FORWARD, "2027-03-28T02:30"), (BACK, "2027-10-31T02:30")], ids=["left out", "twice"]
)
def test_an_hour_that_is_left_out_or_comes_twice_is_asked_for_again(change, typed):
    eligibility = eligible("Europe/Berlin", change)
    at = change - 5 * HOUR

    with make.clock_at(at):
        response = send(eligibility, at, start_at=typed)

    assert (response.status_code, visit.sentences(response)) == (400, [UNCLEAR])
    assert visit.typed(response)["start_at"] == typed
    assert RoleRequest.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "start_at"),
    [
        ("2027-03-28T01:59", FORWARD - MINUTE),
        ("2027-03-28T03:00", FORWARD),
        ("2027-03-28T03:01", FORWARD + MINUTE),
    ],
)
def test_a_start_beside_the_change_is_the_moment_that_was_typed(typed, start_at):
    eligibility = eligible("Europe/Berlin", FORWARD)
    at = FORWARD - 5 * HOUR

    with make.clock_at(at):
        response = send(eligibility, at, start_at=typed)

    assert response.status_code == 302
    assert RoleRequest.objects.get().start_at == start_at
    assert Assignment.objects.get().start_at == start_at


def send(eligibility, at, **fields):
    browser, path = visit.by(eligibility.user, proven_at=at), f"/my-roles/{eligibility.pk}/activate/"
    return browser.post(path, visit.typed(browser.get(path)) | fields)
