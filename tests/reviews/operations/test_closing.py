"""The end of stages and reviews: by time, or because somebody stops them."""

from dataclasses import replace

import pytest

from kernel.period import DAY, HOUR
from kernel.refusal import Refused
from reviews.models import Review
from reviews.operations import closing
from reviews.terms import Answered, Reviewers, Silence, StagePlan, Verdict
from tests import make, seen
from tests.make import MICROSECOND, NINE
from tests.reviews.saying import outcomes, says

pytestmark = pytest.mark.django_db

END = NINE + 14 * DAY
FOUR = ("Anna", "Bert", "Cora", "Dirk")


@pytest.fixture
def rita(db):
    return make.user(name="Rita Reviewer")


@pytest.fixture
def role(db):
    """Four people are eligible for it; only Anna has been so for long, and has never signed in."""
    role = make.role(name="Exchange Administrator")
    make.eligibility(of=make.user(name="Anna"), role=role, start_at=NINE - 40 * DAY, at=NINE - 40 * DAY)
    for name in FOUR[1:]:
        make.eligibility(of=make.user(name=name), role=role)
    return role


def two_stages(first, second, *, moves_on, days=7):
    return (
        StagePlan(chosen=make.named(first), duration=days * DAY, moves_on=frozenset(moves_on)),
        StagePlan(chosen=make.named(second), duration=days * DAY),
    )


def close(review, *, at=END):
    closing.close(make.act(at=at), review.pk)
    review.refresh_from_db()
    return review


@pytest.mark.parametrize(
    ("if_silent", "anna", "dirk"),
    [(Silence.KEEP, "keep", "keep"), (Silence.REMOVE, "remove", "remove"), (Silence.RECOMMENDED, "remove", "keep")],
)
def test_what_was_denied_is_lost_and_silence_does_what_was_set(role, rita, if_silent, anna, dirk):
    review = make.review(of=role, plan=make.plan(rita, if_silent=if_silent))
    says(rita, review, Verdict.DENY, "Bert")
    says(rita, review, Verdict.DONT_KNOW, "Cora")

    close(review)

    assert outcomes(review) == {"Anna": anna, "Bert": "remove", "Cora": "keep", "Dirk": dirk}


@pytest.mark.parametrize("if_silent", [Silence.REMOVE, Silence.RECOMMENDED])
def test_silence_takes_nothing_where_nobody_could_answer(role, if_silent):
    """Nobody is Anna's manager, and she has never signed in."""
    of_managers = make.plan(stages=(StagePlan(Reviewers.MANAGERS),), if_silent=if_silent, applies_itself=True)

    review = close(make.review(of=role, plan=of_managers))

    assert outcomes(review) == dict.fromkeys(FOUR, "keep")
    assert seen.entry("review.finished").facts["counts"]["stuck"] == 4
    assert seen.queued("reviews.tasks.apply") == []


def test_what_an_earlier_stage_denied_is_lost_though_nobody_could_answer_in_the_last(role, rita):
    moves_on = frozenset({Answered.DENY, Answered.NOTHING})
    first = StagePlan(chosen=make.named(rita), duration=7 * DAY, moves_on=moves_on)
    plan = make.plan(stages=(first, StagePlan(Reviewers.MANAGERS, duration=7 * DAY)), if_silent=Silence.REMOVE)
    review = make.review(of=role, plan=plan)
    says(rita, review, Verdict.DENY, "Bert")
    close(review, at=NINE + 7 * DAY)

    close(review)

    assert outcomes(review) == {"Anna": "keep", "Bert": "remove", "Cora": "keep", "Dirk": "keep"}


def test_the_end_is_told_once_with_its_numbers(role, rita):
    review = make.review(of=role, plan=make.plan(rita))
    says(rita, review, Verdict.DENY, "Bert")

    close(review)
    close(review, at=END + HOUR)

    entry = seen.entry("review.finished")
    assert entry.facts["counts"] == {
        "lines": 4, "approved": 0, "denied": 1, "dont_know": 0, "not_reviewed": 3, "stuck": 0, "to_remove": 1,
    }  # fmt: skip
    assert (review.closed_at, review.apply_asked_at, entry.role_name) == (END, None, "Exchange Administrator")


