"""Whoever comes too late is told what happened, by whom and when."""

import pytest

from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refused
from roles.operations import activation, grants
from roles.queries.endings import clock_words, ended_already
from tests import make
from tests.make import NINE

pytestmark = pytest.mark.django_db

LATER = NINE + 10 * MINUTE


def told(grant, *, by=None, at=LATER):
    """What somebody reads who comes too late."""
    grant.refresh_from_db()
    return ended_already(make.act(by=by, at=at), grant)


def test_what_somebody_else_ended_is_told_with_their_name(user, admin):
    grant = make.eligibility(of=user)
    grants.remove_eligibility(make.act(by=admin), grant, because="New job")

    assert (
        told(grant, by=user).sentence == "Ada Admin ended this at 09:00 UTC already: Teams Administrator for John Doe."
    )


def test_what_one_ended_oneself_is_told_as_such(user):
    active = make.activation(by=user)
    activation.deactivate(make.act(by=user, at=LATER), active)

    assert told(active, by=user).sentence == "You ended this at 09:10 UTC already: Teams Administrator for John Doe."


def test_what_the_portal_ended_is_told_as_such(user):
    grant = make.eligibility(of=user)
    active = make.activation(by=user, of=grant)
    grants.remove_eligibility(make.act(at=LATER), grant, because="Left")

    assert told(active, by=user).sentence.startswith("The portal ended this at 09:10 UTC already")


def test_what_ended_by_its_time_is_told_with_that_time(user):
    active = make.activation(by=user)

    assert told(active, by=user, at=NINE + 2 * HOUR).sentence == "Teams Administrator ended by itself at 10:00 UTC."


def test_what_ended_another_day_is_told_with_the_day(user):
    active = make.activation(by=user)

    assert told(active, by=user, at=NINE + DAY).sentence == (
        "Teams Administrator ended by itself at 10:00 UTC on 23 Nov 2026."
    )


def test_times_in_sentences_are_in_the_readers_zone(settings):
    settings.TIME_ZONE = "Europe/Berlin"

    assert clock_words(NINE, LATER) == "10:00 CET"


def test_being_too_late_is_no_mistake_of_ones_own(user, admin):
    grant = make.assignment(of=user)
    grants.remove_assignment(make.act(by=admin), grant, because="New job")

    with pytest.raises(Refused) as caught:
        grants.remove_assignment(make.act(by=admin, at=LATER), grant, because="New job")

    assert (caught.value.codes, caught.value.status) == (("over",), 409)
