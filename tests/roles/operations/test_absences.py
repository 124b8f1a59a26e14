"""Being away, with a deputy."""

import pytest

from accounts.models import Absence
from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refused
from roles.operations import absences, departures
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.django_db


def refused(act, user, **wanted):
    """Why this absence cannot be; nothing has happened."""
    with pytest.raises(Refused) as caught:
        absences.announce(act, user, **{"start_at": NINE, "end_at": NINE + DAY, **wanted})
    assert (seen.events(at=act.at), seen.emails(at=act.at)) == ([], [])
    return caught.value.codes


def test_whoever_goes_away_names_a_deputy_who_is_told(approver, stranger):
    made = absences.announce(
        make.act(by=approver), approver, deputy=stranger, start_at=NINE + HOUR, end_at=NINE + 10 * DAY
    )

    assert (made.user, made.deputy, made.start_at, made.end_at) == (approver, stranger, NINE + HOUR, NINE + 10 * DAY)
    assert seen.events() == ["absence.announced"]
    assert seen.emails() == [("you_are_deputy", stranger.email)]


def test_an_administrator_says_so_for_somebody_who_cannot_and_both_are_told(approver, stranger, admin):
    absences.announce(make.act(by=admin), approver, deputy=stranger, start_at=NINE, end_at=NINE + DAY)

    assert seen.emails() == [("you_are_deputy", stranger.email), ("you_have_a_deputy", approver.email)]


def test_nobody_sends_somebody_else_away(approver, stranger, user):
    assert refused(make.act(by=user), approver, deputy=stranger) == ("power",)


def test_a_start_that_was_now_when_the_page_was_opened_is_now(approver, stranger):
    made = make.absence(of=approver, deputy=stranger, start_at=NINE - 5 * MINUTE, at=NINE)

    assert made.start_at == NINE


@pytest.mark.parametrize(
    ("start_at", "end_at", "codes"),
    [
        (NINE - HOUR, NINE + DAY, ("start_past",)),
        (NINE, NINE + MINUTE, ("too_short",)),
        (NINE + DAY, NINE + HOUR, ("too_short",)),
        (NINE, NINE + 181 * DAY, ("too_long",)),
        (NINE + 366 * DAY, NINE + 367 * DAY, ("start_far",)),
    ],
)
def test_a_time_that_makes_no_sense_is_refused(start_at, end_at, codes, approver, stranger):
    assert refused(make.act(by=approver), approver, deputy=stranger, start_at=start_at, end_at=end_at) == codes


def test_a_deputy_has_to_be_able_to_decide(approver, stranger):
    departures.disable(make.act(at=make.THE_DAY_BEFORE), stranger)
    stranger.refresh_from_db()

    unfit = {"oneself": approver, "disabled": stranger, "break_glass": make.break_glass()}

    for code, deputy in unfit.items():
        assert refused(make.act(by=approver, at=NINE + MINUTE), approver, deputy=deputy) == (code,)


def test_one_is_away_once_at_a_time(approver, stranger, user):
    make.absence(of=approver, deputy=stranger, start_at=NINE + DAY, end_at=NINE + 3 * DAY, at=make.THE_DAY_BEFORE)

    overlapping = {"start_at": NINE + 2 * DAY, "end_at": NINE + 5 * DAY}

    assert refused(make.act(by=approver), approver, deputy=user, **overlapping) == ("overlapping",)
    make.absence(of=approver, deputy=user, start_at=NINE + 3 * DAY, end_at=NINE + 5 * DAY)


def test_whoever_is_back_earlier_ends_it_and_the_deputy_is_told(approver, stranger):
    made = make.absence(of=approver, deputy=stranger)

    absences.end(make.act(by=approver, at=NINE + HOUR), made)

    made.refresh_from_db()
    assert made.end_at == NINE + HOUR
    assert seen.events(at=NINE + HOUR) == ["absence.ended"]
    assert seen.emails(at=NINE + HOUR) == [("deputy_released", stranger.email)]


def test_what_has_not_begun_is_called_off(approver, stranger, user):
    made = make.absence(of=approver, deputy=stranger, start_at=NINE + DAY)

    absences.end(make.act(by=approver), made)

    made.refresh_from_db()
    assert made.end_at == made.start_at
    make.absence(of=approver, deputy=user, start_at=NINE + DAY)


def test_what_is_over_is_not_ended_again(approver, stranger):
    made = make.absence(of=approver, deputy=stranger)
    absences.end(make.act(by=approver), made)

    with pytest.raises(Refused) as caught:
        absences.end(make.act(by=approver, at=NINE + MINUTE), made)

    assert (caught.value.codes, caught.value.status) == (("over",), 409)
    assert Absence.objects.count() == 1
