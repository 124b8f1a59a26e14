"""What can be done to a series as a whole: each page says first what will happen."""

import pytest

from kernel.period import DAY
from reviews.models import Series
from reviews.operations import occurrences, whole_series
from reviews.terms import Recurrence
from tests import make, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def series():
    """Every month; its first review runs since the day before."""
    plan = make.plan(make.user(name="Rita"), recurrence=Recurrence.MONTHLY)
    made = make.series(of=make.role(), plan=plan, at=make.THE_DAY_BEFORE)
    occurrences.begin(make.act(at=make.THE_DAY_BEFORE), made.pk)
    return made


def asked(by, series, what, **options):
    page = visit.by(by, **options).get(f"/reviews/series/{series.pk}/{what}/")
    (card,) = visit.main(page).all(of="narrow")
    return [line.text for line in card.all("p") if line.text]


def press(by, series, what):
    return visit.notices(visit.by(by).post(f"/reviews/series/{series.pk}/{what}/", follow=True))


def test_ending_says_what_begins_no_more_and_what_goes_on(admin, series):
    said = asked(admin, series, "end")

    assert said == [
        "No further review begins.",
        "The next one was to begin at 09:00 UTC on 22 Dec 2026.",
        "The one that runs goes on to its end.",
    ]
    assert press(admin, series, "end") == ["The series is ended. No further review begins."]
    assert Series.objects.get().next_at is None


def test_deleting_says_how_many_reviews_are_hidden_with_it(admin, series):
    said = asked(admin, series, "delete")

    assert said == [
        "1 review and all that were to come leave the list, and can be restored.",
        "1 review can no longer be answered. Answers given so far are kept, and come back if it is restored.",
        "What was removed already stays removed.",
    ]
    assert press(admin, series, "delete") == ["The series is deleted. You can restore it on this page."]
    assert Series.objects.get().deleted_at == NINE


def test_restoring_says_what_comes_back_and_when_the_next_one_begins(admin, series):
    whole_series.delete(make.act(by=admin), series)

    assert asked(admin, series, "restore") == [
        "1 review comes back.",
        "The next review begins at 09:00 UTC on 22 Dec 2026.",
    ]
    assert press(admin, series, "restore") == ["The series is restored."]
    assert Series.objects.get().deleted_at is None


def test_restoring_late_says_that_reviews_ended_meanwhile_and_the_next_begins_at_once(admin, series, at_nine):
    whole_series.delete(make.act(by=admin), series)
    at_nine.move_to(NINE + 40 * DAY)

    assert asked(admin, series, "restore", proven_at=NINE + 40 * DAY) == [
        "1 review comes back.",
        "1 review ended meanwhile, so the outcome is worked out at once.",
        "The next review begins at once.",
    ]


def test_what_was_ended_is_not_ended_again(admin, series):
    whole_series.end(make.act(by=admin), series)

    page = visit.by(admin).post(f"/reviews/series/{series.pk}/end/")

    assert (page.status_code, visit.notices(page)) == (400, ["No further review is planned in this series."])
