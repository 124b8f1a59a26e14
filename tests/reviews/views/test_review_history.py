"""What happened to a review."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from kernel.period import DAY, HOUR, MINUTE
from reviews.operations import deleting, occurrences, resetting, whole_series
from reviews.queries import history as queries
from reviews.terms import Recurrence
from tests import make, visit
from tests.make import NINE
from tests.old_history import archive_all
from tests.reviews import acts

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def review():
    make.eligibility(of=make.user(name="Anna"), role=(role := make.role()))
    plan = make.plan(make.user(name="Rita"), recurrence=Recurrence.MONTHLY)
    return make.review(of=role, plan=plan, at=make.THE_DAY_BEFORE)


def history(by, review, query=""):
    return visit.by(by).get(f"/reviews/{review.pk}/history/?{query}")


def whats(response):
    return [row[1] for row in visit.table(response)]


def test_its_events_and_those_of_its_series_newest_first(admin, review):
    acts.answered(review, at=NINE - 2 * HOUR, Anna="deny")
    resetting.reset(make.act(by=admin, at=NINE - HOUR), review, because="Wrong list")
    whole_series.end(make.act(by=admin), review.series)

    rows = visit.table(history(admin, review))

    assert [row[1] for row in rows] == [
        "Series of access reviews ended",
        "Answers of an access review reset",
        "Access reviewed",
        "Access review started",
        "Access review set up",
    ]
    assert rows[1][2:] == ["Ada Adminfrom 203.0.113.7", "–", "Wrong listAnswers taken back: 1"]


def test_nothing_of_other_reviews(auditor, review):
    """Neither of the next one of its series, nor of another series."""
    other = make.review(of=make.role(name="Teams Reader"), plan=make.plan(make.user()), at=NINE - HOUR)
    deleting.delete(make.act(), other)
    following = occurrences.begin(make.act(at=NINE + 30 * DAY), review.series_id)

    assert whats(history(auditor, review)) == ["Access review started", "Access review set up"]
    assert whats(history(auditor, following)) == ["Access review started", "Access review set up"]


def test_it_is_paged_by_key(admin, review):
    for number in range(26):
        deleting.delete(make.act(at=NINE + number * MINUTE), review)
        deleting.restore(make.act(at=NINE + number * MINUTE), review)

    first = history(admin, review)
    older = visit.links(first)["Older"]

    last = whats(visit.by(admin).get(f"/reviews/{review.pk}/history/{older}"))
    assert len(whats(first)) == 50
    assert last == [
        "Access review restored", "Access review deleted", "Access review started", "Access review set up",
    ]  # fmt: skip


def test_what_was_archived_is_said_at_the_end(auditor, review, folder):
    for number in range(30):
        deleting.delete(make.act(at=NINE + number * MINUTE), review)
        deleting.restore(make.act(at=NINE + number * MINUTE), review)
    newest = visit.main(history(auditor, review)).text
    archived = archive_all()
    deleting.delete(make.act(at=NINE), review)

    page = visit.main(history(auditor, review)).text

    assert "were archived" not in newest
    assert "Older events, up to 2026-11-23 09:29:00 UTC, are not shown: they were archived on" in page
    assert archived.file in page
    assert "Nothing here is ever changed." in page
    assert "removed" not in page


def test_the_start_names_the_first_lines_and_shows_a_digest_of_all(auditor, monkeypatch):
    monkeypatch.setattr(occurrences, "MOST_NAMES", 2)
    role = make.role()
    for name in ("Anna", "Bert", "Cora"):
        make.eligibility(of=make.user(name=name), role=role)
    review = make.review(of=role, plan=make.plan(make.user()), at=make.THE_DAY_BEFORE)

    (started, _) = visit.table(history(auditor, review))

    digest = Entry.objects.get(kind="review.started").facts["lines_digest"]
    assert started[4] == f"Lines: 3Anna, Bert and 1 moreSHA-256 of the lines: {digest}"


def test_an_index_finds_the_events(review):
    """Not by reading everything that happened since."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as captured:
        list(queries.entries(review)[:51])
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"

    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {captured[-1]['sql']}")
        plan = str(cursor.fetchall())

    assert "entry_kind" in plan, plan
    assert Entry.objects.filter(kind="review.started").count() == 1
