"""Ten thousand lines answered at once, in a handful of statements: W12 in docs/faults.md."""

import re
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from audit.models import Entry
from kernel.period import HOUR
from reviews.models import Answer
from reviews.operations import answers
from reviews.terms import Verdict
from tests import make
from tests.make import NINE, THE_DAY_BEFORE

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LATER = NINE + HOUR
# The review, and for each portion of lines the lines and the stage they are in.
READS = {3: 3, 10_000: 5}
CHANGES = {3: 1, 10_000: 2}


def begin(reviewer, holders):
    """A review of a group with so many people, who are not made one by one."""
    crew = make.group()
    people = User.objects.bulk_create(
        User(email=f"many{number}@example.com", display_name=f"Person {number:05}", created_at=THE_DAY_BEFORE)
        for number in range(holders)
    )
    Membership.objects.bulk_create(Membership(group=crew, user=one, added_at=THE_DAY_BEFORE) for one in people)
    return make.review(of=crew, plan=make.plan(reviewer))


def statements(captured):
    """How many statements of each kind, but for those that write new rows in portions."""
    verbs = Counter(re.match(r"\w+", query["sql"]).group() for query in captured)
    return {verb: verbs[verb] for verb in ("SELECT", "UPDATE")}


@pytest.mark.parametrize("holders", [3, 10_000])
def test_many_lines_are_answered_in_a_few_statements_with_an_event_each(approver, holders):
    review = begin(approver, holders)
    items = list(review.items.values_list("pk", flat=True))

    with CaptureQueriesContext(connection) as captured:
        answers.answer(make.act(by=approver, at=LATER), review, items, Verdict.DENY, because="Left")

    assert statements(captured) == {"SELECT": READS[holders], "UPDATE": CHANGES[holders]}
    assert review.items.filter(verdict="deny", reason="Left").count() == holders
    assert Answer.objects.count() == Entry.objects.filter(kind="review.answered").count() == holders


@pytest.mark.parametrize("holders", [3, 10_000])
def test_many_recommendations_are_followed_in_a_few_statements(approver, holders):
    review = begin(approver, holders)

    with CaptureQueriesContext(connection) as captured:
        answers.follow_recommendations(make.act(by=approver, at=LATER), review)

    assert statements(captured) == {"SELECT": READS[holders] + 1, "UPDATE": CHANGES[holders]}
    assert not review.items.filter(verdict="").exists()
