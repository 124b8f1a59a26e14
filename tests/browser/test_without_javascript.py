"""The main road without JavaScript, and the way in without a mouse."""

from collections.abc import Callable
from typing import Any

import pytest

from pimportal import demo
from requests_app.models import RoleRequest
from tests import queue
from tests.browser.people import NARROW, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEAMS = "Teams Administrator"
ALL_STOPS = 60
"""No page has so many places to stop at with the Tab key."""


def test_a_role_is_activated_and_approved_without_javascript(somebody: Callable[..., Person]) -> None:
    user, approver = (somebody(name, java_script_enabled=False) for name in ("user", "approver"))
    assert user.goes_to("/my-roles/").path == "/sign-in/?next=/my-roles/"
    user.signs_in().follows(f"Activate {TEAMS}")

    # Nothing typed before the second factor is lost by showing it.
    user.page.select_option("[name=duration]", label="1 h 30 min")
    user.fills(justification="The night shift")
    user.presses("Ask for approval").sees("Additional verification required").verifies()
    assert user.page.input_value("[name=duration]") == "90"
    assert user.page.input_value("[name=justification]") == "The night shift"
    user.presses("Ask for approval").sees("It waits for approval", "1 h 30 min", "The night shift")

    queue.drain()
    approver.opens_mail("PIM: John Doe asks").clicks_in_mail("Approve or deny request").signs_in()
    assert approver.path == f"/requests/{RoleRequest.objects.get().pk}/"
    approver.presses("Approve").reads("Say why you approve or deny.")
    approver.fills(justification="Fine").presses("Approve").is_told(
        "You approved the request. John Doe is told by email."
    )

    user.page.set_viewport_size(NARROW)
    user.page.get_by_text("Menu", exact=True).click()
    user.page.get_by_role("navigation", name="Menu").get_by_role("link", name="Teams admin center").click()
    user.sees("You are in")
    assert user.asks_for_access().status == 204


# --- keyboard


class Keyboard:
    """A person who has no mouse, and sees where they are at every stop."""

    def __init__(self, person: Person) -> None:
        self.page = person.page

    def press(self, key: str) -> None:
        """One key."""
        self.page.keyboard.press(key)

    def enters(self) -> None:
        """The Enter key, where it leads to another page."""
        with self.page.expect_navigation():
            self.press("Enter")

    def where(self) -> str:
        """The name of what has the focus."""
        return str(
            self.page.evaluate(
                """() => { const at = document.activeElement;
                    return at.labels?.length ? at.labels[0].innerText.trim() : at.id === 'main' ? 'main'
                        : (at.innerText || at.tagName).trim().replace(/\\s+/g, ' ') }"""
            )
        )

    def sees_where(self) -> None:
        """What has the focus is on the screen, and marked by an outline at least 2 pixels wide.

        The button with the calendar in a date field is the browser's own, and marked by the browser.
        """
        seen: dict[str, Any] = self.page.evaluate(
            """() => {
                const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
                const across = box.right > 0 && box.left < innerWidth, down = box.bottom > 0 && box.top < innerHeight;
                return {style: style.outlineStyle, width: parseFloat(style.outlineWidth), color: style.outlineColor,
                    own: !at.matches(':focus'), inside: across && down} }"""
        )
        outlined = seen["style"] != "none" and seen["width"] >= 2 and "rgba(0, 0, 0, 0)" not in seen["color"]
        assert seen["inside"], self.where()
        assert outlined or seen["own"], (self.where(), seen)

    def tabs_to(self, name: str) -> list[str]:
        """Tab until there; the stops on the way, this one included."""
        stops: list[str] = []
        while name not in stops:
            assert len(stops) < ALL_STOPS, f"{name} is not among {stops}"
            self.press("Tab")
            self.sees_where()
            if stops[-1:] != [self.where()]:  # a date has several parts
                stops.append(self.where())
        return stops


def test_a_role_is_activated_with_the_keyboard_alone(somebody: Callable[..., Person]) -> None:
    user = somebody("user").goes_to("/my-roles/")
    keyboard = Keyboard(user)
    assert keyboard.where() == "Email*"  # one can type at once
    keyboard.sees_where()
    user.page.keyboard.type(user.address)
    assert keyboard.tabs_to("Password*") == ["Password*"]
    user.page.keyboard.type(demo.PASSWORD)
    assert keyboard.tabs_to("Sign in") == ["Sign in"]
    keyboard.press("Shift+Tab")
    keyboard.enters()
    assert user.path == "/my-roles/"

    assert keyboard.tabs_to("Skip to the page") == ["Skip to the page"]
    keyboard.press("Enter")
    assert keyboard.where() == "main"
    stops = keyboard.tabs_to("Activate Teams Reader")
    assert stops[:3] == ["Eligible", "Active", "Expired"]
    keyboard.enters()
    assert user.path.endswith("/activate/")

    keyboard.tabs_to("Skip to the page")
    keyboard.press("Enter")
    stops = keyboard.tabs_to("Activate")
    assert stops[2].startswith("1 h – until")
    assert [*stops[:2], *stops[3:]] == ["My roles", "Where*", "Another duration", "Start", "Reason", "Activate"]
    keyboard.enters()
    user.is_told("Teams Reader is activated.")


def test_every_stop_of_a_page_shows_the_focus_in_the_dark_too(somebody: Callable[..., Person]) -> None:
    admin = somebody("admin", color_scheme="dark").signs_in()
    keyboard = Keyboard(admin)
    for path, last in (("/assignments/add/", "Back"), ("/history/", "Show")):
        admin.goes_to(path)
        assert len(keyboard.tabs_to(last)) > 10
