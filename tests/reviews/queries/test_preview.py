"""What a review would be like if it began now."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from kernel.period import DAY
from reviews.queries import preview
from reviews.queries.preview import MOST_SHARES, Share
from reviews.terms import Answered, Reviewers, Silence, StagePlan
from tests import make
from tests.make import NINE

pytestmark = pytest.mark.django_db


def of(subject, *stages, **terms):
    """The preview of one subject."""
    (found,) = preview.of(make.plan(stages=stages, **terms), [subject], NINE)
    return found


@pytest.fixture
def role():
    """Anna and Bert hold it; Boss manages Anna, and holds it as well."""
    made, boss = make.role(), make.user(name="Boss", email="boss@example.com")
    anna, bert = make.user(name="Anna"), make.user(name="Bert")
    User.objects.filter(pk=anna.pk).update(manager=boss)
    for holder in (anna, bert, boss):
        make.eligibility(of=holder, role=made, start_at=NINE - 60 * DAY)
    return made


def test_managers_review_their_people_the_fallback_those_without_and_nobody_the_rest(role):
    fallback = make.named(User.objects.get(email="boss@example.com"))

    (found,) = of(role, StagePlan(Reviewers.MANAGERS, fallback=fallback)).rounds

    assert found.shares == [
        Share("Boss", are_several=False, is_fallback=False, count=1, whom="Anna"),
        Share("Boss", are_several=False, is_fallback=True, count=1, whom="Bert"),
    ]
    assert (found.nobody, found.nobody_names) == (1, "Boss")


def test_holders_review_their_own_lines_and_groups_are_left_to_the_fallback(role):
    make.assignment(of=make.group(name="Crew", members=(make.user(),)), role=role)
    fallback = make.named(make.user(name="Rita"))

    (found,) = of(role, StagePlan(Reviewers.SELF, fallback=fallback)).rounds

    assert (found.own, [(one.who, one.whom) for one in found.shares], found.nobody) == (3, [("Rita", "Crew")], 0)


def test_who_reviews_together_is_shown_together_in_each_stage(role):
    panel = make.group(members=(make.user(name="Paul"), make.user(name="Rita")))
    first = StagePlan(chosen=make.named(panel))
    second = StagePlan(chosen=make.named(make.user(name="Zoe")))

    found = of(role, first, second)

    said = [[(one.who, one.are_several, one.count) for one in each.shares] for each in found.rounds]
    assert said == [[("Paul and Rita", True, 3)], [("Zoe", False, 3)]]


def test_of_very_many_reviewers_the_largest_are_shown_and_the_others_counted():
    role = make.role()
    for number in range(MOST_SHARES + 2):
        holder = make.user()
        User.objects.filter(pk=holder.pk).update(manager=make.user(name=f"Boss {number:02}"))
        make.eligibility(of=holder, role=role)
    User.objects.filter(pk=holder.pk).update(manager=User.objects.get(display_name="Boss 01"))

    (found,) = of(role, StagePlan(Reviewers.MANAGERS)).rounds

    assert (found.shares[0].who, found.shares[0].count) == ("Boss 01", 2)
    assert (len(found.shares), found.more) == (MOST_SHARES, 1)


@pytest.mark.parametrize(
    ("silence", "sentence"),
    [
        (Silence.KEEP, ""),
        (Silence.REMOVE, "If nobody answers, all 3 lose Teams Administrator."),
        (Silence.RECOMMENDED, "If nobody answers, 2 of 3 lose Teams Administrator."),
    ],
)
def test_what_silence_takes_away_is_said_with_its_number(role, silence, sentence):
    make.assignment(of=User.objects.get(display_name="Anna"), role=role, start_at=NINE - 2 * DAY)

    assert of(role, StagePlan(Reviewers.SELF), if_silent=silence).silence == sentence


def test_silence_takes_nothing_where_nobody_can_review(role):
    """Only Anna has a manager; in the second stage, Rita reviews all that goes on."""
    by_managers = StagePlan(Reviewers.MANAGERS)
    ends_there = replace(by_managers, moves_on=frozenset({Answered.APPROVE}))
    rita = StagePlan(chosen=make.named(make.user(name="Rita")))
    nobody = make.group(name="Crew", members=(make.user(),))

    said = [
        of(role, *stages, if_silent=Silence.REMOVE).silence
        for stages in ((by_managers,), (ends_there, rita), (by_managers, rita))
    ]
    of_group = of(nobody, by_managers, if_silent=Silence.REMOVE).silence

    one, all_of_them = (f"If nobody answers, {who} Teams Administrator." for who in ("1 of 3 loses", "all 3 lose"))
    assert said == [one, one, all_of_them]
    assert of_group == "If nobody answers, nobody loses their place in Crew, because nobody could."


def test_where_the_recommendations_keep_everybody_that_is_said():
    role = make.role()
    make.eligibility(of=make.user(), role=role)
    make.eligibility(of=make.user(), role=role)

    found = of(role, StagePlan(Reviewers.SELF), if_silent=Silence.RECOMMENDED)

    assert found.silence == "If nobody answers, nobody loses Teams Administrator, as the recommendations stand."


def test_where_nobody_holds_it_nothing_is_said():
    found = of(make.role(), StagePlan(Reviewers.SELF), if_silent=Silence.REMOVE)

    assert (found.count, found.silence, found.rounds[0].shares) == (0, "", [])


def test_people_are_counted_in_groups_and_only_administrators_are_kept(role, admin):
    make.assignment(of=make.group(members=(make.user(), make.user())), role=role)

    found, administrators = preview.of(
        make.plan(make.user()), [role, make._role("Global Administrator", make.resource())], NINE
    )

    assert (found.count, found.groups, found.people_in_groups, found.keeps_last) == (4, 1, 2, False)
    assert (administrators.count, administrators.keeps_last) == (1, True)


def test_any_number_of_lines_costs_the_same_queries(role):
    plan = make.plan(make.user(), make.group(members=(make.user(),)))

    def asked():
        with CaptureQueriesContext(connection) as captured:
            preview.of(plan, [role], NINE)
        return len(captured)

    with_three = asked()
    for _ in range(5):
        make.eligibility(of=make.user(), role=role)
        make.assignment(of=make.group(members=(make.user(),)), role=role)

    # With groups among the lines, who is in them is read as well: once.
    assert (with_three, asked()) == (12, 13)
