"""The rules a review began with."""

import pytest

from kernel.period import DAY
from reviews.models import Series
from reviews.terms import Silence
from tests import make, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def review():
    plan = make.plan(
        make.user(name="Rita"), if_silent=Silence.REMOVE, inactive_days=90, told_addresses=("a@example.org",)
    )
    return make.review(of=make.role(), plan=plan, at=NINE - DAY)


def settings(by, review):
    return visit.by(by).get(f"/reviews/{review.pk}/settings/")


def test_everything_that_is_set_is_said_in_words(auditor, review):
    assert visit.facts(settings(auditor, review)) == {
        "Assignments": "Eligible and active",
        "People": "Those who did not sign in for 90 days",
        "Description": "–",
        "If nobody answers": "They lose it",
        "Results are applied": "When an administrator applies it",
        "Told besides the administrators": "a@example.org",
        "Have to give a reason": "Yes",
        "Get emails": "Yes",
        "Are reminded at half time": "Yes",
        "Read in the emails": "Nothing besides",
    }


def test_its_stages_are_listed(auditor, review):
    assert visit.table(settings(auditor, review)) == [["1", "Chosen people and groupsRita", "nobody", "14 days", "–"]]


def test_a_review_keeps_the_rules_it_began_with(auditor, review):
    Series.objects.update(if_silent=Silence.KEEP)

    assert visit.facts(settings(auditor, review))["If nobody answers"] == "They lose it"


def test_who_may_change_the_series_is_led_to_its_settings(admin, auditor, review):
    def leads_to(by):
        return [
            a.attributes["href"] for a in visit.main(settings(by, review)).all("a") if a.text.startswith("Settings of")
        ]

    assert (leads_to(admin), leads_to(auditor)) == ([f"/reviews/series/{review.series_id}/"], [])
