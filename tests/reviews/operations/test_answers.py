"""Reviewers answer lines: who may, when, and what stands afterwards."""

import pytest

from accounts.models import User
from kernel.period import DAY, HOUR
from kernel.refusal import Refused
from reviews.models import Answer, Review, ReviewItem, ReviewStage
from reviews.operations import answers
from reviews.policy import LONGEST_REASON
from reviews.terms import Answered, Reviewers, StagePlan, Verdict
from roles.models import Role
from roles.operations import departures
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.django_db

LATER = NINE + HOUR
APPROVE, DENY, DONT_KNOW = Verdict.APPROVE, Verdict.DENY, Verdict.DONT_KNOW


@pytest.fixture
def rita(db):
    return make.user(name="Rita Reviewer")


@pytest.fixture
def review(rita):
    """Anna, Bert and Cora are looked at by Rita."""
    return begin(make.plan(rita))


def begin(plan, *names):
    role = make.role()
    for name in names or ("Anna", "Bert", "Cora"):
        make.eligibility(of=make.user(name=name), role=role)
    return make.review(of=role, plan=plan)


def lines(review, *names):
    found = {item.name: item.pk for item in review.items.all()}
    return [found[name] for name in names or sorted(found)]


def standing(review):
    """What stands on each line: the answer, why, and who gave it."""
    rows = review.items.values_list("name", "verdict", "reason", "decided_by__display_name")
    return {name: (verdict, reason, by) for name, verdict, reason, by in rows if verdict}


def say(by, review, *names, verdict=APPROVE, because="Needs it", at=LATER):
    return answers.answer(make.act(by=by, at=at), review, lines(review, *names), verdict, because=because)


def refused(*args, **kwargs):
    with pytest.raises(Refused) as refusal:
        say(*args, **kwargs)
    return refusal.value


# --- answering


def test_an_answer_stands_on_its_line_and_in_the_history(rita, review):
    assert say(rita, review, "Anna", verdict=DENY, because=" Left the team ") == {"deny": 1}

    item, entry = review.items.get(name="Anna"), seen.entry("review.answered")
    assert standing(review) == {"Anna": ("deny", "Left the team", "Rita Reviewer")}
    assert (item.decided_at, item.decided_in) == (LATER, review.stages.get())
    assert (entry.actor_name, entry.person_name, entry.role_name, entry.because) == (
        "Rita Reviewer", "Anna", "Teams Administrator", "Left the team",
    )  # fmt: skip
    assert entry.facts == {
        "review": review.pk, "name": "Quarterly check", "stage": 1, "verdict": "deny", "old_verdict": "",
        "is_as_recommended": False,
    }  # fmt: skip


def test_several_lines_are_answered_at_once_each_with_an_event_of_its_own(rita, review):
    assert say(rita, review, "Anna", "Cora") == {"approve": 2}

    assert standing(review).keys() == {"Anna", "Cora"}
    assert [(entry.kind, entry.person_name) for entry in seen.entries(at=LATER)] == [
        ("review.answered", "Anna"),
        ("review.answered", "Cora"),
    ]


def test_each_line_can_be_answered_in_its_own_way_in_one_go(rita, review):
    anna, bert, cora = lines(review)
    marks = [
        answers.Mark(anna, APPROVE, "Needs it"),
        answers.Mark(bert, DENY, "Left"),
        answers.Mark(cora, DONT_KNOW),
    ]

    assert answers.answer_each(make.act(by=rita), review, marks) == {"approve": 1, "deny": 1, "dont_know": 1}

    assert standing(review) == {
        "Anna": ("approve", "Needs it", "Rita Reviewer"),
        "Bert": ("deny", "Left", "Rita Reviewer"),
        "Cora": ("dont_know", "", "Rita Reviewer"),
    }


def test_the_last_answer_counts_and_the_earlier_one_stays(rita):
    otto = make.user(name="Otto")
    review = begin(make.plan(rita, otto))
    say(rita, review, "Anna", because="Needs it")

    say(otto, review, "Anna", verdict=DENY, because="She left", at=LATER + HOUR)

    assert standing(review) == {"Anna": ("deny", "She left", "Otto")}
    assert [(one.by.name, one.verdict, one.reason) for one in Answer.objects.all()] == [
        ("Rita Reviewer", "approve", "Needs it"),
        ("Otto", "deny", "She left"),
    ]
    assert seen.entries(at=LATER + HOUR)[0].facts["old_verdict"] == "approve"


