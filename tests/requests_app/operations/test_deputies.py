"""Deciding in somebody's stead, and what happens when nobody can decide."""

import pytest

from accounts.models import Absence
from accounts.operations import people
from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refused
from requests_app.models import Decision, RoleRequest
from requests_app.operations import approval, waiting
from requests_app.queries import deciding
from requests_app.queries.due import due, next_due
from requests_app.queries.stranded import stranded
from roles.models import Assignment
from roles.operations import absences
from roles.operations.departures import disable
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.django_db

LATER = NINE + HOUR


def again(role_request):
    return RoleRequest.objects.with_names().get(pk=role_request.pk)


def refused(verb, by, role_request, at=LATER):
    """Why somebody cannot decide."""
    with pytest.raises(Refused) as caught:
        verb(make.act(by=by, at=at), again(role_request), because="On call")
    return caught.value


def deciders(role_request, at=LATER):
    return deciding.turn_of(again(role_request), at).deciders


def test_while_an_approver_is_away_their_deputy_decides_in_their_stead(user, approver, stranger):
    role_request = make.role_request(by=user, approvers=(approver,))
    make.absence(of=approver, deputy=stranger)

    decision = approval.approve(make.act(by=stranger, at=LATER), again(role_request), because="On call")

    assert (decision.approver, decision.deputy_for) == (stranger, approver)
    assert seen.entry("request.approved").facts["deputy_for"] == approver.name
    assert Assignment.objects.held_by(user, LATER).count() == 1


def test_whoever_is_away_is_told_who_decides_and_how_to_decide_again(user, approver, stranger):
    role_request = make.role_request(by=user, approvers=(approver,))
    absence = make.absence(of=approver, deputy=stranger)

    told = refused(approval.approve, approver, role_request)

    assert told.codes == ("away",)
    assert str(told) == (
        "You are away until 09:00 UTC on 3 Dec 2026; Sam Stranger decides in your stead. "
        "End your absence to decide yourself."
    )
    absences.end(make.act(by=approver, at=LATER), absence)
    approval.approve(make.act(by=approver, at=LATER + MINUTE), again(role_request), because="Back")


@pytest.mark.parametrize("at", [NINE - MINUTE, NINE + 10 * DAY])
def test_before_and_after_an_absence_everybody_decides_for_themself(at, user, approver, stranger):
    role_request = make.role_request(by=user, approvers=(approver,), at=NINE - HOUR)
    make.absence(of=approver, deputy=stranger, at=NINE - HOUR)

    assert deciders(role_request, at) == [approver]


def test_a_deputy_sits_wherever_the_absent_one_would(user, approver, stranger, admin, other_approver):
    """Named through a group, as manager, as administrator by default, on escalation."""
    team, user.manager = make.group(members=(approver,)), approver
    user.save(update_fields=["manager"])
    ways = {
        "Teams Reader": make.stages(make.stage(team)),
        "User Administrator": make.stages(make.stage(manager=True)),
        "Exchange Administrator": make.stages(make.stage(other_approver), escalation=(approver,)),
    }
    asked = [
        make.role_request(by=user, for_=make.eligibility(of=user, role=make.role(name=name, approval=rounds)))
        for name, rounds in ways.items()
    ]
    by_default = make.role(name="Groups Administrator", terms=make.ActivationTerms(needs_approval=True))
    asked.append(make.role_request(by=user, for_=make.eligibility(of=user, role=by_default)))
    for absent in (approver, admin):
        make.absence(of=absent, deputy=stranger)

    assert [stranger in deciders(one) for one in asked] == [True] * 4
    assert list(deciding.inbox(stranger, at=LATER)) == asked
    assert [list(deciding.inbox(one, at=LATER)) for one in (approver, admin)] == [[], []]


def test_a_deputy_who_is_away_or_disabled_is_not_followed_further(user, approver, stranger, other_approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    make.absence(of=approver, deputy=stranger)
    absence = make.absence(of=stranger, deputy=other_approver)
    assert deciders(role_request) == []

    absences.end(make.act(by=stranger), absence)
    disable(make.act(at=LATER), stranger)

    assert deciders(role_request) == []


def test_whoever_stands_in_for_two_counts_once(user, approver, other_approver, stranger):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2))
    role_request = make.role_request(by=user, approval=rounds)
    for absent in (approver, other_approver):
        make.absence(of=absent, deputy=stranger)

    turn = deciding.turn_of(again(role_request), LATER)

    assert (turn.deciders, turn.can_be_met()) == ([stranger], False)


def test_one_place_decides_once_whoever_sits_in_it(user, approver, other_approver, stranger):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2))
    role_request = make.role_request(by=user, approval=rounds)
    absence = make.absence(of=approver, deputy=stranger)
    approval.approve(make.act(by=stranger, at=LATER), again(role_request), because="On call")
    absences.end(make.act(by=approver, at=LATER), absence)

    told = refused(approval.approve, approver, role_request, at=LATER + MINUTE)

    assert (told.codes, told.status) == (("decided",), 409)
    assert str(told) == "Sam Stranger has approved this request in your stead already."
    assert deciders(role_request, LATER + MINUTE) == [other_approver]


