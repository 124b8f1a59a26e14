"""Results of reviews as a file."""

import csv

import pytest

from kernel.period import DAY, HOUR
from reviews.models import Review, ReviewItem
from reviews.queries import results
from reviews.queries.results import COLUMNS, Span
from reviews.terms import Answered
from tests import make
from tests.make import NINE

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(db):
    """Anna was denied, Bert was not looked at."""
    admin, rita = make.administrator(), make.user(name="Rita Reviewer", email="rita@example.com")
    role = make.role()
    for name in ("Anna", "Bert"):
        make.eligibility(of=make.user(name=name, email=f"{name.lower()}@example.com"), role=role)
    begun = make.review(of=role, plan=make.plan(rita), by=admin)
    ReviewItem.objects.filter(name="Anna").update(
        verdict="deny", reason="=left", decided_by=rita, decided_at=NINE + HOUR, decided_in=begun.stages.get()
    )
    return begun


def read(items):
    return list(csv.DictReader("".join(results.file(items, NINE + HOUR)).splitlines()))


def test_each_line_tells_the_review_who_was_looked_at_and_what_was_answered(review):
    anna, bert = read(results.of_review(review))

    assert tuple(anna) == COLUMNS
    assert len(COLUMNS) == 30
    assert {name: anna[name] for name in COLUMNS[2:] if anna[name] and not name.endswith("_id")} == {
        "resource_type": "role",
        "resource_name": "Teams Administrator (Directory)",
        "review_name": "Quarterly check",
        "created": NINE.isoformat(),
        "start": NINE.isoformat(),
        "end": (NINE + 14 * DAY).isoformat(),
        "status": "In progress",
        "owner_name": "Ada Admin",
        "owner_email": "admin@example.com",
        "principal_name": "Anna",
        "principal_email": "anna@example.com",
        "principal_type": "user",
        "review_date": (NINE + HOUR).isoformat(),
        "result": "Denied",
        "justification": "'=left",
        "reviewer_name": "Rita Reviewer",
        "reviewer_email": "rita@example.com",
        "reviewer_type": "user",
        "recommendation": "Approved",
    }
    assert (bert["principal_name"], bert["result"], bert["reviewer_name"]) == ("Bert", "Not reviewed", "")


def test_what_was_applied_is_told_with_whoever_asked_for_it(review):
    later = NINE + 2 * HOUR
    Review.objects.filter(pk=review.pk).update(closed_at=later, apply_asked_at=later, applied_at=later)
    ReviewItem.objects.filter(name="Anna").update(outcome="remove", applied="removed", applied_at=later)

    anna, bert = read(results.of_review(review))

    assert (anna["submission_result"], anna["applied_by_name"], anna["status"]) == ("Removed", "The portal", "Applied")
    assert (bert["submission_result"], bert["applied_by_name"]) == ("", "")


@pytest.mark.parametrize(
    ("span", "names"),
    [
        (Span(NINE, NINE + HOUR), ["Anna", "Bert", "Carl"]),
        (Span(NINE - HOUR, NINE), []),
        (Span(NINE, NINE + HOUR, of_groups=False), ["Anna", "Bert"]),
        (Span(NINE, NINE + HOUR, of_roles=False), ["Carl"]),
        (Span(NINE, NINE + HOUR, answers=frozenset({Answered.DENY})), ["Anna"]),
        (Span(NINE, NINE + HOUR, answers=frozenset({Answered.NOTHING})), ["Bert", "Carl"]),
    ],
)
def test_a_report_holds_the_reviews_that_began_in_the_span(review, span, names):
    make.review(of=make.group(members=(make.user(name="Carl"),)), plan=make.plan(make.user()))

    assert [line["principal_name"] for line in read(results.in_span(span))] == names


def test_deleted_reviews_stay_in_the_report(review):
    Review.objects.filter(pk=review.pk).update(deleted_at=NINE)

    assert {line["status"] for line in read(results.in_span(Span(NINE, NINE + HOUR)))} == {"Deleted"}
