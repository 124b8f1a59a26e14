"""The history of reviews over a span, as a file."""

import csv

import pytest

from audit.models import Entry
from tests import make, visit

pytestmark = pytest.mark.usefixtures("at_nine", "db")

SPAN = {"first_day": "2026-11-23", "last_day": "2026-11-23"}


@pytest.fixture
def review():
    """A review of one person that begins at nine."""
    role = make.role()
    make.eligibility(of=make.user(name="Anna"), role=role)
    return make.review(of=role, plan=make.plan(make.user()))


def lines(response):
    return list(csv.DictReader(b"".join(response.streaming_content).decode().splitlines()))


def test_a_report_is_downloaded_and_the_history_tells_by_whom(review, auditor):
    response = visit.by(auditor).post("/reviews/report/", SPAN)

    told = Entry.objects.get(kind="review.exported")
    assert [line["principal_name"] for line in lines(response)] == ["Anna"]
    assert response.headers["Content-Disposition"] == 'attachment; filename="access-review-history.csv"'
    assert (told.actor_name, told.facts["filters"]) == (auditor.name, "2026-11-23 to 2026-11-23")


def test_the_last_day_is_in_it_to_its_end_in_the_zone_of_the_reader(review, auditor):
    auditor.time_zone = "Pacific/Auckland"  # where it is ten in the evening
    auditor.save()

    assert len(lines(visit.by(auditor).post("/reviews/report/", SPAN))) == 1
    assert lines(visit.by(auditor).post("/reviews/report/", dict.fromkeys(SPAN, "2026-11-24"))) == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({**SPAN, "last_day": "2026-11-22"}, "Choose a last day that is not before the first."),
        ({**SPAN, "first_day": "soon"}, "Enter a valid date."),
        ({**SPAN, "last_day": "9999-12-31"}, "Choose a day before 3000."),
        ({**SPAN, "first_day": "0001-01-01"}, "Choose a day after 1999."),
    ],
)
def test_a_span_that_makes_no_sense_is_refused_in_words(review, auditor, typed, sentence):
    response = visit.by(auditor).post("/reviews/report/", typed)

    assert response.status_code == 400
    assert sentence in visit.main(response).text
    assert not Entry.objects.filter(kind="review.exported").exists()


def test_the_form_offers_the_last_ninety_days(auditor):
    page = visit.main(visit.by(auditor).get("/reviews/report/"))

    values = {field.attributes["name"]: field.attributes.get("value") for field in page.all("input")}
    assert (values["first_day"], values["last_day"]) == ("2026-08-26", "2026-11-23")


def test_only_who_reads_roles_may(user):
    assert visit.by(user).get("/reviews/report/").status_code == 403
