"""A reviewer at work: with the keyboard alone, with a mouse, and without JavaScript."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Dialog, ViewportSize, expect

from accounts.models import User
from kernel.period import DAY
from reviews.models import Answer, Review, ReviewItem
from reviews.operations import answers
from reviews.terms import StagePlan, Verdict
from tests import make
from tests.browser.people import NARROW, WIDE, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NAMES = (
    "Ada Abel", "Bruno Blum", "Clara Chen", "David Diaz", "Emma Engel", "Farid Faber", "Greta Gross", "Hugo Hahn",
    "Ines Ivanova", "Jonas Jung", "Karla Klein", "Liam Lang", "Mira Moser", "Nils North", "Olga Ost", "Paula Pohl",
    "Quentin Quast", "Rosa Roth", "Sven Sommer", "Tina Tran",
)  # fmt: skip


@pytest.fixture
def review(portal: str) -> Review:
    """Twenty people and a group, reviewed in the first of two stages by Alva and Ben."""
    now = timezone.now()
    alva, ben = (User.objects.get(email=f"{name}@example.com") for name in ("approver", "second.approver"))
    role = make.role(name="Helpdesk Administrator", terms=make.EASY)
    holders = [make.user(name=name) for name in NAMES]
    crew = make.group(name="Service desk", members=tuple(holders[:7]))
    for holder in (*holders, crew):
        begun = now - 200 * DAY if holder in holders[:9] else now - 3 * DAY
        make.eligibility(of=holder, role=role, start_at=begun, at=begun, end_at=None)
    _sign_in(holders[:4], now - DAY)
    _sign_in(holders[4:9], now - 60 * DAY)
    stage = StagePlan(chosen=make.named(alva, ben), duration=7 * DAY)
    told = "Who left the second-line team in autumn should not be in this role any more."
    plan = make.plan(stages=(stage, stage), description=told, name="Helpdesk, every quarter")
    return make.review(of=role, plan=plan, at=now)


def _sign_in(people: list[User], at: datetime) -> None:
    User.objects.filter(pk__in=[one.pk for one in people]).update(last_login=at)


def answered(review: Review) -> dict[str, str]:
    return dict(ReviewItem.objects.filter(review=review).exclude(verdict="").values_list("name", "verdict"))


def test_twenty_lines_are_reviewed_with_the_keyboard_alone(somebody: Callable[..., Person], review: Review) -> None:
    reviewer = somebody("approver").signs_in().goes_to(f"/my-reviews/{review.pk}/")
    keyboard = reviewer.page.keyboard
    focused = reviewer.page.locator("tr:focus")

    keyboard.press("j")
    expect(focused).to_have_attribute("aria-label", "Ada Abel")
    outline = "getComputedStyle(document.activeElement).outline"
    assert reviewer.page.evaluate(outline).endswith("solid 3px")
    keyboard.type("ad")
    expect(focused).to_have_attribute("aria-label", "Clara Chen")
    keyboard.type("rand this is why")
    keyboard.press("Escape")
    expect(focused).to_have_attribute("aria-label", "Clara Chen")
    keyboard.type("nkn")  # marked, back, and taken back
    expect(focused).to_have_attribute("aria-label", "Clara Chen")
    keyboard.type("d" + "a" * 16 + "jx")
    reviewer.sees("19 marked, 1 ticked.")
    reviewer.takes_a_picture("review-marked")
    # Every line in view is below nothing: the bar at the bottom does not hide what has the focus.
    keyboard.press("k")
    bar, line = (reviewer.page.locator(one).bounding_box() for one in (".savebar", "tr:focus"))
    assert bar and line and line["y"] + line["height"] <= bar["y"]
    keyboard.press("Enter")

    reviewer.reads("Say why you approve or deny: beside the line, or here for all of them.")
    expect(reviewer.page.locator("[type=radio]:checked")).to_have_count(19)
    reviewer.takes_a_picture("review-refused")
    reviewer.fills(because="Works on the service desk").presses("Save")

    reviewer.is_told("Saved: 17 approved, 2 denied.")
    assert answered(review) == {
        **dict.fromkeys((*NAMES[:18], "Service desk"), "approve"), "Bruno Blum": "deny", "Clara Chen": "deny"
    }  # fmt: skip
    assert ReviewItem.objects.get(name="Clara Chen").reason == "and this is why"


def test_shortcuts_can_be_switched_off_and_stay_off(somebody: Callable[..., Person], review: Review) -> None:
    reviewer = somebody("approver").signs_in().goes_to(f"/my-reviews/{review.pk}/")
    reviewer.page.get_by_text("Keyboard shortcuts").click()
    reviewer.takes_a_picture("review-shortcuts")
    reviewer.page.get_by_label("Shortcuts are on").uncheck()

    reviewer.goes_to(f"/my-reviews/{review.pk}/")
    reviewer.page.keyboard.press("j")

    expect(reviewer.page.locator("tr:focus")).to_have_count(0)
    expect(reviewer.page.get_by_label("Shortcuts are on")).not_to_be_checked()


def test_marks_that_are_not_saved_are_asked_for_before_they_are_lost(
    somebody: Callable[..., Person], review: Review
) -> None:
    reviewer = somebody("approver").signs_in().goes_to(f"/my-reviews/{review.pk}/")
    asked: list[str] = []

    def leaves_all_the_same(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    reviewer.page.on("dialog", leaves_all_the_same)
    reviewer.page.get_by_role("radio", name="Deny").first.check()

    reviewer.follows("Review access")

    expect(reviewer.page.locator("h1")).to_have_text("Review access")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("has_javascript", [True, False])
def test_lines_are_answered_one_by_one_together_and_all_at_once(
    somebody: Callable[..., Person], review: Review, has_javascript: bool
) -> None:
    ben = User.objects.get(email="second.approver@example.com")
    first = review.items.get(name="Ada Abel").pk
    for verdict in (Verdict.DONT_KNOW, Verdict.APPROVE):
        answers.answer(make.act(by=ben, at=timezone.now()), review, [first], verdict, because="Asked her team lead")
    reviewer = somebody("approver", java_script_enabled=has_javascript).signs_in()
    reviewer.goes_to("/").sees("1 review waits for you (20 lines)").follows("Review")
    if has_javascript:
        reviewer.takes_a_picture("my-reviews")
        reviewer.goes_to("/").takes_a_picture("home-with-a-review").follows("Review")
    reviewer.main.get_by_role("link", name="Helpdesk, every quarter").click()

    # one by one
    reviewer.page.get_by_role("group", name="Your answer on Bruno Blum").get_by_label("Deny").check()
    reviewer.page.get_by_label("Reason on Bruno Blum").fill("Left in autumn")
    reviewer.presses("Save").is_told("Saved: 1 denied.").sees_no("Your answer on Bruno Blum")
    # together
    reviewer.ticks("Clara Chen").ticks("David Diaz").presses("Follow recommendations")
    reviewer.is_told("Saved: 2 denied.")
    reviewer.page.get_by_label("Lines", exact=True).select_option("All")
    reviewer.presses("Show").sees("Ada Abel", "1 earlier", "Left in autumn")
    if has_javascript:
        reviewer.page.get_by_text("1 earlier").first.click()
        reviewer.takes_a_picture("review-all-lines")
    # all at once
    reviewer.follows("Answer all 17 open lines at once…").sees("17 lines that nobody has answered in this stage")
    if has_javascript:
        reviewer.takes_a_picture("review-answer-all")
    reviewer.page.get_by_label("Approve all of them").check()
    reviewer.presses("Answer 17 lines").reads("Say why you approve or deny: beside the line, or here for all of them.")
    reviewer.fills(because="Works on the service desk").presses("Answer 17 lines")

    until = reviewer.main.locator(".notice[role=status]")
    expect(until).to_contain_text("Saved: 17 approved. All done: you can change your answers until ")
    assert len(answered(review)) == 21
    assert Answer.objects.count() == 22
    reviewer.goes_to(f"/my-reviews/{review.pk}/").sees("All done: all 21 lines are answered")
    if has_javascript:
        reviewer.takes_a_picture("review-all-done")


def test_every_line_has_three_stops_of_the_tab_key_without_javascript(
    somebody: Callable[..., Person], review: Review
) -> None:
    reviewer = somebody("approver", java_script_enabled=False).signs_in().goes_to(f"/my-reviews/{review.pk}/")
    reviewer.page.get_by_role("checkbox", name="Ada Abel").focus()
    name = "document.activeElement.name.replace(/_.*/, '')"
    stops = []

    for _ in range(6):
        stops.append(reviewer.page.evaluate(name))
        reviewer.page.keyboard.press("Tab")

    assert stops == ["item", "verdict", "because"] * 2


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_what_the_keyboard_comes_to_is_seen_all_of_it(
    somebody: Callable[..., Person], review: Review, viewport: ViewportSize
) -> None:
    reviewer = somebody("approver").signs_in().goes_to(f"/my-reviews/{review.pk}/")
    reviewer.page.set_viewport_size(viewport)

    for key in "j" * 20 + "k" * 20 + "d" * 20:
        reviewer.page.keyboard.press(key)
        assert reviewer.page.evaluate(IS_SEEN), key
    reviewer.page.get_by_role("checkbox", name="Ada Abel").focus()
    while reviewer.page.evaluate("document.activeElement.closest('tr') !== null"):
        assert reviewer.page.evaluate(IS_SEEN)
        reviewer.page.keyboard.press("Tab")


IS_SEEN = """() => {
  const bar = document.querySelector(".savebar");
  const end = getComputedStyle(bar).position === "sticky" ? bar.getBoundingClientRect().top : innerHeight;
  const {top, bottom} = document.activeElement.getBoundingClientRect();
  return top >= 0 && bottom <= end && getComputedStyle(document.activeElement).outlineWidth === "3px";
}"""
"""Whether what has the focus is in view, above the bar at the bottom, and marked."""


def test_a_refused_page_opens_at_the_reason_that_is_missing(somebody: Callable[..., Person], review: Review) -> None:
    reviewer = somebody("approver", java_script_enabled=False).signs_in().goes_to(f"/my-reviews/{review.pk}/")
    reviewer.page.set_viewport_size(NARROW)
    reviewer.page.get_by_role("radio", name="Deny").first.check()

    reviewer.presses("Save")

    expect(reviewer.page.locator("[name=because]")).to_be_focused()
    expect(reviewer.page.get_by_text("Say why you approve or deny")).to_be_in_viewport()
