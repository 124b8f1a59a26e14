"""Who could do what at a moment in the past, asked of the same portal later."""

import pytest

from accounts.operations import people
from kernel.period import DAY, HOUR, MINUTE
from requests_app.operations import approval
from requests_app.queries import past
from roles.models import Assignment, Role
from roles.operations import activation, amendments, departures, grants, groups
from roles.policy import GrantAsk
from tests import make
from tests.make import EASY, MICROSECOND, NINE

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

LATER = NINE + DAY


def held(at, **of):
    """How, by whom and from where, in short."""
    return [
        (one.kind, [person.name for person in one.people], one.grant.group.name if one.grant.group else "")
        for one in past.held_at(at, **of).held
    ]


@pytest.fixture
def role():
    """A role that anybody eligible may activate."""
    return make.role(terms=EASY)


# --- periods


def test_before_the_start_and_from_the_end_on_nothing_is_held(user, role):
    make.assignment(of=user, role=role, start_at=NINE, end_at=NINE + HOUR, at=NINE - HOUR)

    moments = (NINE - MICROSECOND, NINE, NINE + HOUR - MICROSECOND, NINE + HOUR)
    assert [len(held(at, role=role)) for at in moments] == [0, 1, 1, 0]


def test_what_was_removed_was_held_until_then(user, role):
    made = make.eligibility(of=user, role=role)
    grants.remove_eligibility(make.act(at=NINE), made, because="left the project")

    assert held(NINE - MICROSECOND, role=role) == [("Eligible", ["John Doe"], "")]
    assert held(NINE, role=role) == []


def test_what_was_called_off_before_it_began_was_never_held(user, role):
    made = make.assignment(of=user, role=role, start_at=NINE + HOUR, end_at=NINE + DAY, at=NINE - HOUR)
    grants.remove_assignment(make.act(at=NINE), made, because="not needed")

    assert held(NINE + 2 * HOUR, role=role) == []


def test_a_moved_end_counts_as_it_turned_out(user, role):
    made = make.eligibility(of=user, role=role, end_at=NINE + HOUR)
    amendments.update(make.act(at=NINE), made, GrantAsk(made.start_at, NINE + 3 * HOUR, "longer"))

    assert held(NINE + 2 * HOUR, role=role) == [("Eligible", ["John Doe"], "")]


def test_what_was_made_active_instead_of_eligible_was_first_one_and_then_the_other(user, role):
    made = make.eligibility(of=user, role=role)
    amendments.convert(make.act(at=NINE), made, GrantAsk(NINE, NINE + DAY, "always on"))

    assert held(NINE - MICROSECOND, role=role) == [("Eligible", ["John Doe"], "")]
    assert held(NINE, role=role) == [("Active", ["John Doe"], "")]


def test_an_activation_was_held_until_it_was_deactivated(user, role):
    activated = make.activation(by=user, of=make.eligibility(of=user, role=role), at=NINE)
    activation.deactivate(make.act(by=user, at=NINE + 10 * MINUTE), activated)

    active = [one[0] for one in held(NINE + 10 * MINUTE - MICROSECOND, role=role)]
    assert (active, [one[0] for one in held(NINE + 10 * MINUTE, role=role)]) == (
        ["Activated", "Eligible"],
        ["Eligible"],
    )


# --- groups


def test_who_was_in_a_group_then_is_told_by_the_history(user, stranger, role):
    group = make.group(name="Team", members=(user,))
    make.assignment(of=group, role=role)
    departures.leave_group(make.act(at=NINE), group, user)
    groups.add_member(make.act(at=NINE), group, stranger)

    assert held(NINE - MICROSECOND, role=role) == [("Active", ["John Doe"], "Team")]
    assert held(NINE, role=role) == [("Active", ["Sam Stranger"], "Team")]
    assert held(NINE - MICROSECOND, person=user) == [("Active", ["John Doe"], "Team")]
    assert held(NINE, person=user) == held(NINE - MICROSECOND, person=stranger) == []


