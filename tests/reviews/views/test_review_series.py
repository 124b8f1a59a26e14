"""A series of reviews."""

import pytest

from kernel.period import DAY
from reviews.operations import occurrences, whole_series
from reviews.terms import Recurrence
from tests import make, visit
from tests.make import NINE
from tests.reviews import acts

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def series(admin):
    plan = make.plan(make.user(name="Rita"), recurrence=Recurrence.MONTHLY, occurrences=12)
    make.eligibility(of=make.user(name="Anna"), role=(role := make.role()), end_at=NINE + 60 * DAY)
    return make.series(of=role, plan=plan, by=admin, at=make.THE_DAY_BEFORE)


def shown(by, series):
    return visit.by(by).get(f"/reviews/series/{series.pk}/reviews/")


def test_it_says_when_its_reviews_come(auditor, series):
    page = shown(auditor, series)

    facts = visit.facts(page)
    assert visit.title(page) == "Series Quarterly check Next one planned"
    assert [facts[term] for term in ("How often", "At", "Next start", "Set up by")] == [
        "Every month, 12 times",
        "09:00 UTC",
        "22 Nov 2026, 09:00 UTC",
        "Ada Admin, 22 Nov 2026, 09:00 UTC",
    ]


def test_its_reviews_are_listed_newest_first(auditor, series):
    first = occurrences.begin(make.act(at=make.THE_DAY_BEFORE), series.pk)
    acts.answered(first, Anna="deny")
    occurrences.begin(make.act(at=NINE + 30 * DAY), series.pk)

    assert [[row[0], row[3], row[4]] for row in visit.table(shown(auditor, series))] == [
        ["2, review of this series", "In progress", "0 of 1"],
        ["1, review of this series", "In progress", "1 of 1"],
    ]


def offered(response):
    found = visit.main(response)
    return [one.text for one in found.all("a", "button") if "btn" in one.classes]


def test_it_can_be_ended_and_deleted(admin, auditor, series):
    assert offered(shown(admin, series)) == ["Change settings", "End series", "Delete series"]
    assert offered(shown(auditor, series)) == []


def test_an_ended_series_says_why_it_cannot_be_ended(admin, series):
    whole_series.end(make.act(by=admin), series)

    page = shown(admin, series)

    assert visit.title(page) == "Series Quarterly check Ended"
    assert "No further review is planned in this series." in visit.main(page).text
    assert visit.buttons(page) == ["End series"]


def test_a_deleted_series_can_only_be_restored(admin, series):
    whole_series.delete(make.act(by=admin), series)

    page = shown(admin, series)

    assert (visit.title(page), offered(page)) == ("Series Quarterly check Deleted", ["Restore"])
