"""An administrator sets a role, tab by tab: refused, checked, saved, and seen on the page of the role."""

from collections.abc import Callable

import pytest

from tests import queue
from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEAMS = "Teams Administrator"


def test_an_administrator_sets_all_three_tabs_of_a_role(somebody: Callable[..., Person]) -> None:
    admin = somebody("admin").signs_in()

    the_last_approver_stays(admin)
    an_unknown_approver_gets_a_suggestion(admin)
    two_stages_are_checked_and_saved(admin)
    the_assignment_tab_is_saved(admin)
    the_notification_tab_is_saved(admin)
    loosening_a_privileged_role_is_told(admin)


def the_last_approver_stays(admin: Person) -> None:
    admin.goes_to("/roles/?q=teams+administrator").follows(f"Settings of {TEAMS}")
    admin.sees("2 people: Alva Approver and Ben Second. 1 approval is needed.").takes_a_picture("settings-activation")

    admin.fills(approvers="John Doe").presses("Save settings")
    admin.reads(
        "Too few others could approve for John Doe. Nobody approves their own request; disabled people and "
        "break-glass accounts never approve. Name more approvers."
    )
    admin.takes_a_picture("settings-last-approver")


def an_unknown_approver_gets_a_suggestion(admin: Person) -> None:
    admin.fills(approvers="Alva Approver\nBen").presses("Check")
    admin.reads("“Ben” is not known. Did you mean Ben Second (second.approver@example.com)?")
    admin.takes_a_picture("settings-unknown-approver")


def two_stages_are_checked_and_saved(admin: Person) -> None:
    admin.page.get_by_label("A fresh second factor on every activation").check()
    admin.page.select_option("[name=escalation_after_duration]", label="4 h")
    admin.fills(
        approvers="Alva Approver\nCollaboration team (group)", second_approvers="Cleo Auditor", second_quorum="1"
    )
    admin.fills(escalation="Ada Admin").presses("Check")
    admin.sees("This can be saved. Nothing is saved yet.", "a second factor → a fresh second factor")
    admin.sees("3 people: Alva Approver, Ben Second and John Doe. 1 approval is needed.", "1 person: Cleo Auditor")
    admin.takes_a_picture("settings-checked")

    admin.presses("Save settings").is_told(f"The settings of {TEAMS} are saved: 6 changes.")
    admin.sees("a fresh second factor on every activation", "4 h", "auditor@example.com")
    admin.takes_a_picture("role-activation")


def the_assignment_tab_is_saved(admin: Person) -> None:
    admin.follows("Assignment").follows("Settings").takes_a_picture("settings-assignment")
    admin.page.uncheck("[name=permanent_active_allowed]")
    admin.page.select_option("[name=active_max_duration]", label="15 days")
    admin.page.check("[name=assigner_needs_second_factor]")
    admin.presses("Save settings").is_told(f"The settings of {TEAMS} are saved: 3 changes.")
    admin.sees("Expire active assignments after", "15 days").takes_a_picture("role-assignment")


def the_notification_tab_is_saved(admin: Person) -> None:
    admin.follows("Notification").follows("Settings").takes_a_picture("settings-notification")
    admin.page.uncheck("[name=activation_administrators_default]")
    admin.fills(activation_administrators_addresses="ops").presses("Check")
    admin.reads("ops is not an email address. Write name@example.com.").takes_a_picture("settings-notification-refused")

    admin.fills(activation_administrators_addresses="ops@example.com; soc@example.com").presses("Check")
    admin.sees("This can be saved. Nothing is saved yet.", "Gets it now: ops@example.com; soc@example.com")
    admin.takes_a_picture("settings-notification-checked")
    admin.presses("Save settings").is_told(f"The settings of {TEAMS} are saved: 1 change.")
    admin.sees("ops@example.com; soc@example.com").takes_a_picture("role-notification")


def loosening_a_privileged_role_is_told(admin: Person) -> None:
    admin.goes_to("/roles/?q=global+administrator").follows("Settings of Global Administrator")
    admin.page.select_option("[name=activation_max_duration]", label="1 day")
    admin.page.get_by_label("Nothing", exact=True).check()
    admin.presses("Save settings").is_told("The settings of Global Administrator are saved: 2 changes.")
    queue.drain()

    admin.opens_mail("PIM: Ada Admin loosened the settings of Global Administrator")
    admin.reads_mail("2 of the changes make this privileged role easier to get", "Activation maximum duration")
    admin.takes_a_picture("email-settings-weakened")
    admin.clicks_in_mail("See the role").sees("Global Administrator")
