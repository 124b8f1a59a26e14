"""Groups: made, filled, looked after, brought under roles, deleted."""

import pytest

from accounts.models import Group, Membership, Ownership
from accounts.operations import people
from kernel.period import HOUR
from kernel.refusal import Refused
from roles.models import Resource, Role
from roles.operations import groups
from roles.terms import GROUP_DEFAULTS
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.postgres


def refused(operation, *arguments, **words):
    """Why it is refused."""
    with pytest.raises(Refused) as refusal:
        operation(*arguments, **words)
    return refusal.value.codes


def test_who_manages_people_makes_fills_and_deletes_a_group(user, admin):
    act = make.act(by=admin)

    team = groups.make(act, name="Night shift", description="On call")
    groups.add_member(act, team, user)
    groups.add_owner(act, team, user)
    groups.remove_owner(act, team, user)
    groups.delete(act, team)

    assert seen.events() == [
        "group.made", "group.member_added", "group.owner_added", "group.owner_removed", "group.deleted",
    ]  # fmt: skip
    assert (Group.objects.count(), Membership.objects.count(), Ownership.objects.count()) == (0, 0, 0)


def test_nobody_else_does(user, stranger, auditor):
    team = make.group(owners=(user,))
    for actor in (user, stranger, auditor):
        act = make.act(by=actor)
        assert refused(groups.make, act, name="Mine") == ("power",)
        assert refused(groups.add_owner, act, team, stranger) == ("power",)
        assert refused(groups.remove_owner, act, team, user) == ("power",)
        assert refused(groups.delete, act, team) == ("power",)
        assert refused(groups.bring_under_roles, act, team) == ("power",)

    assert (Group.objects.count(), seen.events()) == (1, [])


def test_an_owner_says_who_is_in_their_own_group_alone(user, stranger):
    mine, other = make.group(owners=(user,)), make.group(owners=(stranger,))

    groups.add_member(make.act(by=user), mine, stranger)
    assert refused(groups.add_member, make.act(by=user), other, stranger) == ("power",)

    assert [membership.group for membership in Membership.objects.all()] == [mine]


def test_whoever_is_active_as_owner_says_who_is_in_the_group(user, stranger):
    team = make.group()
    owner = make.membership_role(of=team, kind=Role.Membership.OWNER)
    make.activation(by=user, of=make.eligibility(of=user, role=owner))

    groups.add_member(make.act(by=user), team, stranger)
    assert refused(groups.add_member, make.act(by=user, at=NINE + HOUR), team, user) == ("power",)

    assert [membership.user for membership in Membership.objects.all()] == [stranger]


def test_an_active_member_is_no_owner(user, stranger):
    team = make.group()
    make.activation(by=user, of=make.eligibility(of=user, role=make.membership_role(of=team)))

    assert refused(groups.add_member, make.act(by=user), team, stranger) == ("power",)


def test_who_is_there_already_and_who_is_disabled_is_not_added(user, stranger):
    team = make.group(members=(user,), owners=(user,))
    people.disable(make.act(), stranger)
    stranger.refresh_from_db()

    assert refused(groups.add_member, make.act(), team, user) == ("member",)
    assert refused(groups.add_owner, make.act(), team, user) == ("owner",)
    assert refused(groups.add_member, make.act(), team, stranger) == ("disabled",)
    assert refused(groups.add_owner, make.act(), team, stranger) == ("disabled",)
    team.owners.clear()
    assert refused(groups.remove_owner, make.act(), team, user) == ("no_owner",)


# --- deleted


def test_a_group_that_holds_held_approves_or_has_roles_stays(user, admin):
    holds, held, approves, has_roles = (make.group(name=name) for name in ("Holds", "Held", "Approves", "Has roles"))
    make.eligibility(of=holds)
    make.assignment(of=held, role=make.role(name="Teams Reader"), end_at=NINE - HOUR)
    make.role(name="User Administrator", approvers=(approves,))
    make.membership_role(of=has_roles)

    for team, code in ((holds, "holds"), (held, "holds"), (approves, "approves"), (has_roles, "resource")):
        assert refused(groups.delete, make.act(by=admin), team) == (code,)

    with pytest.raises(Refused, match=r"Approves approves User Administrator\. Name other approvers there first\."):
        groups.delete(make.act(by=admin), approves)
    assert (Group.objects.count(), seen.events()) == (4, [])


def test_a_group_that_is_gone_is_not_deleted_again(admin):
    team = make.group(name="Night shift")
    groups.delete(make.act(by=admin), Group.objects.get())

    with pytest.raises(Refused, match="Night shift is deleted already"):
        groups.delete(make.act(by=admin), team)


# --- managed with roles


def test_a_group_becomes_a_resource_below_the_directory_with_two_roles(admin):
    directory = make.resource()
    team = make.group(name="Night shift")

    resource = groups.bring_under_roles(make.act(by=admin), team)

    assert (resource.name, resource.kind, resource.group, resource.parent) == ("Night shift", "group", team, directory)
    roles = [(role.name, role.membership, role.powers, role.policy.settings()) for role in resource.roles.all()]
    assert roles == [
        ("Member of Night shift", "member", [], GROUP_DEFAULTS),
        ("Owner of Night shift", "owner", [], GROUP_DEFAULTS),
    ]
    (entry,) = seen.entries()
    assert (entry.kind, entry.actor_id, entry.scope_name) == ("group.brought_under_roles", admin.pk, "Night shift")


def test_without_a_directory_it_stands_at_the_top(db):
    assert groups.bring_under_roles(make.act(), make.group()).parent is None


def test_the_longest_name_of_a_group_still_makes_roles(db):
    resource = groups.bring_under_roles(make.act(), make.group(name="x" * 120))

    assert [len(role.name) for role in resource.roles.all()] == [120, 120]
    assert {role.name[-1] for role in resource.roles.all()} == {"…"}


def test_a_group_is_brought_under_roles_once(admin):
    team = make.group(name="Night shift")
    groups.bring_under_roles(make.act(), team)

    with pytest.raises(Refused, match="Night shift is managed with roles already"):
        groups.bring_under_roles(make.act(by=admin), team)

    assert Resource.objects.filter(group=team).count() == 1


def test_a_resource_of_that_name_stands_in_the_way(admin):
    make.resource(name="Night shift", below=make.resource())

    with pytest.raises(Refused, match=r"There is a resource called Night shift already\. Rename that one first"):
        groups.bring_under_roles(make.act(by=admin), make.group(name="Night shift"))

    assert Role.objects.exclude(membership="").count() == 0


@pytest.mark.django_db
def test_a_group_that_was_reviewed_is_not_deleted():
    reviewed = make.group()
    make.review(of=reviewed, plan=make.plan(make.user()))

    with pytest.raises(Refused, match="is or was looked at by an access review"):
        groups.delete(make.act(), reviewed)

    assert Group.objects.filter(pk=reviewed.pk).exists()


@pytest.mark.django_db
def test_a_group_that_reviews_is_not_deleted():
    reviewing = make.group(members=(make.user(),))
    make.review(of=make.role(), plan=make.plan(reviewing))

    with pytest.raises(Refused, match="reviews in one"):
        groups.delete(make.act(), reviewing)

    assert Group.objects.filter(pk=reviewing.pk).exists()
