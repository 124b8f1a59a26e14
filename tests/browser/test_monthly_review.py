"""A review that comes every month, through two occurrences: two reviewers, and a clock that moves."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from kernel.period import DAY, MINUTE
from notifications.models import Email
from reviews import tasks
from reviews.models import Review, Series
from roles.models import Eligibility, Role
from tests import make, queue
from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def the_worker_works() -> None:
    """What has become due is done, and what that brings."""
    tasks.enqueue_due()
    queue.drain()


def holders() -> set[str]:
    held = Eligibility.objects.in_force(timezone.now()).filter(role__name="Reports Reader")
    return {grant.holder.name for grant in held}


def written_to(kind: str) -> set[str]:
    return set(Email.objects.filter(template=kind).values_list("to_address", flat=True))


def test_a_monthly_review_goes_through_two_occurrences(somebody: Callable[..., Person]) -> None:
    now = timezone.now()
    role = Role.objects.get(name="Reports Reader")
    for name in ("Anna", "Bert", "Cora"):
        make.eligibility(of=make.user(name=name), role=role, start_at=now - 2 * DAY, end_at=None, at=now - 2 * DAY)

    # It is set up, and begins.
    admin = somebody("admin").signs_in().goes_to("/reviews/").follows("New review")
    admin.fills(name="Reports every month", find="reports reader").presses("Find").ticks("Reports Reader")
    admin.fills(chosen_1="approver@example.com\nsecond.approver@example.com", days_1="7")
    admin.page.select_option("[name=recurrence]", "monthly")
    admin.page.check("[name=if_silent][value=recommended]")
    admin.ticks("Apply the results by itself").presses("Check").presses("Set up the review")
    admin.sees("Reports every month is set up for Reports Reader. It starts within seconds.")
    the_worker_works()
    first = Review.objects.get(name="Reports every month")
    assert written_to("review_started") >= {"approver@example.com", "second.approver@example.com"}

    # Two reviewers answer: the last answer counts, and the earlier one stays to be read.
    alva = somebody("approver").signs_in().goes_to("/").follows("Review")
    alva.main.get_by_role("link", name="Reports every month").click()
    answers(alva, "Anna", "Deny", "Left the team").is_told("Saved: 1 denied.")
    answers(alva, "Bert", "Deny", "Never saw him").is_told("Saved: 1 denied.")
    ben = somebody("second.approver").signs_in().goes_to(f"/my-reviews/{first.pk}/?show=all")
    ben.sees("Left the team", "Never saw him")
    answers(ben, "Bert", "Approve", "He makes the reports").is_told("Saved: 1 approved.")
    assert holders() == {"Anna", "Bert", "Cora"}

    # It ends by itself: Anna loses the role, Bert keeps it, and nobody said anything about Cora.
    with at(now + 7 * DAY + MINUTE):
        the_worker_works()
        assert holders() == {"Bert", "Cora"}
        admin = admin.goes_to(f"/reviews/{first.pk}/").signs_in() if signed_out(admin, first) else admin
        admin.sees("Applied").takes_a_picture("monthly-applied")
        admin.follows("Results").sees("Left the team", "Removed", "He makes the reports")

    # A month later it comes again, once, with whoever holds the role then.
    second_at = Series.objects.get(name="Reports every month").next_at
    assert second_at is not None
    with at(second_at + MINUTE):
        the_worker_works()
        the_worker_works()
        second = Review.objects.get(name="Reports every month", number=2)
        assert [item.name for item in second.items.all()] == ["Bert", "Cora"]
        ben = somebody("second.approver").goes_to(f"/my-reviews/{second.pk}/").signs_in()
        ben.sees("Bert", "Cora").takes_a_picture("monthly-second")
        ben.ticks("Bert").ticks("Cora").presses("Follow recommendations")
        ben.sees("All done: all 2 lines are answered")
    with at(second_at + 7 * DAY + 2 * MINUTE):
        the_worker_works()
        denied = set(second.items.filter(verdict="deny").values_list("name", flat=True))
        assert holders() == {"Bert", "Cora"} - denied
        assert Review.objects.filter(name="Reports every month").count() == 2


def answers(reviewer: Person, name: str, verdict: str, because: str) -> Person:
    """Mark one line, say why, and save."""
    reviewer.page.get_by_role("group", name=f"Your answer on {name}").get_by_label(verdict, exact=True).check()
    reviewer.page.get_by_label(f"Reason on {name}").fill(because)
    return reviewer.presses("Save")


def signed_out(person: Person, review: Review) -> bool:
    """Whether so much time has passed that they have to sign in again."""
    person.goes_to(f"/reviews/{review.pk}/")
    return "/sign-in/" in person.path


def at(moment: datetime) -> time_machine.travel:
    """The clock goes on from another moment."""
    return time_machine.travel(moment + timedelta(0), tick=True)
