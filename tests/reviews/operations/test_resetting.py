"""All answers of a running review are taken back."""

from dataclasses import replace

import pytest

from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refused
from notifications.email import render
from notifications.models import Email
from reviews.models import Answer, Review
from reviews.operations import closing, reminding, resetting
from reviews.terms import Answered
from tests import make, seen
from tests.make import NINE
from tests.reviews import acts

pytestmark = pytest.mark.django_db

RITA = "rita@example.com"


@pytest.fixture
def review(admin):
    """Anna and Bert hold the role; Rita reviews; it began the day before."""
    role = make.role()
    for name in ("Anna", "Bert"):
        make.eligibility(of=make.user(name=name), role=role)
    rita = make.user(name="Rita", email=RITA)
    return make.review(of=role, plan=make.plan(rita), at=make.THE_DAY_BEFORE)


def two_stages(review_of, **terms):
    first = make.plan(make.user(name="Rita"), **terms).stages[0]
    second = replace(first, chosen=make.named(make.user(name="Otto")))
    stages = (replace(first, moves_on=frozenset({Answered.DENY})), second)
    return make.review(of=review_of, plan=make.plan(stages=stages), at=make.THE_DAY_BEFORE)


def reset(review, by, *, at=NINE, because="Wrong list of leavers"):
    return resetting.reset(make.act(by=by, at=at), review, because=because)


def test_all_answers_are_taken_back_and_stay_to_be_read(admin, review):
    acts.answered(review, Anna="deny", Bert="approve")

    assert reset(review, admin) == 2

    lines = review.items.values_list("verdict", "reason", "decided_by", "decided_at", "decided_in")
    assert set(lines) == {("", "", None, None, None)}
    assert list(Answer.objects.values_list("item__name", "verdict")) == [("Anna", "deny"), ("Bert", "approve")]
    assert Review.objects.get().reset_at == NINE


def test_the_history_says_who_reset_it_why_and_how_many_answers_that_were(admin, review):
    acts.answered(review, Anna="deny")

    reset(review, admin)

    told = seen.entry("review.reset")
    assert (told.actor_name, told.because, told.facts["answers"], told.facts["review"]) == (
        "Ada Admin", "Wrong list of leavers", 1, review.pk,
    )  # fmt: skip


def test_reviewers_are_written_to_anew_and_reminded_when_half_of_the_rest_is_over(admin, review):
    """All had answered at half time, so nobody was reminded then."""
    stage = review.stages.get()
    acts.answered(review, Anna="approve", Bert="approve")
    reminding.remind(make.act(at=NINE + 6 * DAY), stage.pk)

    reset(review, admin, at=NINE + 7 * DAY)

    assert seen.emails(at=NINE + 7 * DAY) == [("review_started", RITA)]
    text = render(Email.objects.get(promised_at=NINE + 7 * DAY)).text
    assert "begins anew: all answers were taken back, 30 Nov 2026, 09:00 UTC" in " ".join(text.split())
    for days in (8, 9.9, 10, 11):
        reminding.remind(make.act(at=NINE + days * DAY), stage.pk)
    reminded = Email.objects.filter(template="review_reminder").values_list("to_address", "promised_at")
    assert list(reminded) == [(RITA, NINE + 10 * DAY)]


def test_after_a_reset_reviewers_are_left_alone_for_an_hour(admin, review):
    acts.answered(review, Anna="approve")
    reset(review, admin)

    with pytest.raises(Refused, match="They were written to at"):
        reminding.remind(make.act(by=admin, at=NINE + MINUTE), review.stages.get().pk)


def test_a_stage_that_opens_after_a_reset_tells_of_none():
    role, admin = make.role(), make.administrator()
    make.eligibility(of=make.user(name="Bert"), role=role)
    review = two_stages(role)
    acts.answered(review, Bert="approve")
    reset(review, admin)
    acts.answered(review, Bert="deny")

    closing.close(make.act(at=NINE + 13 * DAY), review.pk)

    assert "has begun" in render(Email.objects.get(promised_at=NINE + 13 * DAY)).text


def test_lines_that_an_earlier_stage_kept_come_back_into_the_open_one():
    """Nobody could answer them where they are, and silence would decide."""
    role, admin = make.role(), make.administrator()
    for name in ("Anna", "Bert"):
        make.eligibility(of=make.user(name=name), role=role)
    review = two_stages(role)
    acts.answered(review, Anna="approve", Bert="deny")
    acts.handed_on(review, NINE + 13 * DAY)

    reset(review, admin, at=NINE + 14 * DAY)

    assert set(review.items.values_list("name", "stage__number", "verdict")) == {("Anna", 2, ""), ("Bert", 2, "")}


@pytest.mark.parametrize(
    ("at", "answers", "because", "codes"),
    [
        (NINE, {}, "Wrong", ("nothing_answered",)),
        (NINE, {"Anna": "deny"}, " ", ("because",)),
        (NINE + 14 * DAY, {"Anna": "deny"}, "Wrong", ("over",)),
    ],
)
def test_what_cannot_be_reset(admin, review, at, answers, because, codes):
    acts.answered(review, **answers)

    with pytest.raises(Refused) as refused:
        reset(review, admin, at=at, because=because)

    assert refused.value.codes == codes
    assert review.items.exclude(verdict="").count() == len(answers)


def test_while_a_stage_is_handed_on_nothing_is_reset(admin):
    role = make.role()
    make.eligibility(of=make.user(name="Anna"), role=role)
    review = two_stages(role)
    acts.answered(review, Anna="approve")

    with pytest.raises(Refused, match="being handed on"):
        reset(review, admin, at=NINE + 13 * DAY + HOUR)


def test_a_deleted_review_is_not_reset(admin, review):
    acts.answered(review, Anna="deny")
    acts.deleted(review)

    with pytest.raises(Refused, match="Restore it first"):
        reset(review, admin)


def test_a_stage_that_was_handed_on_meanwhile_takes_no_lines_back():
    holder, reviewer = make.user(name="Anna"), make.user()
    role = make.role()
    make.eligibility(of=holder, role=role)
    review = make.review(of=role, plan=make.plan(stages=make.plan(reviewer).stages * 2))
    first = review.stages.get(number=1)
    acts.answered(review, by=reviewer, at=NINE + HOUR, Anna="deny")
    closing.stop_stage(make.act(at=NINE + 3 * HOUR), first)

    with pytest.raises(Refused):
        resetting.reset(make.act(at=NINE + 2 * HOUR), review, because="Wrong list")

    assert review.items.get().stage.number == 2