def test_a_deputy_does_not_decide_where_the_absent_one_has(user, approver, other_approver, stranger):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2))
    role_request = make.role_request(by=user, approval=rounds)
    approval.approve(make.act(by=approver), again(role_request), because="On my way out")
    make.absence(of=approver, deputy=stranger, start_at=NINE + MINUTE)

    assert deciders(role_request) == [other_approver]
    assert str(refused(approval.approve, stranger, role_request)) == (
        "Alva Approver has approved this request already, and you would decide in their stead."
    )
    assert list(deciding.inbox(stranger, at=LATER)) == []


def test_an_absence_that_begins_while_requests_wait_is_told_to_the_deputy_once(user, approver, stranger):
    role_request = make.role_request(by=user, approvers=(approver,))
    absence = make.absence(of=approver, deputy=stranger, start_at=LATER)
    assert (next_due(NINE), due(NINE)["hand_over"]) == (LATER, [])
    assert due(LATER)["hand_over"] == [absence.pk]

    for _twice in range(2):
        waiting.hand_over(make.act(at=LATER), absence.pk)

    assert seen.events(at=LATER) == ["request.handed_over"]
    assert seen.emails(at=LATER) == [("approval_wanted", stranger.email)]
    assert due(LATER)["hand_over"] == []
    assert seen.entry("request.handed_over").request_id == role_request.pk


def test_a_deputy_who_was_asked_already_is_not_asked_again(user, approver, stranger):
    make.role_request(by=user, approvers=(approver, stranger))
    absence = make.absence(of=approver, deputy=stranger)

    waiting.hand_over(make.act(at=LATER), absence.pk)

    assert seen.emails(at=LATER) == []
    assert Absence.objects.get().handed_over_at == LATER


# --- nobody can


def look(at):
    """The worker looks."""
    to_tell, to_clear = stranded(at)
    for pk in to_tell:
        waiting.tell_stranded(make.act(at=at), pk)
    for pk in to_clear:
        waiting.note_decidable(make.act(at=at), pk)


def test_when_nobody_is_left_the_administrators_and_the_asker_are_told_once(user, approver, admin):
    role_request = make.role_request(by=user, approvers=(approver,))
    look(NINE)
    assert seen.emails() == [("approval_wanted", approver.email)]
    disable(make.act(at=NINE + MINUTE), approver)

    for minutes in (2, 3):
        look(NINE + minutes * MINUTE)

    assert seen.events(at=NINE + 2 * MINUTE) == ["request.stranded"]
    assert seen.emails(at=NINE + 2 * MINUTE) == [
        ("nobody_can_decide", admin.email),
        ("your_request_is_stuck", user.email),
    ]
    assert (seen.events(at=NINE + 3 * MINUTE), seen.emails(at=NINE + 3 * MINUTE)) == ([], [])
    assert again(role_request).stranded_told_at == NINE + 2 * MINUTE


def test_what_can_be_decided_again_and_then_no_more_is_told_again(user, approver, admin):
    make.role_request(by=user, approvers=(approver,))
    people.disable(make.act(at=NINE), approver)
    look(NINE + MINUTE)
    people.enable(make.act(at=NINE + MINUTE), approver)
    look(NINE + 2 * MINUTE)
    people.disable(make.act(at=NINE + 2 * MINUTE), approver)

    look(NINE + 3 * MINUTE)

    assert seen.events(at=NINE + 3 * MINUTE) == ["request.stranded"]


def test_a_quorum_that_can_no_longer_be_met_is_told_though_one_could_decide(user, approver, other_approver, admin):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2))
    make.role_request(by=user, approval=rounds)
    people.disable(make.act(at=NINE), other_approver)

    look(NINE + MINUTE)

    assert seen.events(at=NINE + MINUTE) == ["request.stranded"]


def test_however_many_wait_for_a_role_its_people_are_read_once(approver, django_assert_num_queries):
    role = make.role(approvers=(approver,))
    for asker in (make.user() for _ in range(3)):
        make.role_request(by=asker, for_=make.eligibility(of=asker, role=role))

    with django_assert_num_queries(7):
        assert stranded(NINE) == ([], [])


def test_asking_in_vain_is_told_to_the_administrators_once_a_day(user, approver, admin):
    eligibility = make.eligibility(of=user, role=make.role(approvers=(approver,)))
    people.disable(make.act(at=make.THE_DAY_BEFORE), approver)

    for at in (NINE, NINE + MINUTE, NINE + DAY):
        waiting.tell_nobody_available(make.act(by=user, at=at), eligibility)

    assert seen.events() == ["request.nobody_available"]
    assert seen.emails() == [("nobody_available", admin.email)]
    assert (seen.events(at=NINE + MINUTE), seen.emails(at=NINE + MINUTE)) == ([], [])
    assert seen.emails(at=NINE + DAY) == [("nobody_available", admin.email)]


def test_where_somebody_could_approve_nothing_is_told(user, approver, admin):
    eligibility = make.eligibility(of=user, role=make.role(approvers=(approver,)))

    waiting.tell_nobody_available(make.act(by=user), eligibility)

    assert (seen.events(), seen.emails()) == ([], [])
    assert Decision.objects.count() == 0
