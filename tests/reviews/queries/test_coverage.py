"""Which roles were reviewed, and when last."""

import pytest

from kernel.period import DAY
from reviews.models import Review
from reviews.operations import closing
from reviews.queries import coverage
from reviews.terms import Recurrence, Verdict
from tests import make
from tests.make import NINE
from tests.reviews.saying import says

pytestmark = pytest.mark.django_db


def reviewed(role, *, ago):
    """A review of this role that was over so long ago."""
    reviewer = make.user()
    review = make.review(of=role, plan=make.plan(reviewer))
    says(reviewer, review, Verdict.APPROVE, *review.items.values_list("name", flat=True))
    Review.objects.filter(pk=review.pk).update(closed_at=NINE - ago, start_at=NINE - ago - DAY, ends_at=NINE - ago)
    return review


def held(name):
    role = make.role(name=name)
    make.eligibility(of=make.user(), role=role)
    return role


def told():
    return [(role.name, str(role.covered)) for role in coverage.roles(NINE)]


def test_privileged_roles_come_first_and_those_that_waited_longest():
    make.role(name="Teams Reader")
    for name, ago in (("Teams Administrator", 10), ("Application Administrator", 365), ("User Administrator", 364)):
        reviewed(held(name), ago=ago * DAY)
    held("Reports Reader")
    held("Helpdesk Administrator")

    assert told() == [
        ("Helpdesk Administrator", "never"),
        ("Application Administrator", "long_ago"),
        ("User Administrator", "covered"),
        ("Reports Reader", "never"),
        ("Teams Administrator", "covered"),
        ("Teams Reader", "empty"),
    ]
    assert coverage.counts(NINE) == {"never": 2, "long_ago": 1, "covered": 2, "empty": 1}


def test_a_review_counts_once_it_is_over_and_unless_it_was_deleted():
    running, deleted = held("Teams Administrator"), held("Teams Reader")
    make.review(of=running, plan=make.plan(make.user()))
    Review.objects.filter(pk=reviewed(deleted, ago=DAY).pk).update(deleted_at=NINE)

    assert told() == [("Teams Administrator", "never"), ("Teams Reader", "never")]


def test_a_review_in_which_nobody_answered_anything_does_not_count():
    review = make.review(of=held("Teams Administrator"), plan=make.plan(make.user()))

    closing.stop(make.act(), review, because="The wrong reviewers")

    assert told() == [("Teams Administrator", "never")]


def test_a_review_of_a_group_is_one_of_its_role_member():
    crew = make.group(name="Crew", members=(make.user(),))
    make.member(of=crew, who=make.user())
    reviewed(crew, ago=DAY)

    assert told() == [("Member of Crew", "covered")]


def test_the_next_review_is_told():
    role = held("Teams Administrator")
    make.series(of=role, plan=make.plan(make.user(), start_at=NINE + DAY))
    make.series(of=role, plan=make.plan(make.user(), start_at=NINE + 2 * DAY, recurrence=Recurrence.MONTHLY))

    assert coverage.roles(NINE).get().next_at == NINE + DAY


def test_a_page_shows_one_way_of_being_covered():
    held("Teams Administrator")
    make.role(name="Teams Reader")

    assert [role.name for role in coverage.page_of("empty", None, NINE)] == ["Teams Reader"]
    assert [role.name for role in coverage.page_of("nonsense", None, NINE)] == ["Teams Administrator", "Teams Reader"]
