"""Leaving a group, or the organisation."""

import pytest

from accounts.models import Membership, User
from kernel.period import HOUR, MINUTE
from kernel.refusal import Refused
from roles.models import Assignment, Role
from roles.operations import departures, grants, groups
from roles.queries.access import access
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.postgres

LATER = NINE + 10 * MINUTE


def refused(operation, *arguments):
    """Why it is refused."""
    with pytest.raises(Refused) as refusal:
        operation(*arguments)
    return refusal.value.codes


# --- a group


def test_who_leaves_a_group_loses_what_they_activated_through_it(user, admin):
    team = make.group(name="Night shift", members=(user,))
    role = make.role(terms=make.EASY)
    active = make.activation(by=user, of=make.eligibility(of=team, role=role), duration=2 * HOUR)

    departures.leave_group(make.act(by=admin, at=LATER), team, user)

    left, ended = seen.entries(at=LATER)
    assert (left.kind, left.person_id, left.facts) == ("group.member_removed", user.pk, {"group": "Night shift"})
    assert (ended.kind, ended.role_name, ended.because, ended.actor_id) == (
        "role.activation_revoked", "Teams Administrator", "John Doe is no longer in Night shift", admin.pk,
    )  # fmt: skip
    assert seen.emails(at=LATER) == [("your_role_ended", user.email)]
    active.refresh_from_db()
    assert (active.end_at, active.removed_at, active.end_told_at) == (LATER, LATER, LATER)


def test_the_reason_for_leaving_is_told(user, admin):
    team = make.group(members=(user,))
    make.activation(by=user, of=make.eligibility(of=team, role=make.role(terms=make.EASY)))

    departures.leave_group(make.act(by=admin, at=LATER), team, user, "New job")

    assert [entry.because for entry in seen.entries(at=LATER)] == ["New job", "New job"]


def test_who_is_put_back_at_once_does_not_find_the_activation_running(user):
    team = make.group(members=(user,))
    role = make.role(terms=make.EASY)
    make.activation(by=user, of=make.eligibility(of=team, role=role), duration=4 * HOUR)
    assert access(user, role, at=LATER) is not None

    departures.leave_group(make.act(at=LATER), team, user)
    groups.add_member(make.act(at=LATER), team, user)

    assert access(user, role, at=LATER) is None
    assert Assignment.objects.of(user, LATER).in_force(LATER).count() == 0


def test_what_was_scheduled_through_a_group_is_called_off(user):
    team = make.group(members=(user,))
    role = make.role(terms=make.EASY)
    ahead = make.activation(by=user, of=make.eligibility(of=team, role=role), start_at=NINE + HOUR)

    departures.leave_group(make.act(at=LATER), team, user)
    groups.add_member(make.act(at=LATER), team, user)

    ahead.refresh_from_db()
    assert ahead.end_at == ahead.start_at
    assert access(user, role, at=NINE + HOUR + MINUTE) is None


def test_what_one_holds_in_another_way_stays(user):
    team, other_team = make.group(members=(user,)), make.group(members=(user,))
    through_other = make.activation(
        by=user, of=make.eligibility(of=other_team, role=make.role(terms=make.EASY)), duration=2 * HOUR
    )
    mine = make.activation(by=user, of=make.eligibility(of=user, role=make.role(name="Teams Reader", terms=make.EASY)))

    departures.leave_group(make.act(at=LATER), team, user)

    assert seen.events(at=LATER) == ["group.member_removed"]
    assert set(Assignment.objects.in_force(LATER)) == {through_other, mine}


def test_who_stays_in_the_group_as_an_active_member_keeps_what_came_through_it(user):
    team = make.group(members=(user,))
    make.activation(by=user, of=make.eligibility(of=user, role=make.membership_role(of=team)), duration=2 * HOUR)
    role = make.role(terms=make.EASY)
    make.activation(by=user, of=make.eligibility(of=team, role=role), duration=HOUR)

    departures.leave_group(make.act(at=LATER), team, user)

    assert seen.events(at=LATER) == ["group.member_removed"]
    assert access(user, role, at=LATER).until == NINE + HOUR


def test_others_in_the_group_keep_what_they_activated(user, stranger):
    team = make.group(members=(user, stranger))
    role = make.role(terms=make.EASY)
    eligibility = make.eligibility(of=team, role=role)
    for member in (user, stranger):
        make.activation(by=member, of=eligibility)

    departures.leave_group(make.act(at=LATER), team, user)

    assert (access(user, role, at=LATER), access(stranger, role, at=LATER).user) == (None, stranger)


def test_leaving_ends_memberships_activated_through_the_group_and_what_came_through_those(user, admin):
    first, second = make.group(name="First", members=(user,)), make.group(name="Second")
    member = make.membership_role(of=second)
    role = make.role(terms=make.EASY)
    make.activation(by=user, of=make.eligibility(of=first, role=member), duration=2 * HOUR)
    make.activation(by=user, of=make.eligibility(of=second, role=role), duration=2 * HOUR)
    assert access(user, role, at=LATER) is not None

    departures.leave_group(make.act(by=admin, at=LATER), first, user)
    groups.add_member(make.act(at=LATER), first, user)

    told = [(entry.role_name, entry.because) for entry in seen.entries(at=LATER) if entry.role_name]
    assert told == [
        ("Teams Administrator", "Member of Second has ended"),
        ("Member of Second", "John Doe is no longer in First"),
    ]
    assert Assignment.objects.of(user, LATER).in_force(LATER).count() == 0


def test_the_last_administrator_does_not_leave_through_a_group(user, admin):
    team = make.group(members=(user,))
    make.assignment(of=team, role=make.role(name="Privileged Role Administrator"), end_at=None)

    assert refused(departures.leave_group, make.act(by=admin), team, user) == ("last_administrator",)
    assert (Membership.objects.count(), seen.events()) == (1, [])


