"""John asks to keep a role that ends soon; Ada gives it for another time, and he is told."""

from collections.abc import Callable

import pytest

from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROLE = "User Administrator"


def test_a_holder_asks_for_longer_and_an_administrator_gives_another_end(somebody: Callable[..., Person]) -> None:
    user, admin = somebody("user"), somebody("admin")

    user.goes_to("/my-roles/").signs_in().takes_a_picture("my-roles-with-an-end-near").follows(f"Extend {ROLE}")
    user.sees("An administrator decides").takes_a_picture("renew").presses("Send request")
    user.reads("Say why you still need it.").takes_a_picture("renew-refused")
    user.fills(justification="The migration takes longer").presses("Send request")
    user.is_told("Your request is sent. You get an email when an administrator has decided.")
    user.sees_buttons("Cancel this request").takes_a_picture("renewal-waits")
    renewal = user.path
    user.goes_to("/requests/").sees(f"Extension of {ROLE}").takes_a_picture("my-requests-with-a-renewal")

    admin.goes_to("/approvals/").signs_in().sees("The migration takes longer").takes_a_picture("approvals-with-renewal")
    admin.follows(f"Decide on Extension of {ROLE} for John Doe").takes_a_picture("renewal-decision")
    if "/verify/" in admin.page.url:
        admin.verifies()
    admin.fills(end_at=in_40_days(admin), justification="Until the migration is over").presses("Grant")
    admin.is_told("Granted. John Doe is told by email.").takes_a_picture("renewal-granted")

    user.goes_to(renewal).sees("Given", "Ada Admin", "Until the migration is over").sees_buttons()
    user.goes_to("/my-roles/").sees(ROLE).sees_no(f"Extend {ROLE}")


def in_40_days(person: Person) -> str:
    """As the field takes it."""
    script = "new Date(Date.now() + 40 * 864e5).toISOString().slice(0, 16)"
    return str(person.page.evaluate(script))