def test_the_same_answer_again_is_no_second_one(rita, review):
    say(rita, review, "Anna")

    assert say(rita, review, "Anna", at=LATER + HOUR) == {}

    assert (Answer.objects.count(), seen.events(at=LATER + HOUR)) == (1, [])


@pytest.mark.parametrize(("verdict", "because"), [(DENY, "Needs it"), (APPROVE, "Still needs it")])
def test_another_verdict_or_another_reason_is_a_second_answer(rita, review, verdict, because):
    say(rita, review, "Anna")

    say(rita, review, "Anna", verdict=verdict, because=because, at=LATER + HOUR)

    assert (Answer.objects.count(), standing(review)) == (2, {"Anna": (verdict, because, "Rita Reviewer")})


def test_the_same_answer_of_somebody_else_is_theirs(rita):
    otto = make.user(name="Otto")
    review = begin(make.plan(rita, otto))
    say(rita, review, "Anna")

    assert say(otto, review, "Anna", at=LATER + HOUR) == {"approve": 1}

    assert standing(review) == {"Anna": ("approve", "Needs it", "Otto")}


def test_the_same_answer_in_the_next_stage_is_one_of_that_stage(rita):
    stage = StagePlan(chosen=make.named(rita), duration=7 * DAY)
    review = begin(make.plan(stages=(stage, stage)))
    say(rita, review, "Anna")
    first, second = review.stages.all()
    ReviewStage.objects.filter(pk=first.pk).update(handed_on_at=second.opens_at)
    ReviewItem.objects.update(stage=second)

    assert say(rita, review, "Anna", at=second.opens_at + HOUR) == {"approve": 1}

    assert review.items.get(name="Anna").decided_in == second


# --- reasons


@pytest.mark.parametrize("verdict", [APPROVE, DENY])
def test_whoever_approves_or_denies_says_why_where_the_review_asks_for_it(rita, review, verdict):
    assert refused(rita, review, verdict=verdict, because="  ").codes == ("reason",)
    assert (standing(review), seen.events(at=LATER)) == ({}, [])


def test_who_does_not_know_needs_no_reason(rita, review):
    assert say(rita, review, "Anna", verdict=DONT_KNOW, because="") == {"dont_know": 1}


def test_no_reason_is_needed_where_the_review_does_not_ask_for_it(rita):
    review = begin(make.plan(rita, needs_reason=False))

    assert say(rita, review, "Anna", because="") == {"approve": 1}


def test_a_reason_has_an_end(rita, review):
    assert refused(rita, review, because="x" * (LONGEST_REASON + 1)).codes == ("reason_long",)


# --- recommendations


def follow(by, review, *names, at=LATER):
    chosen = lines(review, *names) if names else None
    return answers.follow_recommendations(make.act(by=by, at=at), review, chosen)


@pytest.fixture
def advised(review):
    """Anna is recommended to be approved, Bert and Cora are not."""
    review.items.filter(name="Anna").update(recommendation=APPROVE, recommended_because="Was here yesterday.")
    review.items.exclude(name="Anna").update(recommendation=DENY, recommended_because="Has never signed in.")
    return review


def test_recommendations_are_followed_for_all_that_is_open_with_their_own_reasons(rita, advised):
    assert follow(rita, advised) == {"approve": 1, "deny": 2}

    assert standing(advised) == {
        "Anna": ("approve", "Was here yesterday.", "Rita Reviewer"),
        "Bert": ("deny", "Has never signed in.", "Rita Reviewer"),
        "Cora": ("deny", "Has never signed in.", "Rita Reviewer"),
    }
    assert [one.reason for one in Answer.objects.filter(is_as_recommended=True)] == [
        "Was here yesterday.", "Has never signed in.", "Has never signed in.",
    ]  # fmt: skip
    assert {entry.facts["is_as_recommended"] for entry in seen.entries(at=LATER)} == {True}