def test_who_came_and_went_often_was_in_it_when_they_were(user, role):
    group = make.group(name="Team", members=(user,))
    make.assignment(of=group, role=role)
    for number in range(3):
        departures.leave_group(make.act(at=NINE + 2 * number * HOUR), group, user)
        groups.add_member(make.act(at=NINE + (2 * number + 1) * HOUR), group, user)

    was = [len(held(NINE + half * HOUR / 2, person=user)) for half in range(-1, 12)]

    assert was == [1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]


def test_a_group_that_nobody_was_in_is_told_as_such(user, role):
    make.assignment(of=make.group(name="Team"), role=role)

    assert held(NINE, role=role) == [("Active", [], "Team")]


def test_who_was_active_as_member_of_a_group_held_what_it_held(user, role):
    group = make.group(name="Team")
    make.assignment(of=group, role=role)
    membership = make.membership_role(of=group, kind=Role.Membership.MEMBER)
    make.activation(by=user, of=make.eligibility(of=user, role=membership), at=NINE)

    assert held(NINE, role=role) == held(NINE, role=role, person=user) == [("Active", ["John Doe"], "Team")]
    assert held(NINE + HOUR, role=role, person=user) == held(NINE - MICROSECOND, role=role, person=user) == []


# --- accounts


def test_who_was_disabled_then_held_nothing_and_who_is_disabled_now_did(user, role):
    make.assignment(of=user, role=role)
    departures.disable(make.act(at=NINE), user)
    after = held(NINE - MICROSECOND, role=role), held(NINE, role=role)
    user.refresh_from_db()
    people.enable(make.act(at=NINE + HOUR), user)

    assert after == ([("Active", ["John Doe"], "")], [])
    assert [len(held(at, person=user)) for at in (NINE, NINE + HOUR - MICROSECOND, NINE + HOUR)] == [0, 0, 1]


# --- why


def test_an_activation_tells_its_request_and_who_decided(user, approver):
    role = make.role(approvers=(approver,))
    asked = make.role_request(by=user, for_=make.eligibility(of=user, role=role))
    approval.approve(make.act(by=approver, at=NINE + MINUTE), asked, because="on call")

    activated, _eligible = past.held_at(NINE + 2 * MINUTE, role=role).held

    assert [one.pk for one in activated.requests] == [asked.pk]
    assert [one.approver for one in activated.requests[0].decisions.all()] == [approver]
    assert (activated.given_by, activated.grant.justification) == ("", "Mailbox migration")


def test_an_extension_is_told_with_what_it_made_longer(user, role):
    activated = make.activation(by=user, of=make.eligibility(of=user, role=role), at=NINE)
    longer = make.extension(of=Assignment.objects.get(pk=activated.pk), at=NINE + 30 * MINUTE)

    first, _eligible = past.held_at(NINE + 2 * HOUR, role=role).held

    assert [one.pk for one in first.requests] == [activated.request_number, longer.pk]


def test_what_was_assigned_tells_who_gave_it(user, admin, role):
    ask = GrantAsk(NINE, NINE + DAY, "Project Falcon")
    grants.make_eligible(make.act(by=admin), role, ask, to=user)
    grants.assign(make.act(by=admin), role, ask, to=make.group(name="Team", members=(user,)))

    found = past.held_at(NINE + 2 * HOUR, role=role).held

    assert [(one.kind, one.given_by) for one in found] == [("Active", "Ada Admin"), ("Eligible", "Ada Admin")]


# --- which


def test_a_role_and_a_person_together_narrow(user, stranger, role):
    other = make.role(name="Teams Reader", terms=EASY)
    for somebody in (user, stranger):
        for one in (role, other):
            make.eligibility(of=somebody, role=one)

    assert len(held(NINE, role=role)) == len(held(NINE, person=user)) == 2
    assert held(NINE, role=role, person=user) == [("Eligible", ["John Doe"], "")]


def test_more_than_can_be_shown_is_cut_and_said(monkeypatch, user, stranger, role):
    monkeypatch.setattr(past, "MOST", 1)
    make.eligibility(of=user, role=role)
    one = past.held_at(NINE, role=role)
    make.eligibility(of=stranger, role=role)
    two = past.held_at(NINE, role=role)

    assert [(len(found.held), found.is_cut) for found in (one, two)] == [(1, False), (1, True)]
