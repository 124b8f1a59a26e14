"""An administrator assigns much at once, changes some of it, and gives somebody new the same as a colleague."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from kernel.period import DAY
from roles.models import Eligibility
from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_many_people_get_many_roles(somebody: Callable[..., Person]) -> None:
    admin = somebody("admin").signs_in().goes_to("/assignments/").takes_a_picture("assignments")
    admin.follows("Assign many").takes_a_picture("assign-many")

    admin.presses("Look it over").reads("This field is required.", "Tick at least one role.")
    admin.takes_a_picture("assign-many-refused")
    admin.fills(members="stranger@example.com\nJon Doe").ticks("Reports Reader").fills(find="teams").presses("Find")
    admin.sees_boxes(*TEAMS, "Reports Reader").takes_a_picture("assign-many-found")
    admin.ticks("Teams Reader").presses("Look it over")
    admin.reads("“Jon Doe” is not known. Did you mean John Doe (user@example.com)?")

    soon = f"{datetime.now(UTC) + 60 * DAY:%Y-%m-%dT%H:%M}"
    admin.fills(members="stranger@example.com\nJohn Doe\nCollaboration team", end_at=soon).presses("Look it over")
    admin.sees("5 of 6 can be assigned, 1 cannot.", "John Doe is eligible for Teams Reader for all of that time")
    admin.takes_a_picture("assign-many-looked-over")
    admin.presses("Change something").fills(justification="Project Falcon").presses("Look it over")
    admin.presses("Assign the 5 that are allowed")
    admin.is_told("5 assignments are made. The members and the administrators get an email.")
    assert Eligibility.objects.filter(justification="Project Falcon").count() == 5


TEAMS = (
    "Teams Administrator",
    "Teams Communications Administrator",
    "Teams Communications Support Engineer",
    "Teams Communications Support Specialist",
    "Teams Devices Administrator",
    "Teams Reader",
    "Teams Telephony Administrator",
)


def test_somebody_new_gets_the_same_as_a_colleague(somebody: Callable[..., Person]) -> None:
    admin = somebody("admin").signs_in().goes_to("/assignments/many/").follows("Same as a colleague")
    admin.presses("Look it over").takes_a_picture("same-as-colleague-refused")
    admin.fills(colleague="user@example.com", members="stranger@example.com").takes_a_picture("same-as-colleague")

    admin.presses("Look it over").sees("All 4 can be assigned.").takes_a_picture("same-as-colleague-looked-over")
    admin.presses("Assign the 4 that are allowed")

    admin.is_told("4 assignments are made. The members and the administrators get an email.")
    somebody("stranger").signs_in().goes_to("/my-roles/").sees("Teams Administrator", "User Administrator")


def test_one_assignment_is_looked_at_extended_and_converted(somebody: Callable[..., Person]) -> None:
    admin = somebody("admin").signs_in().goes_to("/assignments/?member=person&sort=role")
    admin.takes_a_picture("assignments-filtered")
    admin.follows("Details of Teams Administrator for John Doe").takes_a_picture("eligibility")

    admin.follows("Extend").takes_a_picture("extend-eligibility").fills(end_at="2020-01-01T09:00").presses("Save")
    admin.reads("The end has to be at least 5 min after the start.").takes_a_picture("update-refused")
    admin.goes_to("/assignments/?q=reader").follows("Details of Teams Reader for John Doe").follows("Update")
    admin.page.check("[name=permanent]")
    admin.fills(justification="Stays with us").takes_a_picture("update-eligibility").presses("Save")
    admin.is_told("Saved. John Doe and the administrators get an email.")

    admin.follows("Details of Teams Reader for John Doe").follows("Make active").takes_a_picture("convert-eligibility")
    admin.presses("Make active").sees("This was made less than 5 minutes ago. Wait, then convert it.")
    admin.takes_a_picture("convert-refused")
    admin.goes_to("/assignments/?tab=active").follows("Details of Security Reader for Cleo Auditor")
    admin.takes_a_picture("assignment")
