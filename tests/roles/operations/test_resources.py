"""The tree of resources: added, renamed, moved, deleted."""

import pytest

from kernel.period import HOUR
from kernel.refusal import Refused
from requests_app.operations import activation
from roles.models import Resource
from roles.operations import custom_roles, grants, resources
from roles.policy import GrantAsk
from roles.queries.access import access
from tests import make, seen
from tests.make import IN_30_DAYS, NINE

pytestmark = pytest.mark.postgres


def refused(operation, *arguments, **words):
    """Why it is refused."""
    with pytest.raises(Refused) as refusal:
        operation(*arguments, **words)
    return refusal.value.codes


@pytest.fixture
def directory(db):
    return make.resource()


@pytest.fixture
def shop(directory):
    return make.resource(name="Shop", below=directory)


def only_here(role, user, on):
    """Somebody is assigned a role on a resource below the role's own."""
    ask = GrantAsk(start_at=NINE, end_at=IN_30_DAYS, justification="Falcon")
    return grants.assign(make.act(), role, ask, to=user, on=on)


# --- added


def test_a_resource_is_added_below_another_one_and_told(admin, directory):
    shop = resources.add(make.act(by=admin), name=" Shop ", kind="application", parent=directory)

    assert (shop.name, shop.kind, shop.parent) == ("Shop", "application", directory)
    (entry,) = seen.entries()
    assert (entry.kind, entry.actor_id, entry.scope_name, entry.facts) == (
        "resource.added", admin.pk, "Shop", {"below": "Directory"},
    )  # fmt: skip


def test_what_is_granted_above_holds_for_it_at_once(user, directory):
    role = make.role()
    make.assignment(of=user, role=role)

    shop = resources.add(make.act(), name="Shop", kind="application", parent=directory)

    assert access(user, role, at=NINE, on=shop).user == user


def test_a_resource_at_the_top_is_below_nothing(admin):
    mainframe = resources.add(make.act(by=admin), name="Mainframe", kind="other", parent=None)

    assert (mainframe.parent, seen.entries()[0].facts) == (None, {"below": "the top"})


def test_what_cannot_be_added_is_refused(directory):
    team = make.group(name="Night shift")
    make.membership_role(of=team)
    act = make.act()

    assert refused(resources.add, act, name="Directory ", kind="other", parent=None) == ("taken",)
    assert refused(resources.add, act, name="New", kind="group", parent=team.resource) == ("kind", "parent")
    assert Resource.objects.count() == 2


# --- renamed


def test_a_resource_gets_another_name_and_the_history_keeps_the_old_one(admin, shop):
    resources.rename(make.act(by=admin), shop, name=" Web shop ")

    assert Resource.objects.get(pk=shop.pk).name == "Web shop"
    (entry,) = seen.entries()
    assert (entry.kind, entry.scope_name, entry.facts) == ("resource.renamed", "Web shop", {"old_name": "Shop"})


def test_the_same_name_is_no_change(shop):
    resources.rename(make.act(), shop, name="Shop ")

    assert seen.events() == []


def test_a_taken_name_and_a_group_are_not_renamed(shop):
    team = make.group(name="Night shift")
    make.membership_role(of=team)

    assert refused(resources.rename, make.act(), shop, name="Directory") == ("taken",)
    assert refused(resources.rename, make.act(), team.resource, name="Day shift") == ("group",)


# --- moved


def test_what_is_granted_above_the_new_place_holds_there_from_now_on(user, admin, shop):
    mainframe = make.resource(name="Mainframe", below=make.resource())
    operator = make.role(name="Operator", on=mainframe)
    make.assignment(of=user, role=operator)
    assert access(user, operator, at=NINE, on=shop) is None

    resources.move(make.act(by=admin), shop, to=mainframe)

    assert access(user, operator, at=NINE, on=Resource.objects.get(pk=shop.pk)).user == user
    (entry,) = seen.entries()
    assert (entry.kind, entry.scope_name, entry.facts) == (
        "resource.moved", "Shop", {"old_parent": "Directory", "new_parent": "Mainframe"},
    )  # fmt: skip