# --- who may


def test_who_manages_people_owners_and_the_portal_take_people_out(user, admin, stranger, approver):
    for actor in (admin, approver, None):
        team = make.group(members=(user,), owners=(approver,))
        departures.leave_group(make.act(by=actor), team, user)

    assert Membership.objects.count() == 0


def test_an_active_owner_takes_people_out_only_while_active(user, approver):
    team = make.group(members=(user,))
    owner = make.membership_role(of=team, kind=Role.Membership.OWNER)
    make.activation(by=approver, of=make.eligibility(of=approver, role=owner))

    assert refused(departures.leave_group, make.act(by=approver, at=NINE + HOUR), team, user) == ("power",)
    departures.leave_group(make.act(by=approver, at=LATER), team, user)

    assert Membership.objects.count() == 0


def test_nobody_else_takes_people_out(user, stranger, auditor, approver):
    team = make.group(members=(user,))
    make.group(owners=(approver,))
    for actor in (user, stranger, auditor, approver):
        assert refused(departures.leave_group, make.act(by=actor), team, user) == ("power",)

    assert (Membership.objects.count(), seen.events()) == (1, [])


def test_a_disabled_owner_takes_nobody_out(user, approver):
    team = make.group(members=(user,), owners=(approver,))
    departures.disable(make.act(at=NINE - HOUR), approver)

    assert refused(departures.leave_group, make.act(by=approver), team, user) == ("power",)


# --- the organisation


def test_who_is_disabled_loses_everything_they_activated_for_good(user, admin):
    team = make.group(members=(user,))
    role, other = make.role(terms=make.EASY), make.role(name="Teams Reader", terms=make.EASY)
    make.activation(by=user, of=make.eligibility(of=user, role=role), duration=4 * HOUR)
    make.activation(by=user, of=make.eligibility(of=team, role=other), start_at=NINE + HOUR)

    departures.disable(make.act(by=admin, at=LATER), user)
    User.objects.filter(pk=user.pk).update(is_enabled=True)

    told = [(entry.kind, entry.because) for entry in seen.entries(at=LATER)]
    assert told == [
        ("person.disabled", ""),
        ("role.activation_revoked", "the account was disabled"),
        ("role.activation_revoked", "the account was disabled"),
    ]
    assert seen.emails(at=LATER) == []
    assert access(user, role, at=LATER) is access(user, other, at=NINE + HOUR + MINUTE) is None


def test_the_last_administrator_is_not_disabled(user, admin):
    make.assignment(of=user, role=make.role(name="Privileged Role Administrator"), end_at=None)

    assert refused(departures.disable, make.act(by=admin), user) == ("last_administrator",)
    assert (User.objects.get(pk=user.pk).is_enabled, seen.events()) == (True, [])


def test_only_who_manages_people_disables(user, auditor, stranger):
    for actor in (auditor, stranger):
        assert refused(departures.disable, make.act(by=actor), user) == ("power",)

    assert User.objects.get(pk=user.pk).is_enabled


# --- the end of a membership by hand


@pytest.fixture
def through_membership(user):
    """John is an active member of a group, and has activated a role the group is eligible for."""
    team = make.group(name="Night shift")
    eligibility = make.eligibility(of=user, role=make.membership_role(of=team))
    membership = make.activation(by=user, of=eligibility, duration=4 * HOUR)
    make.activation(by=user, of=make.eligibility(of=team, role=make.role(terms=make.EASY)), duration=4 * HOUR)
    return membership


def test_a_membership_that_is_taken_away_takes_along_what_came_through_it(user, through_membership, admin):
    grants.remove_assignment(make.act(by=admin, at=LATER), through_membership, because="Not tonight")

    told = [(entry.kind, entry.role_name, entry.because) for entry in seen.entries(at=LATER)]
    assert told == [
        ("role.activation_revoked", "Teams Administrator", "Member of Night shift has ended"),
        ("role.activation_revoked", "Member of Night shift", "Not tonight"),
    ]
    assert seen.emails(at=LATER) == [("removed_from_you", user.email), ("your_role_ended", user.email)]
    assert Assignment.objects.not_over(LATER).filter(user=user).count() == 0


def test_an_eligibility_for_a_membership_takes_along_what_came_through_it(user, through_membership, admin):
    grants.remove_eligibility(make.act(by=admin, at=LATER), through_membership.activated_from, because="New job")

    assert seen.events(at=LATER) == ["eligibility.removed", "role.activation_revoked", "role.activation_revoked"]
    assert Assignment.objects.not_over(LATER).filter(user=user).count() == 0


def test_activations_of_one_eligibility_are_each_ended_once(user, through_membership, admin):
    eligibility = through_membership.activated_from
    make.activation(by=user, of=eligibility, start_at=NINE + 6 * HOUR, at=NINE + MINUTE)

    grants.remove_eligibility(make.act(by=admin, at=LATER), eligibility, because="New job")

    assert seen.events(at=LATER) == ["eligibility.removed", *["role.activation_revoked"] * 3]


@pytest.mark.parametrize("take", [grants.remove_assignment, grants.remove_eligibility])
def test_the_last_administrator_does_not_leave_with_a_membership(user, admin, take):
    team = make.group()
    membership = make.activation(by=user, of=make.eligibility(of=user, role=make.membership_role(of=team)))
    make.assignment(of=team, role=make.role(name="Privileged Role Administrator"), end_at=None)
    taken = membership if take is grants.remove_assignment else membership.activated_from

    with pytest.raises(Refused, match="Nobody would be active as Privileged Role Administrator any more"):
        take(make.act(by=admin, at=LATER), taken, because="New job")

    assert seen.events(at=LATER) == []