def test_a_review_does_not_end_before_its_time(role, rita):
    review = make.review(of=role, plan=make.plan(rita))

    close(review, at=END - MICROSECOND)

    assert (review.closed_at, seen.events(at=END - MICROSECOND)) == (None, [])


def test_where_nothing_is_to_be_taken_away_all_is_done_at_once(role, rita):
    review = make.review(of=role, plan=make.plan(rita))

    close(review)

    assert review.applied_at == END
    assert seen.events(at=END) == ["review.finished", "review.applied"]
    assert seen.queued("reviews.tasks.apply") == []


def test_what_applies_itself_is_enqueued_at_the_end(role, rita):
    review = make.review(of=role, plan=make.plan(rita, applies_itself=True))
    says(rita, review, Verdict.DENY, "Bert")

    close(review)

    assert (review.apply_asked_at, review.apply_asked_by, review.applied_at) == (END, None, None)
    assert seen.queued("reviews.tasks.apply") == [review.pk]


def test_whoever_stops_a_review_that_applies_itself_does_not_apply_it(role, rita, admin):
    review = make.review(of=role, plan=make.plan(rita, applies_itself=True, if_silent=Silence.REMOVE))

    closing.stop(make.act(by=admin, at=NINE + DAY), review, because="Enough")

    review.refresh_from_db()
    assert (review.stopped_by, review.apply_asked_at, review.apply_asked_by) == (admin, NINE + DAY, None)
    assert seen.entry("review.apply_asked").actor_id is None


def test_what_a_stage_left_unanswered_goes_on_though_an_earlier_one_answered_it(role, rita):
    first, second = two_stages(rita, rita, moves_on=list(Answered), days=3)
    stages = (first, replace(first, moves_on=frozenset({Answered.NOTHING})), second)
    review = make.review(of=role, plan=make.plan(stages=stages))
    says(rita, review, Verdict.APPROVE, "Anna", "Bert")
    close(review, at=NINE + 3 * DAY)
    says(rita, review, Verdict.APPROVE, "Bert", at=NINE + 4 * DAY)
    close(review, at=NINE + 6 * DAY)

    reached = dict(review.items.values_list("name", "stage__number"))
    assert (reached["Anna"], reached["Bert"]) == (3, 2)


def test_a_stage_hands_on_the_lines_whose_answer_goes_on(role, rita):
    second = make.user(name="Sam Second")
    stages = two_stages(rita, second, moves_on=[Answered.APPROVE, Answered.NOTHING])
    review = make.review(of=role, plan=make.plan(stages=stages))
    says(rita, review, Verdict.APPROVE, "Anna")
    says(rita, review, Verdict.DENY, "Bert")
    says(rita, review, Verdict.DONT_KNOW, "Cora")

    first = review.stages.get(number=1)
    for at in (NINE + 7 * DAY - MICROSECOND, NINE + 7 * DAY, NINE + 7 * DAY + HOUR):
        closing.hand_on(make.act(at=at), first.pk)

    assert dict(review.items.values_list("name", "stage__number")) == {"Anna": 2, "Bert": 1, "Cora": 1, "Dirk": 2}
    assert seen.events(at=NINE + 7 * DAY) == ["review.stage_ended"]
    assert seen.entry("review.stage_ended").facts["moved_on"] == 2


def test_stages_that_passed_while_no_worker_ran_are_passed_in_order(role, rita):
    stages = two_stages(rita, make.user(name="Sam Second"), moves_on=[Answered.NOTHING])
    review = make.review(of=role, plan=make.plan(stages=stages))
    says(rita, review, Verdict.DENY, "Bert")

    close(review, at=NINE + 20 * DAY)

    assert seen.events(at=NINE + 20 * DAY) == ["review.stage_ended", "review.finished"]
    assert dict(review.items.values_list("name", "stage__number")) == {"Anna": 2, "Bert": 1, "Cora": 2, "Dirk": 2}
    assert [to for _template, to in seen.emails(at=NINE + 20 * DAY) if to.startswith("sam")] == []