def test_what_is_granted_above_the_old_place_no_longer_holds(user, shop):
    role = make.role()
    make.assignment(of=user, role=role)

    resources.move(make.act(), shop, to=None)

    assert access(user, role, at=NINE, on=Resource.objects.get(pk=shop.pk)) is None
    assert seen.entries()[0].facts == {"old_parent": "Directory", "new_parent": "the top"}


def test_nothing_is_ever_below_itself(shop, directory):
    counter = make.resource(name="Counter", below=shop)

    for moved, to in ((shop, shop), (shop, counter), (directory, counter)):
        assert refused(resources.move, make.act(), moved, to=to) == ("circle",)

    assert (Resource.objects.get(pk=shop.pk).parent, seen.events()) == (directory, [])


def test_nothing_is_put_below_a_group(shop):
    team = make.group(name="Night shift")
    make.membership_role(of=team)

    assert refused(resources.move, make.act(), shop, to=team.resource) == ("parent",)


def test_where_it_is_already_it_is_not_moved(shop, directory):
    resources.move(make.act(), shop, to=directory)

    assert seen.events() == []


def test_an_assignment_made_just_there_of_a_role_from_above_keeps_a_resource(user, stranger, shop, directory):
    counter = make.resource(name="Counter", below=shop)
    role = make.role()
    assignment = only_here(role, user, counter)

    with pytest.raises(Refused, match="Somebody is active in Teams Administrator just here"):
        resources.move(make.act(), shop, to=None)
    grants.remove_assignment(make.act(), assignment, because="It moves")
    resources.move(make.act(at=NINE + HOUR), shop, to=None)

    assert Resource.objects.get(pk=shop.pk).parent is None


def test_an_eligibility_made_just_there_keeps_a_resource_too(user, shop):
    ask = GrantAsk(start_at=NINE, end_at=IN_30_DAYS)
    grants.make_eligible(make.act(), make.role(), ask, to=user, on=shop)

    assert refused(resources.move, make.act(), shop, to=None) == ("left_behind",)


def test_within_the_directory_it_moves_with_what_was_made_just_there(user, shop, directory):
    only_here(make.role(), user, shop)
    mainframe = make.resource(name="Mainframe", below=directory)

    resources.move(make.act(), shop, to=mainframe)

    assert Resource.objects.get(pk=shop.pk).parent == mainframe


# --- deleted


def test_an_empty_resource_is_deleted(admin, shop):
    resources.delete(make.act(by=admin), shop)

    (entry,) = seen.entries()
    assert (entry.kind, entry.scope_name) == ("resource.deleted", "Shop")
    assert not Resource.objects.filter(name="Shop").exists()


def test_a_resource_with_something_on_it_stays(user, shop, directory):
    held = make.resource(name="Held", below=directory)
    only_here(make.role(), user, held)
    custom_roles.add(make.act(), shop, name="Operator")
    team = make.group(name="Night shift")
    make.membership_role(of=team)
    above = make.resource(name="Above", below=directory)
    make.resource(name="Below", below=above)

    codes = {
        one.name: refused(resources.delete, make.act(), Resource.objects.get(pk=one.pk))
        for one in (held, shop, above, team.resource)
    }

    assert codes == {"Held": ("held",), "Shop": ("roles",), "Above": ("below",), "Night shift": ("group", "roles")}


def test_a_resource_for_which_somebody_asked_stays(user, approver, shop):
    role_request = make.role_request(by=user, approvers=(approver,))
    activation.cancel(make.act(by=user), role_request)
    type(role_request).objects.update(scope=shop)

    with pytest.raises(Refused, match="Somebody asked for a role on Shop"):
        resources.delete(make.act(at=NINE + HOUR), shop)

    assert Resource.objects.filter(pk=shop.pk).exists()


def test_what_is_gone_is_not_deleted_again(shop):
    resources.delete(make.act(), Resource.objects.get(pk=shop.pk))

    assert refused(resources.delete, make.act(), shop) == ("gone",)


# --- who may


def test_only_who_manages_roles_changes_the_tree(user, auditor, shop, directory):
    for actor in (user, auditor):
        act = make.act(by=actor)
        assert refused(resources.add, act, name="New", kind="other", parent=None) == ("power",)
        assert refused(resources.rename, act, shop, name="New") == ("power",)
        assert refused(resources.move, act, shop, to=None) == ("power",)
        assert refused(resources.delete, act, shop) == ("power",)

    assert seen.events() == []
