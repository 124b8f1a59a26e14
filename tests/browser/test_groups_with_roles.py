"""A group brought under roles: John activates membership and holds what the group holds; the tree of resources."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F

from kernel.period import MINUTE
from roles.models import Assignment, Eligibility
from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEAMS = "Teams Administrator"
MEMBER = "Member of Night shift"


def passes(duration: timedelta) -> None:
    """Time goes by: what was made so far was made that much earlier."""
    for model in (Assignment, Eligibility):
        model.objects.update(start_at=F("start_at") - duration, made_at=F("made_at") - duration)
    Assignment.objects.update(end_at=F("end_at") - duration)


def test_what_a_group_holds_comes_and_goes_with_an_activated_membership(somebody: Callable[..., Person]) -> None:
    admin, user = somebody("admin").signs_in(), somebody("user")

    admin.goes_to("/groups/").takes_a_picture("groups-with-roles")
    admin.fills(name="Night shift", description="Looks after Teams at night").presses("Make group")
    admin.follows("Manage with roles").sees("This cannot be undone").takes_a_picture("bring-under-roles")
    admin.presses("Manage with roles")
    admin.is_told("Night shift is managed with roles. Make people eligible as its members now.")
    group = admin.path

    admin.goes_to("/assignments/add/")
    gives(admin, TEAMS, "Night shift (group)", "Active: has the role without activating it")
    admin.goes_to(group).follows(f"Add assignment to {MEMBER}")
    gives(admin, MEMBER, "John Doe (user@example.com)", "Eligible: has to activate the role before using it")
    admin.goes_to(group).takes_a_picture("group-with-roles")

    user.signs_in()
    assert user.asks_for_access().status == 403
    user.goes_to("/my-roles/").sees(MEMBER).follows(f"Activate {MEMBER}")
    user.presses("Verify now").verifies() if user.main.get_by_role("button", name="Verify now").count() else None
    user.fills(justification="Tonight it is my turn").presses("Activate")
    if "/verify/" in user.page.url:
        user.verifies().presses("Activate")
    user.is_told(f"{MEMBER} is activated.")
    assert user.asks_for_access().status == 204
    user.goes_to("/my-roles/?tab=active").sees(f"{TEAMS}through Night shift").takes_a_picture(
        "my-roles-through-a-group"
    )
    user.goes_to("/").sees("through Night shift, until").takes_a_picture("home-through-a-group")
    admin.goes_to(group).sees("For a time").takes_a_picture("group-with-a-member-for-a-time")
    admin.goes_to("/groups/").sees("0, and 1 for a time")

    passes(10 * MINUTE)
    user.goes_to("/my-roles/?tab=active").follows(f"Deactivate {MEMBER}").presses("Deactivate")
    user.is_told(f"{MEMBER} is no longer active.")
    assert user.asks_for_access().status == 403
    user.sees_no(TEAMS)


def gives(admin: Person, role: str, holder: str, kind: str) -> None:
    """Fill in the form for an assignment that ends when the form offers it."""
    admin.page.select_option("[name=role]", label=role)
    admin.page.select_option("[name=holder]", label=holder)
    admin.page.get_by_label(kind).check()
    admin.fills(justification="Nights").presses("Assign")
    admin.sees("They and the administrators get an email.")


def test_an_owner_looks_after_their_group(somebody: Callable[..., Person]) -> None:
    admin, owner = somebody("admin").signs_in(), somebody("stranger")
    admin.goes_to("/groups/").follows("Collaboration team").fills(email=owner.address)
    admin.page.get_by_label("Owner: says who is in the group").check()
    admin.presses("Add").is_told("Sam Stranger owns Collaboration team, and says from now on who is in it.")
    admin.takes_a_picture("group-with-an-owner")

    owner.signs_in().goes_to("/").page.get_by_role("link", name="Groups").first.click()
    owner.takes_a_picture("groups-of-an-owner").follows("Collaboration team").takes_a_picture("group-of-an-owner")
    owner.presses("Remove John Doe")
    owner.is_told("John Doe is no longer in Collaboration team. What came through it has ended.")
    admin.page.reload()
    admin.presses("Remove owner Sam Stranger").is_told("Sam Stranger no longer owns Collaboration team.")
    owner.goes_to("/groups/").sees("This is not open to you now")


def test_resources_and_roles_of_ones_own_are_added_moved_and_retired(somebody: Callable[..., Person]) -> None:
    admin = somebody("admin").signs_in().goes_to("/resources/").takes_a_picture("resources")
    admin.follows("Ticket shop").takes_a_picture("resource").follows("Add resource below")
    admin.presses("Add").reads("This field is required.").takes_a_picture("add-resource-refused")
    admin.fills(name="Till").presses("Add").is_told("Till is added. Add its roles now.")
    admin.takes_a_picture("resource-empty")
    admin.follows("Add role").fills(name="Cashier", description="Opens the till").takes_a_picture("add-role")
    admin.presses("Add").is_told("Cashier is added, with default settings. Nobody holds it yet.")
    role = admin.path
    admin.follows("Edit").takes_a_picture("edit-role").fills(name="Head cashier").presses("Save")
    admin.is_told("Head cashier is saved.")

    admin.goes_to("/resources/").follows("Till").follows("Rename").takes_a_picture("rename-resource")
    admin.fills(name="Till of the shop").presses("Rename").is_told("It is called Till of the shop from now on.")
    admin.follows("Move").takes_a_picture("move-resource")
    admin.page.select_option("[name=parent]", label="At the top")
    admin.presses("Show what changes").sees("These no longer hold here:").takes_a_picture("move-resource-consequence")
    admin.presses("Move").is_told("Till of the shop is now at the top.")

    admin.goes_to(role).follows("Edit").follows("retire it").takes_a_picture("retire-role")
    admin.presses("Retire").reads("Say why you retire it.").takes_a_picture("retire-role-refused")
    admin.fills(because="The till is gone").presses("Retire")
    admin.is_told("Head cashier is retired. Nobody holds it any more.").takes_a_picture("role-retired")
    admin.goes_to("/roles/?q=cashier").sees("Retired").takes_a_picture("roles-with-a-retired-one")
