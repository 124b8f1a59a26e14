"""Who reviews, stage by stage."""

from dataclasses import replace

import pytest

from kernel.period import DAY, HOUR
from reviews.terms import Answered, Reviewers
from tests import make, seen, visit
from tests.make import NINE
from tests.reviews import acts

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def rita():
    return make.user(name="Rita", email="rita@example.com")


@pytest.fixture
def review(rita):
    """Anna, Bert and Rita hold the role; Rita and Otto review since the day before."""
    role, otto = make.role(), make.user(name="Otto", email="otto@example.com")
    for holder in (make.user(name="Anna"), make.user(name="Bert"), rita):
        make.eligibility(of=holder, role=role)
    return make.review(of=role, plan=make.plan(rita, otto), at=make.THE_DAY_BEFORE)


def reviewers(by, review):
    return visit.by(by).get(f"/reviews/{review.pk}/reviewers/")


def change(by, review, **typed):
    return visit.by(by).post(f"/reviews/{review.pk}/reviewers/1/", typed)


def test_each_reviewer_is_shown_with_how_many_lines_are_theirs_and_open(auditor, rita, review):
    """Nobody reviews themselves."""
    acts.answered(review, by=rita, Anna="approve")

    assert visit.table(reviewers(auditor, review)) == [
        ["Ottootto@example.com", "3", "2", "0", "–"],
        ["Ritarita@example.com", "2", "1", "1", "23 Nov 2026, 09:00 UTC"],
    ]


def test_who_has_nothing_left_is_done(auditor, rita, review):
    acts.answered(review, by=rita, Anna="approve", Bert="deny")

    assert [row[2] for row in visit.table(reviewers(auditor, review))] == ["1", "Done"]


def test_each_stage_says_who_reviews_and_what_goes_on(auditor, rita):
    stage = make.plan(rita, fallback=(make.group(name="Crew"),)).stages[0]
    managers = replace(stage, reviewers=Reviewers.MANAGERS, chosen=())
    stages = (replace(stage, moves_on=frozenset({Answered.DENY, Answered.NOTHING})), managers)
    review = make.review(of=make.role(), plan=make.plan(stages=stages), at=make.THE_DAY_BEFORE)

    shown = [
        dict(zip((term.text for term in card.all("dt")), (fact.text for fact in card.all("dd")), strict=True))
        for card in visit.main(reviewers(auditor, review)).all("dl")
    ]

    assert [(one["Who reviews"], one["Fallback reviewers"], one["Lines"]) for one in shown] == [
        ("Chosen people and groups: Rita", "Crew (group)", "0, 0 of them not answered in this stage"),
        ("The manager of each holder", "Crew (group)", "known when it opens"),
    ]
    assert shown[0]["Goes on to the next"] == "denied, not reviewed"


def test_lines_nobody_can_review_are_said(auditor):
    """Anna is her role's only reviewer."""
    anna = make.user(name="Anna")
    make.eligibility(of=anna, role=(role := make.role()))
    review = make.review(of=role, plan=make.plan(anna), at=make.THE_DAY_BEFORE)

    assert visit.notices(reviewers(auditor, review)) == [
        "1 line nobody can review: Anna. Nobody reviews themselves, or a group they are in, own or can join. Silence "
        "takes nothing away there. Add a fallback reviewer."
    ]


def test_an_administrator_reminds_whoever_has_open_lines(admin, rita, review):
    answer = visit.by(admin).post(f"/reviews/{review.pk}/reviewers/remind/", follow=True)

    assert visit.notices(answer) == ["Everybody with open lines gets an email now."]
    assert seen.emails() == [("review_reminder", "otto@example.com"), ("review_reminder", "rita@example.com")]


def test_too_soon_after_an_email_the_button_says_when(admin, review):
    visit.by(admin).post(f"/reviews/{review.pk}/reviewers/remind/")

    page = reviewers(admin, review)

    (button,) = [button for button in visit.main(page).all("button") if button.text == "Remind"]
    assert "disabled" in button.attributes
    assert "They were written to at 09:00 UTC. Remind them again from 10:00 UTC on." in visit.main(page).text
    again = visit.by(admin).post(f"/reviews/{review.pk}/reviewers/remind/", follow=True)
    assert visit.notices(again) == ["They were written to at 09:00 UTC. Remind them again from 10:00 UTC on."]


def test_once_it_is_over_nobody_is_reminded(admin, review, at_nine):
    at_nine.move_to(NINE + 13 * DAY)

    late = visit.by(admin, proven_at=NINE + 13 * DAY).post(f"/reviews/{review.pk}/reviewers/remind/")

    assert late.status_code == 404


def test_who_may_only_read_is_offered_nothing(auditor, review):
    page = reviewers(auditor, review)

    assert (visit.buttons(page), [link for link in visit.links(page) if "Change" in link]) == ([], [])


# --- changing them


def test_reviewers_are_added_and_removed(admin, review):
    make.user(name="Paul", email="paul@example.com")
    otto = review.stages.get().named.get(user__email="otto@example.com")

    answer = change(admin, review, add="paul@example.com", fall_back_on="", remove=[otto.pk])

    assert answer.headers["Location"] == f"/reviews/{review.pk}/reviewers/"
    assert [str(one) for one in review.stages.get().named.all()] == ["Rita", "Paul"]


def test_who_comes_new_is_written_to(admin, review):
    make.user(name="Paul", email="paul@example.com")

    change(admin, review, add="paul@example.com", fall_back_on="")

    assert seen.emails() == [("review_started", "paul@example.com")]


def test_what_was_typed_stays_where_it_means_nobody(admin, review):
    page = change(admin, review, add="nobody@example.com", fall_back_on="otto@example.com")

    assert (page.status_code, visit.typed(page)["add"]) == (400, "nobody@example.com")
    assert len(visit.sentences(page)) == 1


def test_the_last_reviewer_stays(admin, rita):
    review = make.review(of=make.role(), plan=make.plan(rita), at=NINE - HOUR)

    page = change(admin, review, add="", fall_back_on="", remove=[review.stages.get().named.get().pk])

    assert visit.sentences(page) == ["This stage would have no reviewer. Add somebody before you remove the last one."]


def test_a_manager_is_no_name(admin, review):
    page = change(admin, review, add="manager", fall_back_on="")

    assert visit.sentences(page) == ["“manager” is a way to choose reviewers, not a name. Name people or groups."]


def test_where_managers_review_only_fallback_reviewers_are_asked_for(admin, rita):
    stage = replace(make.plan().stages[0], reviewers=Reviewers.MANAGERS)
    review = make.review(of=make.role(), plan=make.plan(stages=(stage,)), at=NINE - HOUR)

    page = visit.by(admin).get(f"/reviews/{review.pk}/reviewers/1/")

    assert list(visit.typed(page)) == ["fall_back_on"]


def test_once_it_is_over_the_page_says_so(admin, review, at_nine):
    at_nine.move_to(NINE + 13 * DAY)

    page = visit.by(admin, proven_at=NINE + 13 * DAY).get(f"/reviews/{review.pk}/reviewers/1/")

    assert visit.notices(page) == ["This review has ended already."]


def test_a_stage_there_is_not_has_no_page(admin, review):
    assert visit.by(admin).get(f"/reviews/{review.pk}/reviewers/2/").status_code == 404
