"""The results of one review, as a file."""

import csv

import pytest

from audit.models import Entry
from reviews.models import Review
from tests import make, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def review():
    """A review of two people."""
    role = make.role()
    for name in ("Anna", "Bert"):
        make.eligibility(of=make.user(name=name), role=role)
    return make.review(of=role, plan=make.plan(make.user()))


def test_the_results_are_downloaded_at_any_time_and_the_history_tells_it(review, auditor):
    response = visit.by(auditor).post(f"/reviews/{review.pk}/export/")

    lines = list(csv.DictReader(b"".join(response.streaming_content).decode().splitlines()))
    assert [line["principal_name"] for line in lines] == ["Anna", "Bert"]
    assert Entry.objects.get(kind="review.exported").facts["review"] == review.pk


def test_a_deleted_review_is_not_there(review, auditor):
    Review.objects.filter(pk=review.pk).update(deleted_at=NINE)

    assert visit.by(auditor).post(f"/reviews/{review.pk}/export/").status_code == 404


def test_only_who_reads_roles_may(review, user):
    assert visit.by(user).post(f"/reviews/{review.pk}/export/").status_code == 403
