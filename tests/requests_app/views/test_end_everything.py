"""Ending everything one has activated, in one press."""

import pytest
from django.urls import reverse

from kernel.period import HOUR, MINUTE
from roles.models import Assignment
from tests import make, visit
from tests.make import EASY, NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


def test_each_ends_for_itself_what_is_too_young_says_why_and_what_is_scheduled_stays(user):
    old, young, later = (
        make.eligibility(of=user, role=make.role(name=name, terms=EASY))
        for name in ("Teams Administrator", "Teams Reader", "User Administrator")
    )
    ended = make.activation(by=user, of=old, at=NINE - 10 * MINUTE)
    kept = make.activation(by=user, of=young, at=NINE - MINUTE)
    planned = make.activation(by=user, of=later, at=NINE - MINUTE, start_at=NINE + HOUR)

    asked = visit.by(user).get(reverse("end_everything")).content.decode()
    done = visit.by(user).post(reverse("end_everything"), follow=True).content.decode()

    assert "What is scheduled for later stays: User Administrator" in asked
    assert "Teams Administrator is no longer active." in done
    assert "Teams Reader was not ended: A role can be deactivated 5 minutes after it was activated" in done
    ends = dict(Assignment.objects.values_list("pk", "removed_at"))
    assert ends == {ended.pk: NINE, kept.pk: None, planned.pk: None}


def test_whoever_holds_nothing_is_told_so(user):
    done = visit.by(user).post(reverse("end_everything"), follow=True).content.decode()

    assert "Nothing was active that you could end." in done
