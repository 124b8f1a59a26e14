"""An administrator sets up access reviews: with JavaScript, without it, and by keyboard alone."""

from collections.abc import Callable

import pytest

from reviews.models import Series
from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REVIEWERS = "approver@example.com"
USAGE = "Usage Summary Reports Reader"


def test_a_review_of_two_roles_is_set_up_and_changed(somebody: Callable[..., Person]) -> None:
    admin = somebody("admin").signs_in().goes_to("/reviews/add/").takes_a_picture("add-review")

    assert admin.page.evaluate("[...document.querySelectorAll('.boxes')].every(e => e.scrollWidth === e.clientWidth)")
    admin.presses("Check").reads(
        "Nothing is saved yet. Look again at Name, Roles.",
        "This field is required.",
        "Tick at least one role, or choose a group.",
    )
    admin.takes_a_picture("add-review-refused")
    admin.fills(name="Monthly check", find="teams").presses("Find").ticks("Teams Administrator").ticks("Teams Reader")
    admin.takes_a_picture("add-review-found")
    admin.fills(chosen_1=REVIEWERS).page.select_option("[name=recurrence]", "monthly")
    admin.page.check("[name=if_silent][value=remove]")
    admin.ticks("Apply the results by itself").presses("Check")
    admin.sees("If nobody answers, ", "nobody is asked before").takes_a_picture("check-review")

    admin.presses("Change something").takes_a_picture("add-review-again")
    admin.page.select_option("[name=stages]", "2")
    admin.page.get_by_text("Stage 2", exact=True).click()
    admin.page.check("[name=reviewers_2][value=managers]")
    admin.fills(days_1="7", days_2="7").takes_a_picture("add-review-stages")
    admin.presses("Check").sees("Stage 2, of what moves on").takes_a_picture("check-review-stages")
    admin.presses("Set up 2 reviews").sees("2 reviews are set up. They start within seconds.")

    series = Series.objects.get(role__name="Teams Reader")
    admin.goes_to(f"/reviews/series/{series.pk}/").takes_a_picture("update-series")
    admin.page.check("[name=if_silent][value=keep]")
    admin.presses("Check").sees("they lose it → nothing: they keep it").takes_a_picture("check-series")
    admin.presses("Save").sees("Saved: 1 change. They count from the next review on.")
    assert Series.objects.get(pk=series.pk).if_silent == "keep"


def test_a_review_is_set_up_without_javascript(somebody: Callable[..., Person]) -> None:
    admin = somebody("admin", java_script_enabled=False).signs_in().goes_to("/reviews/add/")

    admin.fills(name="Crew check", find="usage").presses("Find").sees_boxes(USAGE).ticks(USAGE)
    admin.page.check("[name=reviewers_1][value=managers]")
    admin.presses("Check").presses("Change something").sees("Ticked")
    admin.presses("Check").presses("Set up the review")

    admin.sees("Crew check is set up for Usage Summary Reports Reader. It starts within seconds.")
    assert Series.objects.get(name="Crew check").stages.get().reviewers == "managers"


def test_a_review_is_set_up_by_keyboard_alone(somebody: Callable[..., Person]) -> None:
    admin = somebody("admin").signs_in().goes_to("/reviews/add/")
    keyboard = admin.page.keyboard
    admin.page.focus("[name=name]")

    keyboard.type("Keyboard check")
    _tabs_to(admin, "[name=find]")
    keyboard.type("usage")
    _tabs_to(admin, "button[value=find]")
    keyboard.press("Enter")
    admin.page.wait_for_load_state()
    admin.page.focus("[name=name]")
    _tabs_to(admin, "[name=roles]")
    keyboard.press("Space")
    _tabs_to(admin, "[name=chosen_1]")
    keyboard.type(REVIEWERS)
    _tabs_to(admin, "button[value=check]")
    keyboard.press("Enter")
    admin.sees("5 · Check: Keyboard check")
    admin.page.focus("button[value=save]")
    keyboard.press("Enter")

    admin.sees("Keyboard check is set up for Usage Summary Reports Reader.")


STOPS = 60
"""No page has so many places to stop at with the Tab key between two fields."""


def _tabs_to(person: Person, selector: str) -> None:
    """Press the Tab key until this has the focus."""
    for _ in range(STOPS):
        if person.page.locator(f"{selector}:focus").count():
            return
        person.page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not come to {selector}")
