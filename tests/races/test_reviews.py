"""Workers, reviewers and administrators at the same review."""

from contextlib import suppress
from functools import partial

import pytest

from audit.models import Entry
from kernel.period import DAY
from kernel.refusal import Refused
from reviews.models import Review, ReviewItem
from reviews.operations import applying, closing, occurrences, reminding
from reviews.terms import Answered, Silence, StagePlan, Verdict
from roles.models import Assignment, Eligibility
from roles.operations import amendments, grants
from roles.policy import GrantAsk
from roles.queries.people import members
from tests import make, seen
from tests.make import MICROSECOND, NINE
from tests.races.together import at_once, refusals
from tests.reviews.saying import applied, says

END = NINE + 14 * DAY
NAMES = ("Anna", "Bert", "Cora", "Dirk", "Emil", "Fred")


@pytest.fixture
def role():
    """Six people are eligible for it."""
    role = make.role()
    for name in NAMES:
        make.eligibility(of=make.user(name=name), role=role, end_at=None)
    return role


def two_workers(operation, pk, *, at):
    return at_once(*[partial(operation, make.act(at=at), pk)] * 2)


def test_two_workers_begin_a_review_once(role):
    series = make.series(of=role, plan=make.plan(make.user()))

    two_workers(occurrences.begin, series.pk, at=NINE)

    assert (Review.objects.count(), ReviewItem.objects.count()) == (1, 6)
    assert seen.events().count("review.started") == 1


def test_two_workers_hand_on_remind_and_close_once(role):
    stages = (
        StagePlan(chosen=make.named(make.user()), duration=7 * DAY, moves_on=frozenset(Answered)),
        StagePlan(chosen=make.named(make.user(email="sam@example.com")), duration=7 * DAY),
    )
    review = make.review(of=role, plan=make.plan(stages=stages))
    first, second = review.stages.values_list("pk", flat=True)

    two_workers(closing.hand_on, first, at=NINE + 7 * DAY)
    two_workers(reminding.remind, second, at=NINE + 11 * DAY)
    two_workers(closing.close, review.pk, at=END)

    assert seen.events(at=NINE + 7 * DAY) == ["review.stage_ended"]
    assert seen.emails(at=NINE + 11 * DAY) == [("review_reminder", "sam@example.com")]
    assert seen.events(at=END) == ["review.finished", "review.applied"]


def to_apply(subject):
    review = make.review(of=subject, plan=make.plan(make.user(), applies_itself=True, if_silent=Silence.REMOVE))
    closing.close(make.act(at=END), review.pk)
    return review


def test_two_workers_apply_each_line_once(role):
    review = to_apply(role)

    two_workers(applying.apply, review.pk, at=END + DAY)
    # One may have left lines to the other, which was at them.
    applying.apply(make.act(at=END + DAY), review.pk)

    assert applied(review) == dict.fromkeys(NAMES, "removed")
    kinds = seen.events(at=END + DAY)
    assert [kinds.count(kind) for kind in ("eligibility.removed", "review.item_applied", "review.applied")] == [6, 6, 1]


def test_what_an_administrator_takes_away_meanwhile_is_taken_once(role):
    admin = make.administrator()
    review = to_apply(role)
    held = list(Eligibility.objects.filter(role=role).order_by("-pk"))

    def by_hand():
        refused = 0
        for eligibility in held:
            try:
                grants.remove_eligibility(make.act(by=admin, at=END + DAY), eligibility, because="Left")
            except Refused:
                refused += 1
        return refused

    _left, refused = at_once(partial(applying.apply, make.act(at=END + DAY), review.pk), by_hand)

    results = list(applied(review).values())
    assert (results.count("removed"), results.count("gone")) == (refused, 6 - refused)
    assert Entry.objects.filter(kind="eligibility.removed").count() == 6
    assert Review.objects.get(pk=review.pk).applied_at == END + DAY


def test_what_is_made_active_meanwhile_is_taken_away_all_the_same(role):
    review = to_apply(role)
    held = list(Eligibility.objects.filter(role=role).order_by("-pk"))

    def convert():
        for eligibility in held:
            with suppress(Refused):
                ask = GrantAsk(END, END + 60 * DAY, "Needs it every day")
                amendments.convert(make.act(at=END + DAY), eligibility, ask)

    at_once(partial(applying.apply, make.act(at=END + DAY), review.pk), convert)

    assert applied(review) == dict.fromkeys(NAMES, "removed")
    assert not Eligibility.objects.in_force(END + DAY).filter(role=role).exists()
    assert not Assignment.objects.in_force(END + DAY).filter(role=role).exists()


def test_members_who_activate_their_membership_meanwhile_leave_the_group_all_the_same():
    people = [make.user(name=name) for name in NAMES]
    crew = make.group(name="Crew", members=people)
    eligible = [make.eligibility(of=person, role=make.membership_role(of=crew)) for person in people]
    review = to_apply(crew)

    def activate():
        for person, eligibility in reversed(list(zip(people, eligible, strict=True))):
            with suppress(Refused):
                make.activation(by=person, of=eligibility, at=END + DAY)

    at_once(partial(applying.apply, make.act(at=END + DAY), review.pk), activate)

    assert applied(review) == dict.fromkeys(NAMES, "removed")
    assert not members(crew, END + DAY).exists()


def test_an_answer_counts_or_comes_too_late_when_the_review_closes(role):
    rita = make.user(name="Rita")
    review = make.review(of=role, plan=make.plan(rita))
    just_before = END - MICROSECOND

    told = at_once(
        partial(says, rita, review, Verdict.DENY, *NAMES, at=just_before),
        partial(closing.close, make.act(at=END), review.pk),
    )

    too_late = refusals(told)
    assert too_late in ([], [("over",)])
    expected = ("", "keep") if too_late else ("deny", "remove")
    assert set(review.items.values_list("verdict", "outcome")) == {expected}


def test_stopping_a_review_while_it_ends_ends_it_once(role):
    admin = make.administrator()
    review = make.review(of=role, plan=make.plan(make.user()))

    at_once(
        partial(closing.stop, make.act(by=admin, at=END - DAY), review, because="Enough"),
        partial(closing.close, make.act(at=END), review.pk),
    )

    assert Entry.objects.filter(kind="review.finished").count() == 1
