"""Alva goes away; Cleo decides in her place, and is told so; Alva comes back."""

from collections.abc import Callable

import pytest

from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEAMS = "Teams Administrator"


def test_a_deputy_decides_while_the_approver_is_away(somebody: Callable[..., Person]) -> None:
    approver, deputy, user = somebody("approver"), somebody("auditor"), somebody("user")

    approver.goes_to("/approvals/").signs_in().follows("Away? Name a deputy.").takes_a_picture("no-absence")
    approver.fills(deputy="cleo", end_at="2030-01-01T00:00").presses("Save")
    approver.sees("is not known").takes_a_picture("absence-refused")
    approver.fills(deputy="auditor@example.com", end_at=in_three_days(approver)).presses("Save")
    approver.is_told("Saved. Cleo Auditor decides in your place then, and gets an email.").takes_a_picture("absence")

    user.goes_to("/my-roles/").signs_in().follows(f"Activate {TEAMS}")
    user.follows("Verify now").verifies().fills(justification="Phones are down").presses("Ask for approval")
    user.sees("Cleo Auditor decides for Alva Approver, who is away until").takes_a_picture("request-with-a-deputy")
    request = user.path

    approver.goes_to(request).sees("You are away until", "End your absence to decide yourself.")
    deputy.goes_to("/approvals/").signs_in().sees(TEAMS, "John Doe").goes_to(request)
    deputy.fills(justification="Phones come first").presses("Approve").sees("Cleo Auditor for Alva Approver")
    deputy.takes_a_picture("decided-by-a-deputy")
    deputy.goes_to("/absence/").sees("You are the deputy of", "Alva Approver")

    approver.goes_to("/absence/").presses("End now with Cleo Auditor as deputy").is_told("Saved. The deputy is told.")


def in_three_days(person: Person) -> str:
    """As the field takes it."""
    script = "new Date(Date.now() + 3 * 864e5).toISOString().slice(0, 16)"
    return str(person.page.evaluate(script))