def test_the_last_answer_counts_in_whatever_stage_it_was_given(role, rita):
    second = make.user(name="Sam Second")
    review = make.review(of=role, plan=make.plan(stages=two_stages(rita, second, moves_on=list(Answered))))
    says(rita, review, Verdict.DENY, "Anna", "Bert")
    closing.hand_on(make.act(at=NINE + 7 * DAY), review.stages.get(number=1).pk)
    says(second, review, Verdict.APPROVE, "Bert", at=NINE + 8 * DAY)

    close(review)

    assert outcomes(review) == {"Anna": "remove", "Bert": "keep", "Cora": "keep", "Dirk": "keep"}


def test_a_deleted_review_does_not_end(role, rita):
    review = make.review(of=role, plan=make.plan(rita))
    Review.objects.filter(pk=review.pk).update(deleted_at=NINE)

    close(review)

    assert review.closed_at is None


# --- stopped


def test_a_review_that_is_stopped_ends_at_once_with_what_was_answered(role, rita, admin):
    stages = two_stages(rita, make.user(), moves_on=list(Answered))
    review = make.review(of=role, plan=make.plan(stages=stages))
    says(rita, review, Verdict.DENY, "Bert")

    closing.stop(make.act(by=admin, at=NINE + DAY), review, because="The role goes away")

    review.refresh_from_db()
    assert (review.ends_at, review.closed_at, review.stopped_at, review.stopped_by) == (*[NINE + DAY] * 3, admin)
    assert list(review.stages.values_list("opens_at", "closes_at")) == [(NINE, NINE + DAY), (NINE + DAY, NINE + DAY)]
    assert outcomes(review)["Bert"] == "remove"
    entry = seen.entry("review.stopped")
    assert (entry.because, entry.facts["old_ends_at"]) == ("The role goes away", "2026-12-07T09:00:00Z")


def test_stopping_wants_a_reason_a_power_and_a_review_that_runs(role, rita, admin):
    review = make.review(of=role, plan=make.plan(rita))
    with pytest.raises(Refused) as refused:
        closing.stop(make.act(by=rita), review, because=" ")
    close(review)

    with pytest.raises(Refused) as too_late:
        closing.stop(make.act(by=admin, at=END + HOUR), review, because="Late")

    assert (refused.value.codes, too_late.value.codes) == (("power", "because"), ("over",))


def test_a_stage_that_is_stopped_lets_the_next_one_begin_and_end_earlier(role, rita, admin):
    second = make.user(name="Sam Second", email="sam@example.com")
    review = make.review(of=role, plan=make.plan(stages=two_stages(rita, second, moves_on=list(Answered))))

    closing.stop_stage(make.act(by=admin, at=NINE + 2 * DAY), review.stages.get(number=1))

    review.refresh_from_db()
    two, nine = NINE + 2 * DAY, NINE + 9 * DAY
    assert list(review.stages.values_list("opens_at", "closes_at")) == [(NINE, two), (two, nine)]
    assert (review.ends_at, review.closed_at) == (nine, None)
    assert {item.stage.number for item in review.items.all()} == {2}
    assert seen.emails(at=two) == [("review_started", "sam@example.com")]


def test_stopping_the_last_stage_ends_the_review(role, rita, admin):
    review = make.review(of=role, plan=make.plan(rita))

    closing.stop_stage(make.act(by=admin, at=NINE + DAY), review.stages.get())

    review.refresh_from_db()
    assert (review.ends_at, review.closed_at) == (NINE + DAY, NINE + DAY)
    assert seen.events(at=NINE + DAY) == ["review.stage_ended", "review.finished", "review.applied"]


@pytest.mark.parametrize(("number", "at"), [(1, NINE + 8 * DAY), (2, NINE + DAY)])
def test_only_an_open_stage_can_be_stopped(role, rita, admin, number, at):
    stages = two_stages(rita, make.user(), moves_on=list(Answered))
    review = make.review(of=role, plan=make.plan(stages=stages))

    with pytest.raises(Refused) as refused:
        closing.stop_stage(make.act(by=admin, at=at), review.stages.get(number=number))

    assert refused.value.codes == ("stage",)
