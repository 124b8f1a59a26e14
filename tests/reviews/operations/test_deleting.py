"""Reviews are hidden and brought back, never erased."""

import pytest

from kernel.period import DAY
from kernel.refusal import Refused
from reviews.models import Review, ReviewItem
from reviews.operations import deleting, whole_series
from reviews.queries import answerable
from tests import make, seen
from tests.make import NINE
from tests.reviews import acts

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita():
    return make.user(name="Rita")


@pytest.fixture
def review(rita):
    role = make.role()
    make.eligibility(of=make.user(name="Anna"), role=role)
    return make.review(of=role, plan=make.plan(rita), at=make.THE_DAY_BEFORE)


def delete(review, by=None, *, at=NINE):
    deleting.delete(make.act(by=by, at=at), review)


def restore(review, by=None, *, at=NINE):
    deleting.restore(make.act(by=by, at=at), review)


def test_a_deleted_review_is_answered_by_nobody_and_neither_ends_nor_is_applied(rita, review):
    acts.answered(review, Anna="deny")

    delete(review)

    end = NINE + 14 * DAY
    assert answerable.by(rita, NINE).count() == 0
    assert [found.count() for found in (Review.objects.to_close(end), Review.objects.to_apply())] == [0, 0]


def test_a_restored_review_is_as_it_was(rita, review):
    acts.answered(review, Anna="deny")
    delete(review)

    restore(review)

    assert answerable.by(rita, NINE).get().verdict == "deny"
    assert Review.objects.get().deleted_at is None


def test_the_history_tells_both(admin, review):
    delete(review, admin)
    restore(review, admin)

    told = [(entry.kind, entry.actor_name, entry.facts["review"]) for entry in seen.entries()]
    assert told == [("review.deleted", "Ada Admin", review.pk), ("review.restored", "Ada Admin", review.pk)]


def test_what_is_deleted_is_not_deleted_again_and_what_is_not_is_not_restored(review):
    with pytest.raises(Refused, match="not deleted"):
        restore(review)
    delete(review)

    with pytest.raises(Refused, match="deleted already"):
        delete(review)


def test_while_its_results_are_applied_a_review_is_not_deleted(review):
    Review.objects.update(closed_at=NINE, apply_asked_at=NINE)

    with pytest.raises(Refused, match="once that is done"):
        delete(review)


def test_a_review_whose_series_was_deleted_comes_back_only_with_it(review):
    whole_series.delete(make.act(), review.series)

    with pytest.raises(Refused, match="Restore the series"):
        restore(review)

    assert ReviewItem.objects.in_open_stage(NINE).count() == 0
