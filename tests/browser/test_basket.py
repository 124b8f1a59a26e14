"""Several roles with one reason, one second factor and one press; with JavaScript and without."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.act import Act
from requests_app.models import RoleRequest
from roles.models import Eligibility
from roles.operations import grants
from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEAMS, EXCHANGE, GROUPS = "Teams Administrator", "Exchange Administrator", "Groups Administrator"


@pytest.mark.parametrize("java_script_enabled", [True, False], ids=["with JavaScript", "without"])
def test_three_roles_are_asked_for_at_once_and_kept_as_a_set(
    somebody: Callable[..., Person], java_script_enabled: bool
) -> None:
    user = somebody("user", java_script_enabled=java_script_enabled)
    user.goes_to("/my-roles/").signs_in()
    for name in (TEAMS, EXCHANGE, GROUPS):
        user.ticks(name)
    user.presses("Activate chosen").sees(TEAMS, EXCHANGE, GROUPS, "Additional verification required")
    look_at(user, "basket", java_script_enabled)

    # The set is kept first, and opens the same basket.
    user.follows("Save as a set").fills(name="Monday patching").presses("Save")
    user.is_told("Monday patching is saved. It is listed on top of your roles.")
    look_at(user, "saved-sets", java_script_enabled)
    user.follows("Activate Monday patching")

    # Nothing typed is lost by showing the second factor, once for all.
    user.page.get_by_label("2 h – until").check()
    user.fills(justification="Monthly patches", ticket_number="CHG-7", ticket_system="Jira").presses(
        "Activate all"
    ).verifies()
    assert user.page.input_value("[name=justification]") == "Monthly patches"
    lose(GROUPS)
    user.presses("Activate all").sees("Waiting for approval", "Refused", "Request")
    assert RoleRequest.objects.exclude(basket=None).count() == 2
    look_at(user, "basket-outcome", java_script_enabled)

    user.goes_to("/my-roles/").sees("Not now", "waits for approval", "no longer eligible")


def lose(role: str) -> None:
    """The portal takes the eligibility away."""
    act = Act(None, timezone.now())
    for eligibility in Eligibility.objects.filter(role__name=role).select_related("role", "scope"):
        grants.remove_eligibility(act, eligibility, because="No longer needed")


def look_at(person: Person, name: str, java_script_enabled: bool) -> None:
    """Pictures are looked over by a script."""
    if java_script_enabled:
        person.takes_a_picture(name)
