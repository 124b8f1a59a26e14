"""Reviewers who have not answered are written to once more."""

import pytest

from accounts.models import User
from kernel.period import DAY, HOUR
from kernel.refusal import Refused
from reviews.operations import closing, reminding
from reviews.terms import Reviewers, StagePlan, Verdict
from tests import make, seen
from tests.make import MICROSECOND, NINE
from tests.reviews.saying import says

pytestmark = pytest.mark.django_db

HALF = NINE + 7 * DAY


@pytest.fixture
def review(db):
    """Managers review: Rita has answered all of hers, Sam has not."""
    role, rita, sam = make.role(), make.user(name="Rita"), make.user(name="Sam", email="sam@example.com")
    for manager, names in ((rita, ("Anna",)), (sam, ("Bert", "Cora"))):
        for name in names:
            holder = make.user(name=name)
            User.objects.filter(pk=holder.pk).update(manager=manager)
            make.eligibility(of=holder, role=role, end_at=None)
    made = make.review(of=role, plan=make.plan(stages=(StagePlan(Reviewers.MANAGERS),)))
    says(rita, made, Verdict.APPROVE, "Anna")
    says(sam, made, Verdict.DENY, "Bert")
    return made


def remind(review, *, at, by=None):
    reminding.remind(make.act(by=by, at=at), review.stages.get().pk)


def test_at_half_time_whoever_has_open_lines_is_reminded_once(review):
    for at in (HALF - MICROSECOND, HALF, HALF + HOUR):
        remind(review, at=at)

    assert seen.emails(at=HALF - MICROSECOND) == seen.emails(at=HALF + HOUR) == []
    assert seen.emails(at=HALF) == [("review_reminder", "sam@example.com")]
    assert seen.entry("review.reminded").facts["reminded"] == ["Sam"]


@pytest.mark.parametrize("rule", ["reminds", "writes_emails"])
def test_the_clock_reminds_nobody_where_that_is_switched_off(review, rule):
    type(review).objects.filter(pk=review.pk).update(**{rule: False})

    remind(review, at=HALF)

    assert seen.events(at=HALF) == []


def test_nobody_is_reminded_of_a_review_that_has_ended(review, admin):
    closing.stop(make.act(by=admin, at=NINE + DAY), review, because="Enough")

    remind(review, at=HALF)

    assert seen.events(at=HALF) == []
    with pytest.raises(Refused) as refused:
        remind(review, at=NINE + 2 * DAY, by=admin)
    assert refused.value.codes == ("stage",)


def test_by_hand_reviewers_are_reminded_at_most_once_an_hour(review, admin):
    remind(review, at=NINE + 2 * HOUR, by=admin)

    with pytest.raises(Refused, match=r"written to at 11:00 UTC\. Remind them again from 12:00 UTC on\."):
        remind(review, at=NINE + 3 * HOUR - MICROSECOND, by=admin)

    remind(review, at=NINE + 3 * HOUR, by=admin)
    assert (
        seen.emails(at=NINE + 2 * HOUR) == seen.emails(at=NINE + 3 * HOUR) == [("review_reminder", "sam@example.com")]
    )


def test_who_was_just_told_of_the_review_is_left_alone_at_first(review, admin):
    with pytest.raises(Refused) as refused:
        remind(review, at=NINE + HOUR - MICROSECOND, by=admin)

    assert refused.value.codes == ("too_soon",)


def test_what_was_reminded_by_hand_before_half_time_is_reminded_then_all_the_same(review, admin):
    remind(review, at=NINE + DAY, by=admin)

    remind(review, at=HALF)

    assert seen.emails(at=HALF) == [("review_reminder", "sam@example.com")]


def test_where_everybody_has_answered_nobody_is_reminded(review, admin):
    says(User.objects.get(email="sam@example.com"), review, Verdict.APPROVE, "Cora")

    with pytest.raises(Refused) as refused:
        remind(review, at=NINE + DAY, by=admin)
    remind(review, at=HALF)

    assert (refused.value.codes, seen.events(at=HALF)) == (("nobody",), [])


def test_lines_that_lost_their_reviewer_go_to_the_fallback_then(admin):
    role, sam, paul = make.role(), make.user(name="Sam"), make.user(name="Paul", email="paul@example.com")
    holder = make.user(name="Bert")
    User.objects.filter(pk=holder.pk).update(manager=sam)
    make.eligibility(of=holder, role=role, end_at=None)
    stage = StagePlan(Reviewers.MANAGERS, fallback=make.named(paul))
    review = make.review(of=role, plan=make.plan(stages=(stage,)))
    User.objects.filter(pk=sam.pk).update(is_enabled=False)

    remind(review, at=HALF)

    assert seen.emails(at=HALF) == [("review_reminder", "paul@example.com")]
    assert review.items.get().is_for_fallback is True
