"""Who reviews is changed while the review runs."""

from dataclasses import replace

import pytest

from accounts.models import User
from accounts.operations import people
from kernel.period import DAY, HOUR
from kernel.refusal import Refused
from notifications.models import Email
from reviews.models import Review
from reviews.operations import closing, reviewers
from reviews.operations.reviewers import Change
from reviews.queries import answerable
from reviews.terms import Outcome, Reviewers, Silence, StagePlan
from roles.operations import departures
from tests import make, seen
from tests.make import NINE
from tests.reviews import acts

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita():
    return make.user(name="Rita")


@pytest.fixture
def review(rita):
    """Anna holds the role; Rita reviews; it began the day before."""
    role = make.role()
    make.eligibility(of=make.user(name="Anna"), role=role)
    return make.review(of=role, plan=make.plan(rita), at=make.THE_DAY_BEFORE)


def change(review, *, by=None, at=NINE, **wanted):
    reviewers.change(make.act(by=by, at=at), review.stages.get(), Change(**wanted))


def may_answer(person):
    person.refresh_from_db()
    return [item.name for item in answerable.by(person, NINE)]


def test_somebody_else_reviews_from_now_on(rita, review):
    otto, crew = make.user(name="Otto"), make.group(name="Crew", members=(paul := make.user(name="Paul"),))

    change(review, add=[otto, crew], remove=[rita])

    assert [may_answer(person) for person in (rita, otto, paul)] == [[], ["Anna"], ["Anna"]]


def test_answers_given_already_stand(rita, review):
    acts.answered(review, by=rita, Anna="deny")

    change(review, add=[make.user()], remove=[rita])

    assert review.items.get().verdict == "deny"


def test_the_history_names_who_came_and_who_went(admin, rita, review):
    change(review, by=admin, add=[make.user(name="Otto")], fall_back_on=[make.user(name="Paul")], remove=[rita])

    told = seen.entry("review.reviewers_changed")
    assert (told.actor_name, told.facts["stage"], told.facts["added"], told.facts["removed"]) == (
        "Ada Admin", 1, ["Otto", "Paul (fallback)"], ["Rita"],
    )  # fmt: skip


def test_a_fallback_reviewer_gets_the_lines_nobody_else_can_review():
    """Anna has no manager."""
    role, paul = make.role(), make.user(name="Paul")
    make.eligibility(of=make.user(name="Anna"), role=role)
    by_managers = replace(make.plan().stages[0], reviewers=Reviewers.MANAGERS)
    review = make.review(of=role, plan=make.plan(stages=(by_managers,)), at=make.THE_DAY_BEFORE)

    change(review, fall_back_on=[paul])

    assert may_answer(paul) == ["Anna"]


def test_who_holds_what_is_reviewed_never_reviews_themselves_however_they_were_added(review):
    anna = review.items.get().user

    change(review, add=[anna])

    assert may_answer(anna) == []


def disabled():
    somebody = make.user(name="Dora")
    departures.disable(make.act(), somebody)
    somebody.refresh_from_db()
    return somebody


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (lambda rita: {}, "nothing"),
        (lambda rita: {"add": [rita]}, "nothing"),
        (lambda rita: {"remove": [rita]}, "last_reviewer"),
        (lambda rita: {"add": [disabled()]}, "reviewer"),
        (lambda rita: {"fall_back_on": [make.break_glass()]}, "reviewer"),
    ],
)
def test_what_makes_no_sense(wanted, code, rita, review):
    with pytest.raises(Refused) as refused:
        change(review, **wanted(rita))

    assert refused.value.codes == (code,)
    assert [str(one) for one in review.stages.get().named.all()] == ["Rita"]


def test_where_managers_review_nobody_is_added_by_name():
    by_managers = replace(make.plan().stages[0], reviewers=Reviewers.MANAGERS)
    review = make.review(of=make.role(), plan=make.plan(stages=(by_managers,)), at=make.THE_DAY_BEFORE)

    with pytest.raises(Refused, match="the manager of each holder, nobody by name"):
        change(review, add=[make.user()])


def test_once_the_review_is_over_nobody_is_added(review):
    with pytest.raises(Refused, match="ended already"):
        change(review, at=NINE + 13 * DAY, add=[make.user()])


def test_nobody_is_added_to_a_stage_that_is_over():
    first = make.plan(make.user(name="Rita")).stages[0]
    review = make.review(of=make.role(), plan=make.plan(stages=(first, first)), at=make.THE_DAY_BEFORE)

    with pytest.raises(Refused, match="Stage 1 is over"):
        reviewers.change(make.act(at=NINE + 14 * DAY), review.stages.first(), Change(add=[make.user()]))


