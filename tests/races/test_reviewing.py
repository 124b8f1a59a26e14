"""Two reviewers at the same moment, and the last moment of a review."""

from functools import partial

from audit.models import Entry
from kernel.period import HOUR
from reviews.models import Answer
from reviews.operations import answers
from reviews.terms import Verdict
from tests import make
from tests.make import MICROSECOND, NINE
from tests.races.together import at_once, done, refusals

LATER = NINE + HOUR


def begin(*reviewers, holders=1):
    role = make.role()
    for _ in range(holders):
        make.eligibility(of=make.user(), role=role)
    return make.review(of=role, plan=make.plan(*reviewers))


def say(by, review, verdict, *, at=LATER):
    items = list(review.items.values_list("pk", flat=True))
    return partial(answers.answer, make.act(by=by, at=at), review, items, verdict, because=f"{by.name} says so")


def test_of_two_reviewers_at_once_the_last_one_counts_and_both_stay(approver, other_approver):
    review = begin(approver, other_approver)

    outcomes = at_once(say(approver, review, Verdict.APPROVE), say(other_approver, review, Verdict.DENY))

    last, item = Answer.objects.order_by("pk").last(), review.items.get()
    assert refusals(outcomes) == []
    assert {one.verdict for one in Answer.objects.all()} == {"approve", "deny"}
    assert (item.verdict, item.decided_by, item.reason) == (last.verdict, last.by, last.reason)
    # Whoever came second told what they replaced.
    told = Entry.objects.filter(kind="review.answered").order_by("pk")
    assert [entry.facts["old_verdict"] for entry in told] == ["", told[0].facts["verdict"]]


def test_the_same_answer_pressed_twice_is_one(approver):
    review = begin(approver, holders=3)

    at_once(*[say(approver, review, Verdict.APPROVE)] * 3)

    assert (Answer.objects.count(), Entry.objects.filter(kind="review.answered").count()) == (3, 3)


def test_recommendations_that_are_followed_replace_nothing_answered_at_the_same_moment(approver, other_approver):
    review = begin(approver, other_approver, holders=3)
    follow = partial(answers.follow_recommendations, make.act(by=other_approver, at=LATER), review)

    at_once(say(approver, review, Verdict.DONT_KNOW), follow)

    verdicts = set(review.items.values_list("verdict", "decided_by"))
    assert verdicts == {("dont_know", approver.pk)}


def test_in_the_last_moment_one_can_answer_and_in_the_next_one_nobody(approver, other_approver):
    review = begin(approver, other_approver)

    outcomes = at_once(
        say(approver, review, Verdict.APPROVE, at=review.ends_at - MICROSECOND),
        say(other_approver, review, Verdict.DENY, at=review.ends_at),
    )

    assert (done(outcomes), refusals(outcomes)) == ([{"approve": 1}], [("over",)])
    assert review.items.get().decided_by == approver
