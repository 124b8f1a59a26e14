"""The first page: what waits for me, what I hold now and until when."""

import pytest

from kernel.period import HOUR
from tests import make, visit
from tests.make import EASY, NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


def cards(response):
    """The cards of the page, by their heading."""
    found = visit.main(response).all(of="card")
    return {card.all("h2")[0].text: [line.text for line in card.all("li")] for card in found}


def test_somebody_without_anything_reads_what_would_be_there(stranger):
    response = visit.by(stranger).get("/")

    assert (visit.title(response), cards(response)) == (
        "Hello, Sam Stranger",
        {"You hold now": [], "You can activate": []},
    )


def test_the_page_shows_what_is_on_what_waits_and_what_can_be_activated(user, approver):
    active = make.eligibility(of=user, role=make.role(name="Teams Reader", terms=EASY))
    make.activation(by=user, of=active)
    make.role_request(by=user, approvers=(approver,))
    make.eligibility(of=user, role=make.role(name="User Administrator"))
    later = make.eligibility(of=user, role=make.role(name="Groups Administrator", terms=EASY))
    make.activation(by=user, of=later, start_at=NINE + HOUR)

    response = visit.by(user).get("/")

    assert cards(response) == {
        "You hold now": [
            "Teams Reader Active until 23 Nov 2026, 10:00 UTC, 1 h leftDeactivate Teams Reader",
            "Groups Administrator Scheduled from 23 Nov 2026, 10:00 UTC until 23 Nov 2026, 11:00 UTC",
            "Teams Administrator Waiting for approval 1 day left to decideShow Teams Administrator",
        ],
        "You can activate": [
            "Groups AdministratorActivate Groups Administrator",
            "User AdministratorActivate User Administrator",
        ],
    }


def test_an_approver_sees_what_waits_for_them(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    response = visit.by(approver).get("/")

    assert cards(response)["Waits for your decision"] == [
        "John Doe asks for Teams Administrator for 1 h, 1 day left to decideDecide on Teams Administrator for John Doe"
    ]
    assert visit.links(response)["Decide on Teams Administrator for John Doe"] == f"/requests/{role_request.pk}/"


def navigation(response):
    (side,) = visit.html(response).all(of="side")
    return [link.text for link in side.all("a")][1:]


def test_who_may_not_manage_does_not_see_how(user, auditor, admin):
    own = ["My roles", "My requests", "Approve requests", "Review access"]
    reading = ["Who held what", "Weekly numbers", "Sent email"]
    demo = ["Teams admin center", "Mailbox", "My security", "My absences", "My emails"]

    assert {person.name: navigation(visit.by(person).get("/")) for person in (user, auditor, admin)} == {
        "John Doe": [*own, "My audit history", *demo],
        "Cleo Auditor": [
            *own,
            "Resources",
            "Roles",
            "Assignments",
            "Access reviews",
            "Break-glass",
            "My audit history",
            "Audit history",
            *reading,
            *demo,
        ],
        "Ada Admin": [
            *own,
            "Resources",
            "Roles",
            "Assignments",
            "Groups",
            "People",
            "Access reviews",
            "Break-glass",
            "My audit history",
            "Audit history",
            *reading,
            "Health",
            *demo,
        ],
    }


def test_the_navigation_counts_what_waits_for_me(user, approver):
    make.role_request(by=user, approvers=(approver,))

    assert "Approve requests 1 waiting" in navigation(visit.by(approver).get("/"))
    assert "Approve requests" in navigation(visit.by(user).get("/"))
