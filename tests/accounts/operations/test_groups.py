"""Who is in which group."""

import pytest

from accounts.models import Group, Membership
from accounts.operations import groups
from kernel.refusal import Refused
from tests import make, seen

pytestmark = pytest.mark.postgres


def test_a_new_group_is_empty_and_told(admin):
    team = groups.make(make.act(by=admin), name=" Night shift ", description=" Looks after the night ")

    assert (team.name, team.description, list(team.members.all())) == ("Night shift", "Looks after the night", [])
    (entry,) = seen.entries()
    assert (entry.kind, entry.actor_id, entry.facts) == ("group.made", admin.pk, {"group": "Night shift"})


def test_two_groups_are_never_called_the_same(admin):
    make.group(name="Night shift")

    with pytest.raises(Refused, match="There is a group called Night shift already"):
        groups.make(make.act(by=admin), name=" Night shift")

    assert (Group.objects.count(), seen.events()) == (1, [])


def test_joining_and_leaving_is_told(user, admin):
    team = make.group(name="Night shift")

    groups.add(make.act(by=admin), team, user)
    groups.remove(make.act(by=admin), team, user)

    added, removed = seen.entries()
    assert (added.kind, removed.kind) == ("group.member_added", "group.member_removed")
    for entry in (added, removed):
        assert (entry.actor_id, entry.person_id, entry.facts) == (admin.pk, user.pk, {"group": "Night shift"})
    assert not Membership.objects.exists()


def test_who_is_a_member_already_is_not_added_again(user):
    team = make.group(name="Night shift", members=(user,))

    with pytest.raises(Refused, match=r"John Doe is in Night shift already\."):
        groups.add(make.act(), team, user)

    assert (Membership.objects.count(), seen.events()) == (1, [])


def test_who_is_no_member_is_not_removed(user):
    team = make.group(name="Night shift")

    with pytest.raises(Refused, match=r"John Doe is not in Night shift\."):
        groups.remove(make.act(), team, user)

    assert seen.events() == []