def test_recommendations_are_followed_for_the_lines_that_were_chosen(rita, advised):
    assert follow(rita, advised, "Bert") == {"deny": 1}

    assert standing(advised).keys() == {"Bert"}


def test_a_recommendation_never_replaces_an_answer_whoever_gave_it(rita):
    otto = make.user(name="Otto")
    review = begin(make.plan(rita, otto))
    say(otto, review, "Anna", verdict=DONT_KNOW, because="")

    follow(rita, review, "Anna", "Bert", at=LATER + HOUR)

    assert standing(review)["Anna"] == ("dont_know", "", "Otto")
    assert Answer.objects.count() == 2


@pytest.mark.parametrize("names", [(), ("Anna", "Bert")])
def test_where_nothing_is_open_there_is_nothing_to_follow(rita, review, names):
    say(rita, review)

    with pytest.raises(Refused) as refusal:
        follow(rita, review, *names)

    assert refusal.value.codes == ("nothing_open",)


# --- who may not, and when not


def test_nobody_decides_on_their_own_line(rita):
    role = make.role()
    make.eligibility(of=rita, role=role)
    review = make.review(of=role, plan=make.plan(rita, make.user()))

    assert refused(rita, review, "Rita Reviewer").codes == ("own_line",)
    assert standing(review) == {}


def test_nobody_decides_on_a_group_they_are_in():
    rita, role = make.user(name="Rita"), make.role()
    crew = make.group(name="Crew", members=(rita, make.user()))
    make.eligibility(of=crew, role=role)
    review = make.review(of=role, plan=make.plan(rita, make.user()))

    assert str(refused(rita, review, "Crew")) == (
        "You are in, own or can join Crew, and nobody decides on what they hold themselves. Another reviewer has to."
    )
    assert refused(rita, review, "Crew").codes == ("own_group",)


@pytest.mark.parametrize("kind", list(Role.Membership))
def test_nobody_decides_on_a_group_whose_role_they_are_eligible_for(kind):
    sly, role, crew = make.user(name="Sly"), make.role(), make.group(name="Crew")
    make.eligibility(of=sly, role=make.membership_role(of=crew, kind=kind))
    make.eligibility(of=crew, role=role)
    review = make.review(of=role, plan=make.plan(sly, make.user()))

    assert refused(sly, review, "Crew").codes == ("own_group",)


def test_an_owner_does_not_decide_on_their_group_after_stepping_out_of_it():
    olga, role = make.user(name="Olga"), make.role()
    crew = make.group(name="Crew", members=(olga,), owners=(olga,))
    make.eligibility(of=crew, role=role)
    review = make.review(of=role, plan=make.plan(olga, make.user()))

    departures.leave_group(make.act(by=olga), crew, olga)

    assert refused(olga, review, "Crew").codes == ("own_group",)


def test_who_was_eligible_for_a_group_once_decides_on_it_like_anybody():
    otto, role, crew = make.user(name="Otto"), make.role(), make.group(name="Crew")
    make.eligibility(of=otto, role=make.membership_role(of=crew), end_at=LATER)
    make.eligibility(of=crew, role=role)
    review = make.review(of=role, plan=make.plan(otto, make.user()))

    assert say(otto, review, "Crew", at=LATER) == {"approve": 1}


def test_holders_answer_for_themselves_where_they_review_themselves_and_for_nobody_else():
    review = begin(make.plan(stages=(StagePlan(Reviewers.SELF),)))
    anna = User.objects.get(display_name="Anna")

    assert say(anna, review, "Anna") == {"approve": 1}
    assert refused(anna, review, "Bert").codes == ("not_yours",)


def test_who_is_no_reviewer_does_not_answer_and_does_not_learn_who_holds_it(review):
    stranger = make.user(name="Sam")

    assert str(refused(stranger, review)) == (
        "3 lines you chose are not yours to answer now. Open the review again to see which are."
    )


