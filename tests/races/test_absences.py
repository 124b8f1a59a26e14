"""Going away, standing in and coming back at the same moment."""

from functools import partial

from accounts.models import Absence
from kernel.period import DAY, HOUR, MINUTE
from requests_app.models import Decision, RoleRequest
from requests_app.operations import approval, waiting
from roles.operations import absences, departures
from tests import make, seen
from tests.make import NINE
from tests.races.together import at_once, done, refusals

LATER = NINE + HOUR


def again(role_request):
    return RoleRequest.objects.with_names().get(pk=role_request.pk)


def test_of_two_absences_at_once_one_is_announced(approver, stranger):
    announce = partial(
        absences.announce, make.act(by=approver), approver, deputy=stranger, start_at=NINE, end_at=NINE + DAY
    )

    outcomes = at_once(announce, announce)

    assert refusals(outcomes) == [("overlapping",)]
    assert (Absence.objects.count(), seen.events()) == (1, ["absence.announced"])


def test_a_deputy_and_whoever_came_back_decide_at_once_and_one_of_them_counts(user, approver, stranger):
    role_request = make.role_request(by=user, approvers=(approver,))
    absence = make.absence(of=approver, deputy=stranger)
    absences.end(make.act(by=approver, at=LATER), absence)

    outcomes = at_once(
        partial(approval.approve, make.act(by=stranger, at=LATER - MINUTE), again(role_request), because="On call"),
        partial(approval.approve, make.act(by=approver, at=LATER + MINUTE), again(role_request), because="Back"),
    )

    assert len(done(outcomes)) == Decision.objects.count() == 1


def test_that_nobody_can_decide_is_told_once_however_many_workers_look(user, approver, admin):
    role_request = make.role_request(by=user, approvers=(approver,))
    departures.disable(make.act(at=NINE), approver)

    at_once(*[partial(waiting.tell_stranded, make.act(at=LATER), role_request.pk)] * 4)

    assert seen.events(at=LATER) == ["request.stranded"]
    assert seen.emails(at=LATER) == [("nobody_can_decide", admin.email), ("your_request_is_stuck", user.email)]


def test_a_deputy_is_written_to_once_however_many_workers_look(user, approver, stranger):
    make.role_request(by=user, approvers=(approver,))
    absence = make.absence(of=approver, deputy=stranger)

    at_once(*[partial(waiting.hand_over, make.act(at=LATER), absence.pk)] * 4)

    assert seen.emails(at=LATER) == [("approval_wanted", stranger.email)]


def test_asking_in_vain_in_four_tabs_at_once_is_told_once(user, approver, admin):
    eligibility = make.eligibility(of=user, role=make.role(approvers=(approver,)))
    departures.disable(make.act(at=make.THE_DAY_BEFORE), approver)

    at_once(*[partial(waiting.tell_nobody_available, make.act(by=user), eligibility)] * 4)

    assert seen.events() == ["request.nobody_available"]
    assert seen.emails() == [("nobody_available", admin.email)]
