"""While a role is active: the banner warns of its end, it lasts longer, and everything is ended in one press."""

from collections.abc import Callable

import pytest

from kernel.period import MINUTE
from tests.browser.people import Person
from tests.browser.test_groups_with_roles import passes

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EXCHANGE, GROUPS, READER = "Exchange Administrator", "Groups Administrator", "Teams Reader"


def test_a_role_is_extended_before_its_end_and_everything_is_ended_at_once(somebody: Callable[..., Person]) -> None:
    user = somebody("user").signs_in()
    activates(user, EXCHANGE, ticket_number="CHG-7", ticket_system="Jira")
    activates(user, GROUPS)
    passes(50 * MINUTE)

    # The banner is on every page.
    warning = user.goes_to("/").page.get_by_label("Ends soon")
    assert EXCHANGE in warning.inner_text()
    user.takes_a_picture("ends-soon")
    warning.get_by_role("link", name=f"Extend {EXCHANGE}", exact=True).click()
    user.sees("It lasts longer without a gap").takes_a_picture("extend")
    user.presses("Extend")
    user.takes_a_picture("extend-refused")
    user.page.get_by_label("2 h, the maximum").check()
    user.fills(justification="More mailboxes than thought", ticket_number="CHG-8", ticket_system="Jira")
    user.presses("Extend")
    assert EXCHANGE not in user.page.get_by_label("Ends soon").inner_text()
    user.sees(f"{EXCHANGE} lasts until").takes_a_picture("extended")

    activates(user, READER)
    user.goes_to("/my-roles/?tab=active").follows("End everything I hold").takes_a_picture("end-everything")
    user.presses("End everything")
    user.sees(
        f"{EXCHANGE} is no longer active.",
        f"{GROUPS} is no longer active.",
        f"{READER} was not ended: A role can be deactivated 5 minutes after it was activated",
    ).takes_a_picture("end-everything-outcome")


def activates(person: Person, role: str, **typed: str) -> None:
    """Ask for an hour of a role nobody has to approve."""
    person.goes_to("/my-roles/").follows(f"Activate {role}")
    if person.main.get_by_role("link", name="Verify now").count():
        person.follows("Verify now").verifies()
    person.page.get_by_label("1 h – until").check()
    person.fills(justification="Mailboxes are full", **typed).presses("Activate").is_told(f"{role} is activated.")
