"""The list of access reviews."""

from dataclasses import replace

import pytest

from kernel.period import DAY
from reviews.models import Review
from reviews.operations import closing, deleting, occurrences, whole_series
from reviews.terms import Recurrence
from tests import make, visit
from tests.make import NINE
from tests.reviews import acts

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def rita():
    return make.user(name="Rita")


def review(rita, name="Quarterly check", role="Teams Administrator", **terms):
    """One review of Anna and Bert, begun the day before."""
    found = make.role(name=role)
    for person in ("Anna", "Bert"):
        make.eligibility(of=make.user(name=person), role=found)
    return make.review(of=found, plan=make.plan(rita, name=name, **terms), at=make.THE_DAY_BEFORE)


def names(response):
    return [row[0] for row in visit.table(response)]


def shown(name, role="Teams Administrator"):
    return f"{name} of {role}by the portal"


def test_each_review_is_listed_with_what_how_often_where_it_stands_and_when(auditor, rita):
    acts.answered(review(rita, recurrence=Recurrence.MONTHLY), Anna="deny")

    page = visit.by(auditor).get("/reviews/")

    assert visit.table(page) == [
        [
            "Quarterly check of Teams Administratorby the portal",
            "Teams Administratorrole on Directory",
            "Every month, without an end: series of Quarterly check: Teams Administratornext 22 Dec 2026, 09:00 UTC",
            "In progress1 of 2 answered",
            "22 Nov 2026, 09:00 UTC",
            "6 Dec 2026, 09:00 UTC",
        ]
    ]


def test_a_review_of_a_group_that_has_not_begun_leads_to_its_series(admin, rita):
    series = make.series(of=make.group(name="Crew"), plan=make.plan(rita, start_at=NINE + DAY), by=admin, at=NINE)

    page = visit.by(admin).get("/reviews/")

    assert visit.table(page)[0][:4] == [
        "Quarterly check of Crewby Ada Admin",
        "Crewgroup",
        "Once: series of Quarterly check: Crewnext 24 Nov 2026, 09:00 UTC",
        "Not started",
    ]
    assert visit.links(page)["Quarterly check of Crew"] == f"/reviews/series/{series.pk}/reviews/"


def everything(rita, admin):
    """One review in each state."""
    review(rita, name="Running")
    to_apply = review(rita, name="To apply", role="Teams Reader")
    acts.answered(to_apply, Anna="deny")
    closing.stop(make.act(by=admin), to_apply, because="Done")
    closing.stop(make.act(by=admin), review(rita, name="Done", role="User Administrator"), because="Done")
    make.series(of=make.role(), plan=make.plan(rita, name="Ahead", start_at=NINE + DAY))
    ended = make.series(of=make.role(), plan=make.plan(rita, name="Never", start_at=NINE + DAY))
    whole_series.end(make.act(), ended)
    gone = review(rita, name="Gone", role="Groups Administrator")
    deleting.delete(make.act(), gone)
    hidden = make.series(of=make.role(), plan=make.plan(rita, name="Hidden", start_at=NINE + DAY))
    whole_series.delete(make.act(), hidden)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Ahead", "Done", "Never", "Running", "To apply"]),
        ("standing=running", ["Running"]),
        ("standing=to_apply", ["To apply"]),
        ("standing=scheduled", ["Ahead"]),
        ("standing=finished", ["Done", "Never"]),
        ("standing=deleted", ["Gone", "Hidden"]),
        ("text=user adm", ["Done"]),
        ("text=nothing+like+it", []),
    ],
)
def test_filters(query, expected, admin, rita):
    everything(rita, admin)

    page = visit.by(admin).get(f"/reviews/?{query}")

    assert [name.partition(" of ")[0] for name in names(page)] == expected


def test_an_earlier_review_that_waits_to_be_applied_is_not_forgotten(admin, rita):
    plan = make.plan(rita, recurrence=Recurrence.WEEKLY)
    week = replace(plan, stages=(replace(plan.stages[0], duration=7 * DAY),))
    make.eligibility(of=make.user(name="Anna"), role=(role := make.role()))
    first = make.review(of=role, plan=week, at=NINE - 8 * DAY)
    acts.answered(first, Anna="deny", at=NINE - 7 * DAY)
    closing.close(make.act(at=NINE - DAY), first.pk)
    occurrences.begin(make.act(at=NINE - DAY), first.series_id)

    page = visit.by(admin).get("/reviews/?standing=to_apply")

    assert visit.links(page)["Number 1 is to be applied, of Quarterly check: Teams Administrator"] == (
        f"/reviews/{first.pk}/"
    )


def test_who_may_only_read_is_offered_no_new_one(auditor, admin):
    assert "New review" not in visit.links(visit.by(auditor).get("/reviews/"))
    assert visit.links(visit.by(admin).get("/reviews/"))["New review"] == "/reviews/add/"


def test_an_empty_list_says_what_reviews_are_for(admin):
    said = visit.main(visit.by(admin).get("/reviews/")).text

    assert "asks whoever you name, once or again and again, whether each person still needs a role or a group" in said


def test_a_filter_that_makes_no_sense_is_said(admin):
    page = visit.by(admin).get("/reviews/?standing=asleep")

    assert (page.status_code, names(page)) == (400, [])


def test_the_list_is_paged(admin, rita):
    role = make.role()
    for number in range(26):
        make.series(of=role, plan=make.plan(rita, name=f"Check {number:02}"))

    page = visit.by(admin).get("/reviews/?page=2")

    assert names(page) == [shown("Check 25")]
    assert Review.objects.count() == 0
