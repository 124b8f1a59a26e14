"""How administrators look after a review: see how far it is, reset it, stop it, apply it, delete and restore it."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import User
from kernel.period import DAY, HOUR
from reviews.models import Review
from reviews.operations import resetting
from reviews.terms import Recurrence, Silence
from roles.models import Role
from tests import make
from tests.browser.people import Person
from tests.reviews import acts

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def a_review(**terms: object) -> Review:
    """Of Teams Administrator in two stages, begun yesterday, with answers, one of them taken back."""
    approver, admin = (User.objects.get(email=f"{name}@example.com") for name in ("approver", "admin"))
    at, role = timezone.now() - DAY, Role.objects.get(name="Teams Administrator")
    for name in ("Anna Long-Named-Person", "Bert", "Cora", "Dirk"):
        make.eligibility(of=make.user(name=name), role=role, start_at=at, end_at=None, at=at)
    stage = make.plan(approver, make.user(name="Otto Reviewer"), fallback=(admin,)).stages[0]
    plan = make.plan(stages=(stage, stage), recurrence=Recurrence.QUARTERLY, **terms)
    review = make.review(of=role, plan=plan, at=at)
    acts.answered(review, by=approver, at=at + HOUR, because="Still needs it", Bert="approve")
    resetting.reset(make.act(at=at + 2 * HOUR), review, because="The list of leavers was an old one")
    acts.answered(review, by=approver, at=at + 3 * HOUR, because="Left the team", Bert="deny", Cora="dont_know")
    acts.answered(review, by=approver, at=at + 3 * HOUR, because="On call", Dirk="approve")
    return review


def test_an_administrator_looks_after_a_review(somebody: Callable[..., Person]) -> None:
    review = a_review(if_silent=Silence.RECOMMENDED)

    admin = somebody("admin").signs_in().goes_to("/reviews/").takes_a_picture("reviews")
    admin.follows("Quarterly check of Teams Administrator").sees("What happens next").takes_a_picture("review")
    admin.follows("Results").sees("Left the team")
    admin.main.locator("summary").first.click()
    admin.takes_a_picture("review-results")
    admin.follows("Reviewers").sees("Who reviews in stage 1 now").takes_a_picture("review-reviewers")
    admin.follows("Change reviewers of stage 1").takes_a_picture("review-change-reviewers")
    admin.fills(add="stranger@example.com").presses("Save")
    admin.is_told("The reviewers of stage 1 are changed. Answers given already stand.")
    admin.follows("Settings").takes_a_picture("review-settings")
    admin.follows("History").sees("The list of leavers was an old one").takes_a_picture("review-history")
    admin.goes_to(f"/reviews/series/{review.series_id}/reviews/").takes_a_picture("review-series")

    admin.goes_to(f"/reviews/{review.pk}/").follows("Stop").takes_a_picture("review-stop")
    admin.fills(because="Everybody has answered").presses("Stop").is_told("The review is stopped.")
    admin.takes_a_picture("review-completed")
    admin.follows("Apply").sees("This cannot be undone.").takes_a_picture("review-apply").presses("Apply")
    admin.is_told("What was denied is being removed now. Load this page again to follow it.")
    admin.takes_a_picture("review-applying")


def test_a_deleted_review_is_restored_without_javascript(somebody: Callable[..., Person]) -> None:
    review = a_review()

    admin = somebody("admin", java_script_enabled=False).signs_in().goes_to(f"/reviews/{review.pk}/")
    admin.follows("Delete").sees("It leaves the list, and can be restored.").presses("Delete")
    admin.is_told("The review is deleted. You can restore it on this page.")
    admin.follows("Restore").presses("Restore").is_told("The review is restored.")
