"""A series as a whole: ended, deleted, brought back."""

from dataclasses import replace

import pytest

from kernel.period import DAY
from kernel.refusal import Refused
from reviews.models import Review, Series
from reviews.operations import deleting, occurrences, whole_series
from reviews.terms import Recurrence
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.django_db


@pytest.fixture
def series():
    """Every week, for a week; its first review begins at nine."""
    plan = make.plan(make.user(name="Rita"), recurrence=Recurrence.WEEKLY)
    week = replace(plan, stages=(replace(plan.stages[0], duration=7 * DAY),))
    return make.series(of=make.role(), plan=week, at=make.THE_DAY_BEFORE)


def begin(series, at=NINE):
    return occurrences.begin(make.act(at=at), series.pk)


def test_of_an_ended_series_no_further_review_begins_and_the_running_one_goes_on(admin, series):
    running = begin(series, at=make.THE_DAY_BEFORE)

    whole_series.end(make.act(by=admin), series)

    assert begin(series, at=NINE + 8 * DAY) is None
    assert list(Review.objects.running(NINE)) == [running]
    assert (seen.entry("review.series_ended").actor_name, seen.entry("review.series_ended").facts["series"]) == (
        "Ada Admin", series.pk,
    )  # fmt: skip


def test_a_series_is_ended_once(series):
    whole_series.end(make.act(), series)

    with pytest.raises(Refused, match="No further review is planned"):
        whole_series.end(make.act(), series)


def test_deleting_a_series_hides_all_its_reviews_and_none_begins(series):
    begin(series, at=make.THE_DAY_BEFORE)

    whole_series.delete(make.act(), series)

    assert begin(series, at=NINE + 8 * DAY) is None
    assert (Review.objects.shown().count(), Series.objects.shown().count()) == (0, 0)
    assert seen.entry("review.deleted").facts == {"series": series.pk, "review": None, "name": "Quarterly check"}


def test_what_was_hidden_with_a_series_comes_back_with_it_but_not_what_was_deleted_before(series):
    first, second = begin(series, at=make.THE_DAY_BEFORE), begin(series, at=NINE + 7 * DAY)
    deleting.delete(make.act(at=NINE + 7 * DAY), first)
    whole_series.delete(make.act(at=NINE + 8 * DAY), series)

    whole_series.restore(make.act(at=NINE + 8 * DAY), series)

    assert list(Review.objects.shown()) == [second]
    assert begin(series, at=NINE + 14 * DAY).number == 3


def test_a_deleted_series_is_neither_ended_nor_deleted_again(series):
    whole_series.delete(make.act(), series)

    with pytest.raises(Refused, match="Restore it first"):
        whole_series.end(make.act(), series)
    with pytest.raises(Refused, match="deleted already"):
        whole_series.delete(make.act(), series)


def test_only_a_deleted_series_is_restored(series):
    with pytest.raises(Refused, match="not deleted"):
        whole_series.restore(make.act(), series)


def test_while_results_are_applied_a_series_is_not_deleted(series):
    review = begin(series, at=make.THE_DAY_BEFORE)
    Review.objects.filter(pk=review.pk).update(closed_at=NINE, apply_asked_at=NINE)

    with pytest.raises(Refused, match="being applied"):
        whole_series.delete(make.act(), series)