def test_a_stage_still_ahead_is_changed_as_well():
    first = make.plan(make.user(name="Rita")).stages[0]
    review = make.review(of=make.role(), plan=make.plan(stages=(first, first)), at=make.THE_DAY_BEFORE)

    reviewers.change(make.act(), review.stages.last(), Change(add=[make.user(name="Otto")]))

    assert [str(one) for one in review.stages.last().named.all()] == ["Rita", "Otto"]


def test_fallback_reviewers_are_only_added(review):
    paul = make.user(name="Paul")
    change(review, fall_back_on=[paul])

    with pytest.raises(Refused, match="Name somebody"):
        change(review, remove=[paul])


# --- reviewers who leave meanwhile


@pytest.mark.parametrize("terms", [{}, {"writes_emails": False, "reminds": False}])
@pytest.mark.parametrize("chosen", [True, False])
def test_what_a_disabled_reviewer_leaves_goes_to_the_fallback_and_back_when_they_return(chosen, terms):
    rita, paul = make.user(name="Rita"), make.user(name="Paul")
    role = make.role()
    make.eligibility(of=(anna := make.user(name="Anna")), role=role)
    User.objects.filter(pk=anna.pk).update(manager=rita)
    named, kind = (make.named(rita), Reviewers.CHOSEN) if chosen else ((), Reviewers.MANAGERS)
    stage = StagePlan(kind, chosen=named, fallback=make.named(paul))
    review = make.review(of=role, plan=make.plan(stages=(stage,), **terms), at=make.THE_DAY_BEFORE)
    departures.disable(make.act(), rita)

    fall_back(review)
    assert [may_answer(person) for person in (rita, paul)] == [[], ["Anna"]]
    assert seen.emails() == ([] if terms else [("review_started", paul.email)])

    people.enable(make.act(), rita)
    fall_back(review)
    assert [may_answer(person) for person in (rita, paul)] == [["Anna"], []]


def test_once_nobody_is_left_to_answer_administrators_are_told_and_silence_takes_nothing(admin, rita, review):
    Review.objects.update(if_silent=Silence.REMOVE, applies_itself=True)
    departures.disable(make.act(), rita)

    for at in (NINE, NINE + HOUR):
        fall_back(review, at=at)
    closing.close(make.act(at=NINE + 13 * DAY), review.pk)

    assert [seen.emails(at=at) for at in (NINE, NINE + HOUR)] == [[("review_stuck", admin.email)], []]
    assert review.items.get().outcome == Outcome.KEEP


def test_once_the_fallback_reviewers_have_left_as_well_administrators_are_told(admin, rita, review):
    change(review, by=admin, fall_back_on=[paul := make.user(name="Paul")])

    for at, somebody in ((NINE, rita), (NINE + HOUR, paul)):
        departures.disable(make.act(at=at), somebody)
        fall_back(review, at=at)

    assert Email.objects.get(template="review_stuck").promised_at == NINE + HOUR


def test_who_was_to_review_themselves_and_is_disabled_is_silent():
    role, anna = make.role(), make.user(name="Anna")
    make.eligibility(of=anna, role=role)
    plan = make.plan(stages=(StagePlan(Reviewers.SELF),), if_silent=Silence.REMOVE)
    review = make.review(of=role, plan=plan, at=make.THE_DAY_BEFORE)
    departures.disable(make.act(), anna)

    fall_back(review)
    closing.stop(make.act(at=NINE + HOUR), review, because="Enough")

    assert review.items.get().outcome == Outcome.REMOVE
    assert not Email.objects.filter(template="review_stuck").exists()


def test_once_somebody_can_answer_again_silence_counts_again(admin, rita, review):
    Review.objects.update(if_silent=Silence.REMOVE)
    departures.disable(make.act(), rita)
    fall_back(review)

    change(review, by=admin, add=[make.user(name="Otto")])
    closing.close(make.act(at=NINE + 13 * DAY), review.pk)

    assert review.items.get().outcome == Outcome.REMOVE


def test_once_a_review_is_over_nobody_falls_back():
    rita, paul = make.user(name="Rita"), make.user(name="Paul")
    role = make.role()
    make.eligibility(of=make.user(name="Anna"), role=role)
    review = make.review(of=role, plan=make.plan(rita, fallback=(paul,)), at=make.THE_DAY_BEFORE)
    departures.disable(make.act(), rita)

    fall_back(review, at=NINE + 20 * DAY)

    assert review.items.get().is_for_fallback is False


def fall_back(review, *, at=NINE):
    reviewers.fall_back(make.act(at=at), review.stages.get().pk)
