"""The results of a review, line by line."""

import pytest

from kernel.period import DAY, HOUR
from reviews.operations import applying, closing, resetting
from reviews.terms import Reviewers, StagePlan
from tests import make, visit
from tests.make import NINE
from tests.old_history import archive_all
from tests.reviews import acts

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def review():
    """Anna and Bert, and a group of two; Rita reviews since the day before."""
    role, crew = make.role(), make.group(name="Crew", members=(make.user(), make.user()))
    for holder in (make.user(name="Anna", email="anna@example.com"), make.user(name="Bert"), crew):
        make.eligibility(of=holder, role=role)
    return make.review(of=role, plan=make.plan(make.user(name="Rita")), at=make.THE_DAY_BEFORE)


def results(by, review, query=""):
    return visit.by(by).get(f"/reviews/{review.pk}/results/?{query}")


def names(response):
    return [row[0].partition("anna@")[0].partition("person")[0] for row in visit.table(response)]


def test_each_line_says_what_was_answered_why_by_whom_and_when(auditor, review):
    acts.answered(review, Anna="deny", because="Left the team")

    rows = visit.table(results(auditor, review))

    assert rows[0] == [
        "Annaanna@example.com",
        "Deniedrecommended: approved. Was given less than 30 days ago.",
        "Left the team",
        "Rita23 Nov 2026, 09:00 UTCstage 1",
        "–",
    ]
    assert [rows[1][1].partition("recommended")[0], rows[1][3]] == ["Not reviewed", "–"]
    assert rows[2][0] == "Crewgroup of 2"


def test_a_line_says_if_nobody_answered_because_nobody_could(auditor, admin, review):
    crew = make.review(of=review.series.role, plan=make.plan(stages=(StagePlan(Reviewers.SELF),)), at=NINE - HOUR)
    for one in (review, crew):
        closing.stop(make.act(by=admin), one, because="Enough")

    said = [visit.table(results(auditor, one))[2][4] for one in (review, crew)]

    assert said == ["Keeps it", "Keeps itnobody could answer"]


def test_earlier_answers_stay_to_be_read_and_so_does_the_reset_between_them(admin, review):
    acts.answered(review, Anna="approve", because="Needs it", at=NINE - 3 * HOUR)
    resetting.reset(make.act(by=admin, at=NINE - 2 * HOUR), review, because="Wrong list")
    acts.answered(review, Anna="dont_know", because="Not mine", at=NINE - HOUR)
    acts.answered(review, Anna="deny", because="Left", at=NINE)

    (earlier,) = visit.main(results(admin, review)).all("details")

    assert [item.text for item in earlier.all("li")] == [
        "Approved by Rita in stage 123 Nov 2026, 06:00 UTCNeeds it",
        "All answers taken back by Ada Admin23 Nov 2026, 07:00 UTCWrong list",
        "Don’t know by Rita in stage 123 Nov 2026, 08:00 UTCNot mine",
    ]


def test_after_a_reset_nothing_stands_and_the_answer_before_it_is_an_earlier_one(admin, review):
    acts.answered(review, Anna="approve", at=NINE - HOUR)
    resetting.reset(make.act(by=admin), review, because="Wrong list")

    page = results(admin, review)

    assert visit.table(page)[0][1].startswith("Not reviewed")
    assert len(visit.main(page).all("details")[0].all("li")) == 2


def test_the_last_reset_is_shown_though_the_history_that_tells_of_it_was_archived(admin, review, folder):
    acts.answered(review, Anna="approve", because="Needs it", at=NINE - HOUR)
    resetting.reset(make.act(by=admin), review, because="Wrong list")
    archive_all()

    page = visit.main(results(admin, review))

    (earlier,) = page.all("details")
    assert [item.text for item in earlier.all("li")] == [
        "Approved by Rita in stage 123 Nov 2026, 08:00 UTCNeeds it",
        "All answers taken back23 Nov 2026, 09:00 UTC",
    ]
    assert "Older events, up to 2026-11-23 09:00:00 UTC, are not shown" in page.text


def ended(admin, review):
    """Anna is denied and loses it; Bert is denied, but had it no longer."""
    acts.answered(review, Anna="deny", Bert="deny", Crew="approve")
    closing.stop(make.act(by=admin), review, because="Enough")
    bert = review.items.get(name="Bert")
    make.grants.remove_eligibility(make.act(), bert.held.get().eligibility, because="left")
    applying.ask(make.act(by=admin), review)
    applying.apply(make.act(), review.pk)


def test_what_was_done_about_each_line_is_shown(admin, review):
    ended(admin, review)

    assert [row[4] for row in visit.table(results(admin, review))] == [
        "Removed23 Nov 2026, 09:00 UTC",
        "Had it no longer23 Nov 2026, 09:00 UTC",
        "Keeps it",
    ]


def test_what_could_not_be_removed_says_why(admin):
    role = make._role("Global Administrator", make.resource())
    review = make.review(of=role, plan=make.plan(make.user()), at=make.THE_DAY_BEFORE)
    acts.answered(review, **{"Ada Admin": "deny"})
    closing.stop(make.act(by=admin), review, because="Enough")
    applying.ask(make.act(by=admin), review)
    applying.apply(make.act(), review.pk)

    (row,) = visit.table(results(admin, review))

    assert row[4].startswith(
        "Could not be removed23 Nov 2026, 09:00 UTCGlobal Administrator would have no active holder left."
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Anna", "Bert", "Crewgroup of 2"]),
        ("answer=deny", ["Anna", "Bert"]),
        ("answer=not_reviewed", []),
        ("answer=approve", ["Crewgroup of 2"]),
        ("applied=removed", ["Anna"]),
        ("applied=gone&answer=deny", ["Bert"]),
        ("applied=to_do", []),
        ("text=bER", ["Bert"]),
    ],
)
def test_filters(query, expected, admin, review):
    ended(admin, review)

    assert names(results(admin, review, query)) == expected


def test_what_is_still_to_be_removed_can_be_asked_for(admin, review):
    acts.answered(review, Anna="deny")
    closing.stop(make.act(by=admin), review, because="Enough")

    assert names(results(admin, review, "applied=to_do")) == ["Anna"]


def test_a_filter_that_makes_no_sense_is_said(auditor, review):
    page = results(auditor, review, "answer=perhaps")

    assert (page.status_code, names(page)) == (400, [])


def test_a_review_of_nobody_says_so(auditor):
    review = make.review(of=make.role(), plan=make.plan(make.user()), at=NINE - DAY)

    assert "nobody held what it looks at" in visit.main(results(auditor, review)).text


def test_fifty_lines_make_a_page(auditor):
    role = make.role()
    crew = [make.user(name=f"Person {number:02}") for number in range(51)]
    for person in crew:
        make.eligibility(of=person, role=role)
    review = make.review(of=role, plan=make.plan(make.user()), at=NINE - HOUR)

    assert [len(names(results(auditor, review, f"page={number}"))) for number in (1, 2)] == [50, 1]
