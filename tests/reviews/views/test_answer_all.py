"""All open lines at once: said before, then done."""

import pytest

from kernel.period import HOUR
from reviews.models import Review, ReviewItem
from reviews.operations import answers
from reviews.terms import Verdict
from tests import make, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def rita(db):
    return make.user(name="Rita Reviewer")


@pytest.fixture
def review(rita):
    """Three lines; Cora is recommended to be denied."""
    role = make.role(name="Teams Reader")
    for name in ("Anna", "Bert", "Cora"):
        make.eligibility(of=make.user(name=name), role=role)
    review = make.review(of=role, plan=make.plan(rita), at=NINE - HOUR)
    ReviewItem.objects.update(recommendation=Verdict.APPROVE, recommended_because="Was here yesterday.")
    ReviewItem.objects.filter(name="Cora").update(
        recommendation=Verdict.DENY, recommended_because="Has never signed in."
    )
    return review


def page(review, query=""):
    return f"/my-reviews/{review.pk}/all/{query}"


def standing(review):
    rows = review.items.exclude(verdict="").values_list("name", "verdict", "reason")
    return {name: (verdict, reason) for name, verdict, reason in rows}


def answer_one(rita, review, name, verdict=Verdict.DONT_KNOW):
    answers.answer(make.act(by=rita), review, [review.items.get(name=name).pk], verdict, because="")


def test_the_page_says_how_many_lines_there_are_and_what_is_recommended(rita, review):
    response = visit.by(rita).get(page(review))

    assert visit.title(response) == "Answer 3 open lines at once"
    assert visit.buttons(response) == ["Answer 3 lines"]
    assert (
        "3 lines that nobody has answered in this stage. Recommended is to approve 2 and to deny 1 of them."
        in visit.main(response).text
    )


def test_recommendations_are_followed_for_what_is_open(rita, review):
    answer_one(rita, review, "Anna")
    browser = visit.by(rita)

    response = browser.post(page(review), {"how": "follow", "count": 2})

    assert response.url == f"/my-reviews/{review.pk}/"
    assert visit.notices(browser.get(response.url)) == [
        "Saved: 1 approved, 1 denied. All done: you can change your answers until 08:00 UTC on 7 Dec 2026."
    ]
    assert standing(review) == {
        "Anna": ("dont_know", ""),
        "Bert": ("approve", "Was here yesterday."),
        "Cora": ("deny", "Has never signed in."),
    }


@pytest.mark.parametrize("verdict", ["approve", "deny", "dont_know"])
def test_all_open_lines_are_answered_in_one_way(rita, review, verdict):
    visit.by(rita).post(page(review), {"how": verdict, "count": 3, "because": "Yes"})

    assert standing(review) == dict.fromkeys(("Anna", "Bert", "Cora"), (verdict, "Yes"))


def test_only_lines_that_fit_the_filter_are_answered_and_it_is_kept(rita, review):
    query = "?recommended=deny"
    response = visit.by(rita).get(page(review, query))
    assert "Only the lines your filter shows: 1 line that nobody has answered" in visit.main(response).text

    response = visit.by(rita).post(page(review, query), {"how": "deny", "count": 1, "because": "Left"})

    assert response.url == f"/my-reviews/{review.pk}/{query}"
    assert standing(review) == {"Cora": ("deny", "Left")}


def test_if_it_is_another_number_of_lines_by_then_nothing_is_saved(rita, review):
    answer_one(rita, review, "Anna")

    response = visit.by(rita).post(page(review), {"how": "deny", "count": 3, "because": "Left"})

    assert (response.status_code, standing(review)) == (409, {"Anna": ("dont_know", "")})
    assert visit.notices(response) == [
        "Meanwhile lines were answered, or came to you: now 2 lines are open. Nothing was saved; look again."
    ]
    assert visit.buttons(response) == ["Answer 2 lines"]
    assert visit.typed(response) == {"how": ["deny"], "because": "Left", "count": "2"}


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose how to answer these lines."),
        ({"how": "deny"}, "Say why you approve or deny: beside the line, or here for all of them."),
    ],
)
def test_what_is_missing_is_said(rita, review, sent, sentence):
    response = visit.by(rita).post(page(review), {"count": 3, **sent})

    assert (response.status_code, visit.sentences(response), standing(review)) == (400, [sentence], {})


def test_where_nothing_is_open_it_leads_back_to_the_lines(rita, review):
    Review.objects.update(closed_at=NINE, ends_at=NINE)

    assert visit.by(rita).get(page(review)).url == f"/my-reviews/{review.pk}/"


def test_what_ended_meanwhile_says_so(rita, review):
    Review.objects.update(closed_at=NINE, ends_at=NINE)

    browser = visit.by(rita)
    response = browser.post(page(review), {"how": "deny", "count": 3, "because": "Left"})

    assert visit.notices(browser.get(response.url)) == [
        "This review ended at 09:00 UTC, so nothing was saved. Ask an administrator if an answer was wrong.",
        "Nothing of this review is yours to answer now.",
    ]
