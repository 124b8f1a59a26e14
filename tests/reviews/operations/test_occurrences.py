"""Reviews begin by the clock: who holds the role then, once for each occurrence."""

from dataclasses import replace

import pytest

from audit.models import Entry
from kernel.period import DAY, HOUR
from reviews.models import Review, ReviewItem
from reviews.operations import occurrences
from reviews.terms import Holding, Recurrence
from roles.operations import grants
from roles.policy import GrantAsk
from tests import make
from tests.make import EASY, NINE

pytestmark = pytest.mark.django_db


def begin(series, *, at=NINE):
    return occurrences.begin(make.act(at=at), series.pk)


def test_a_review_has_a_line_for_everybody_who_holds_the_role_eligible_or_active():
    role, reviewer = make.role(), make.user(name="Rita Reviewer")
    crew = make.group(name="Crew", members=(make.user(), make.user()))
    anna, bert = make.user(name="Anna"), make.user(name="Bert")
    make.eligibility(of=anna, role=role)
    make.assignment(of=anna, role=role)
    make.assignment(of=bert, role=role)
    make.eligibility(of=crew, role=role)

    review = make.review(of=role, plan=make.plan(reviewer))

    assert [(item.name, item.size, item.held.count()) for item in review.items.all()] == [
        ("Anna", 1, 2),
        ("Bert", 1, 1),
        ("Crew", 2, 1),
    ]
    assert (review.start_at, review.ends_at) == (NINE, NINE + 14 * DAY)


@pytest.mark.parametrize(
    ("holding", "names"), [(Holding.ELIGIBLE, ["Anna"]), (Holding.ACTIVE, ["Bert"]), (Holding.ALL, ["Anna", "Bert"])]
)
def test_a_review_looks_at_what_was_chosen(holding, names):
    role, reviewer = make.role(terms=EASY), make.user()
    eligibility = make.eligibility(of=make.user(name="Anna"), role=role)
    make.assignment(of=make.user(name="Bert"), role=role)
    make.role_request(by=eligibility.user, for_=eligibility)

    review = make.review(of=role, plan=make.plan(reviewer, holding=holding))

    assert [item.name for item in review.items.all()] == names


def test_a_review_of_a_group_has_a_line_for_each_member_however_they_are_in_it():
    anna, bert = make.user(name="Anna"), make.user(name="Bert")
    crew = make.group(members=(anna,))
    make.member(of=crew, who=bert)

    review = make.review(of=crew, plan=make.plan(make.user()))

    assert [(item.name, item.held.get().member_since) for item in review.items.all()] == [
        ("Anna", make.THE_DAY_BEFORE),
        ("Bert", None),
    ]


def test_what_was_taken_away_or_came_later_is_not_in_the_review():
    role = make.role()
    gone = make.eligibility(of=make.user(name="Anna"), role=role)
    grants.remove_eligibility(make.act(at=NINE - HOUR), gone, because="left")
    review = make.review(of=role, plan=make.plan(make.user()))
    make.eligibility(of=make.user(name="Bert"), role=role)

    assert list(review.items.all()) == []


def test_break_glass_accounts_are_not_reviewed():
    glass = make.break_glass()
    role = glass_role()

    review = make.review(of=role, plan=make.plan(make.user()))

    assert not review.items.filter(user=glass).exists()


def glass_role():
    make.administrator()
    return make._role("Global Administrator", make.resource())


def test_the_evidence_is_that_of_the_moment_it_began():
    role = make.role(terms=EASY)
    anna, admin = make.user(name="Anna"), make.administrator()
    since_then = GrantAsk(NINE - 3 * HOUR, None, "Project Falcon")
    eligibility = grants.make_eligible(make.act(by=admin, at=NINE - 3 * HOUR), role, since_then, to=anna)
    make.role_request(by=anna, for_=eligibility, at=NINE - 2 * HOUR)
    make.group(members=(anna, make.user(), admin))

    item = make.review(of=role, plan=make.plan(make.user())).items.get()
    make.role_request(by=anna, for_=eligibility, at=NINE + HOUR)

    item.refresh_from_db()
    assert (item.uses, item.last_used_at, item.granted_by_name) == (1, NINE - 2 * HOUR, "Ada Admin")
    assert (item.peers, item.peers_holding) == (2, 0)


def test_an_occurrence_begins_once_and_the_next_one_when_it_is_due():
    series = make.series(of=make.role(), plan=make.plan(make.user(), recurrence=Recurrence.MONTHLY))

    first, again, second = begin(series), begin(series), begin(series, at=NINE + 30 * DAY)

    assert (first.number, again, second.number) == (1, None, 2)
    assert Review.objects.count() == 2


def test_occurrences_nobody_looked_after_are_skipped_and_told():
    series = make.series(
        of=make.role(), plan=make.plan(make.user(), recurrence=Recurrence.WEEKLY, stages=(one_week(),))
    )
    begin(series)

    late = begin(series, at=NINE + 22 * DAY)

    skipped = Entry.objects.filter(kind="review.skipped").order_by("pk")
    assert late.number == 4
    assert [entry.facts["number"] for entry in skipped] == [2, 3]


def one_week():
    return replace(make.plan(make.user()).stages[0], duration=7 * DAY)


def test_a_review_begins_only_when_its_start_has_come():
    series = make.series(of=make.role(), plan=make.plan(make.user(), start_at=NINE + DAY))

    assert begin(series, at=NINE + DAY - HOUR) is None
    assert begin(series, at=NINE + DAY).number == 1
    assert ReviewItem.objects.count() == 0
