"""The page of what waits for my review, and the number beside its name."""

import pytest

from kernel.period import DAY, HOUR
from reviews.models import Review
from reviews.operations import answers
from reviews.terms import StagePlan, Verdict
from tests import make, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

PAGE = "/my-reviews/"


@pytest.fixture
def rita(db):
    return make.user(name="Rita Reviewer")


def begin(rita, name="Quarterly check", *, role="Teams Reader", holders=2, at=NINE - HOUR, **terms):
    subject = make.role(name=role)
    for number in range(holders):
        make.eligibility(of=make.user(name=f"Holder {number}"), role=subject, at=make.THE_DAY_BEFORE)
    return make.review(of=subject, plan=make.plan(rita, name=name, **terms), at=at)


def answer(rita, review, *, number=None, at=NINE):
    items = list(review.items.values_list("pk", flat=True))[:number]
    answers.answer(make.act(by=rita, at=at), review, items, Verdict.APPROVE, because="Needs it")


def sections(response):
    """The rows of each table, by its caption."""
    found = visit.main(response).all("table")
    return {
        table.all("caption")[0].text: [[cell.text for cell in row.all("td")] for row in table.all("tr")[1:]]
        for table in found
    }


def test_who_has_nothing_to_review_reads_what_would_be_here(stranger):
    response = visit.by(stranger).get(PAGE)

    assert visit.title(response) == "Review access"
    assert [empty.text for empty in visit.main(response).all(of="empty")] == [
        "Nothing waits for your reviewWhen you are a reviewer of a role or a group, you get an email and the "
        "review is listed here."
    ]


def test_what_is_open_comes_first_then_what_can_be_changed_then_what_is_over(rita):
    stages = (StagePlan(chosen=make.named(rita), duration=2 * DAY), StagePlan(chosen=make.named(rita)))
    over = begin(rita, "Old check", at=NINE - 20 * DAY, role="Teams Administrator")
    answer(rita, over, at=NINE - 19 * DAY)
    Review.objects.filter(pk=over.pk).update(closed_at=over.ends_at)
    later = begin(rita, "Later", role="Teams Reader")
    soon = begin(rita, "Soon", role="User Administrator", stages=stages)
    done = begin(rita, "Done", role="Groups Administrator")
    answer(rita, soon, number=1)
    answer(rita, done)

    response = visit.by(rita).get(PAGE)

    assert sections(response) == {
        "Waiting for you": [
            ["Soon, User Administrator", "User AdministratorDirectory", "25 Nov 2026, 08:00 UTC1 day 23 h left",
             "1 of 2", "1 of 2 answered"],
            ["Later, Teams Reader", "Teams ReaderDirectory", "7 Dec 2026, 08:00 UTC13 days 23 h left",
             "1 of 1", "0 of 2 answered"],
        ],
        "Answered; you can still change your answers": [
            ["Done, Groups Administrator", "Groups AdministratorDirectory", "7 Dec 2026, 08:00 UTC13 days 23 h left",
             "1 of 1", "2 of 2 answered"],
        ],
        "Over": [["Old check, Teams Administrator", "Teams AdministratorDirectory", "17 Nov 2026, 09:00 UTC"]],
    }  # fmt: skip
    assert visit.links(response)["Later, Teams Reader"] == f"/my-reviews/{later.pk}/"


def test_a_deleted_review_is_not_listed(rita):
    review = begin(rita)
    answer(rita, review, number=1)
    Review.objects.filter(pk=review.pk).update(deleted_at=NINE)

    assert sections(visit.by(rita).get(PAGE)) == {}


def test_the_review_of_a_group_says_that_it_is_one(rita):
    crew = make.group(name="Crew", members=(make.user(),))
    make.review(of=crew, plan=make.plan(rita), at=NINE - HOUR)

    assert sections(visit.by(rita).get(PAGE))["Waiting for you"][0][1] == "Crewgroup"


# --- the number, and the first page


def count(response):
    (side,) = visit.html(response).all(of="side")
    return [link.text for link in side.all("a") if link.text.startswith("Review access")]


def test_the_navigation_counts_the_open_lines(rita, stranger):
    review = begin(rita, holders=3)
    answer(rita, review, number=1)

    assert count(visit.by(rita).get(PAGE)) == ["Review access 2 waiting"]
    assert count(visit.by(stranger).get(PAGE)) == ["Review access"]


def test_the_number_ends_at_99(rita):
    crew = make.group(members=tuple(make.user() for _ in range(100)))
    make.review(of=crew, plan=make.plan(rita), at=NINE - HOUR)

    assert count(visit.by(rita).get(PAGE)) == ["Review access 99+ waiting"]


def card(response):
    found = {card.all("h2")[0].text: card for card in visit.main(response).all(of="card")}
    return found["Review access"].all("p")[0].text if "Review access" in found else None


def test_the_first_page_tells_what_waits_and_when_the_first_is_due(rita):
    begin(rita, holders=1, stages=(StagePlan(chosen=make.named(rita), duration=2 * DAY),))
    assert card(visit.by(rita).get("/")) == (
        "1 review waits for you (1 line) next due 25 Nov 2026, 08:00 UTC, 1 day 23 h left"
    )

    begin(rita, role="User Administrator")

    assert card(visit.by(rita).get("/")) == (
        "2 reviews wait for you (3 lines) next due 25 Nov 2026, 08:00 UTC, 1 day 23 h left"
    )


def test_the_first_page_is_silent_where_nothing_waits(rita):
    answer(rita, begin(rita))

    assert card(visit.by(rita).get("/")) is None