def test_one_line_that_cannot_be_answered_keeps_all_from_being_saved_and_every_reason_is_told(rita):
    role = make.role()
    for name in ("Anna", "Bert"):
        make.eligibility(of=make.user(name=name), role=role)
    make.eligibility(of=rita, role=role)
    review = make.review(of=role, plan=make.plan(rita, make.user()))

    refusal = refused(rita, review, "Anna", "Rita Reviewer", because="")

    assert (refusal.codes, refusal.status, standing(review)) == (("own_line", "reason"), 409, {})


def test_a_line_of_another_review_is_not_answered_in_this_one(rita, review):
    other = begin(make.plan(rita), "Dora")

    with pytest.raises(Refused) as refusal:
        answers.answer(make.act(by=rita), review, lines(other), APPROVE, because="Fine")

    assert (refusal.value.codes, standing(other)) == (("unknown",), {})


def test_something_has_to_be_chosen(rita, review):
    with pytest.raises(Refused) as refusal:
        answers.answer(make.act(by=rita), review, [], APPROVE, because="Fine")

    assert refusal.value.codes == ("lines",)


def test_nothing_is_answered_from_the_moment_the_review_ends(rita, review):
    say(rita, review, "Anna", at=review.ends_at - make.MICROSECOND)

    assert refused(rita, review, "Bert", at=review.ends_at).codes == ("over",)
    assert standing(review).keys() == {"Anna"}


@pytest.mark.parametrize(("column", "code"), [("closed_at", "over"), ("deleted_at", "deleted")])
def test_nothing_is_answered_in_a_review_that_was_closed_or_deleted(rita, review, column, code):
    Review.objects.filter(pk=review.pk).update(**{column: NINE})

    assert refused(rita, review).codes == (code,)
    with pytest.raises(Refused, match="so nothing was saved"):
        follow(rita, review)


def test_nothing_is_answered_in_a_stage_that_is_over(rita):
    stage = StagePlan(chosen=make.named(rita), duration=7 * DAY, moves_on=frozenset({Answered.DENY}))
    review = begin(make.plan(stages=(stage, stage)))

    assert str(refused(rita, review, "Anna", at=NINE + 7 * DAY)) == (
        "Stage 1 ended at 09:00 UTC, so Anna can no longer be answered in it."
    )
    ReviewStage.objects.filter(number=1).update(handed_on_at=NINE)
    assert refused(rita, review, "Anna").codes == ("stage_over",)


def test_of_a_stage_that_is_over_only_those_learn_names_who_review_there_or_answered(rita):
    stage = StagePlan(chosen=make.named(rita), duration=7 * DAY)
    review = begin(make.plan(stages=(stage, stage)))
    say(rita, review, "Anna")
    review.stages.get(number=1).named.update(user=make.user())
    over = NINE + 7 * DAY

    assert str(refused(make.user(), review, at=over)) == (
        "3 lines you chose are not yours to answer now. Open the review again to see which are."
    )
    assert str(refused(rita, review, at=over)) == (
        "Stage 1 ended at 09:00 UTC, so Anna can no longer be answered in it. "
        "2 lines you chose are not yours to answer now. Open the review again to see which are."
    )


def test_many_names_are_told_shortly(rita):
    stage = StagePlan(chosen=make.named(rita), duration=7 * DAY, moves_on=frozenset({Answered.DENY}))
    long = begin(make.plan(stages=(stage, stage)), *(f"Person {number}" for number in range(9)))

    names = "Person 0, Person 1, Person 2, Person 3, Person 4 and 4 others"
    assert f"so {names} can no longer be answered in it." in str(refused(rita, long, at=NINE + 7 * DAY))


def test_what_somebody_answered_meanwhile_is_not_answered_with_all_that_was_open():
    role, rita, otto = make.role(), make.user(), make.user()
    for name in ("Anna", "Bert"):
        make.eligibility(of=make.user(name=name), role=role)
    review = make.review(of=role, plan=make.plan(rita, otto))
    lines = list(review.items.values_list("pk", flat=True))
    answers.answer(make.act(by=rita), review, lines[:1], Verdict.APPROVE, because="Needed")

    with pytest.raises(Refused, match="Meanwhile somebody answered"):
        answers.answer(make.act(by=otto), review, lines, Verdict.DENY, because="Left", only_open=True)

    assert [item.verdict for item in review.items.all()] == ["approve", ""]
