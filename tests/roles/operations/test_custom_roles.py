"""Roles of one's own: added, edited, retired, deleted."""

import pytest

from kernel.period import HOUR, MINUTE
from kernel.refusal import Refused
from requests_app.operations import activation
from roles.models import Role
from roles.operations import custom_roles, grants
from roles.policy import GrantAsk
from roles.queries.access import access
from roles.terms import DEFAULTS
from tests import make, seen
from tests.make import EASY, IN_30_DAYS, NINE
from tests.old_history import archive_all

pytestmark = pytest.mark.postgres

LATER = NINE + 10 * MINUTE


def refused(operation, *arguments, **words):
    """Why it is refused."""
    with pytest.raises(Refused) as refusal:
        operation(*arguments, **words)
    return refusal.value.codes


@pytest.fixture
def shop(db):
    return make.resource(name="Shop", below=make.resource())


@pytest.fixture
def operator(shop):
    return make.role(name="Operator", on=shop, terms=EASY)


def added(shop, **words):
    return custom_roles.add(make.act(at=NINE - HOUR), shop, **{"name": "Cashier", **words})


def test_a_role_is_added_with_default_settings_and_without_powers(admin, shop):
    role = custom_roles.add(make.act(by=admin), shop, name=" Operator ", description=" Runs it ", is_privileged=True)

    assert (role.name, role.description, role.is_privileged, role.powers) == ("Operator", "Runs it", True, [])
    assert (role.template_id, role.membership, role.policy.settings()) == (None, "", DEFAULTS)
    (entry,) = seen.entries()
    assert (entry.kind, entry.role_id, entry.role_name, entry.scope_name) == ("role.added", role.pk, "Operator", "Shop")


def test_two_roles_of_one_resource_are_never_called_the_same(shop, operator):
    assert refused(custom_roles.add, make.act(), shop, name="Operator ") == ("taken",)
    assert custom_roles.add(make.act(), shop.parent, name="Operator").resource == shop.parent


# --- edited


def test_name_description_and_mark_are_edited_and_told(admin, shop):
    role = added(shop)

    custom_roles.edit(make.act(by=admin), role, name=" Till ", description="Counts", is_privileged=True)

    edited = Role.objects.get(pk=role.pk)
    assert (edited.name, edited.description, edited.is_privileged) == ("Till", "Counts", True)
    (entry,) = seen.entries()
    assert (entry.kind, entry.facts["changes"]) == (
        "role.edited",
        [
            {"what": "name", "old": "Cashier", "new": "Till"},
            {"what": "description", "old": "", "new": "Counts"},
            {"what": "is privileged", "old": "False", "new": "True"},
        ],
    )


def test_what_is_so_already_is_not_told(shop):
    custom_roles.edit(make.act(), added(shop), name="Cashier", description="", is_privileged=False)

    assert seen.events() == []


def test_a_taken_name_is_refused(shop, operator):
    words = {"name": "Operator", "description": "", "is_privileged": False}

    assert refused(custom_roles.edit, make.act(), added(shop), **words) == ("taken",)


# --- retired


def test_whoever_holds_a_retired_role_loses_it_now_and_is_told(user, stranger, approver, admin, operator):
    eligibility = make.eligibility(of=user, role=operator)
    make.activation(by=user, of=eligibility, duration=4 * HOUR)
    make.activation(by=user, of=eligibility, start_at=NINE + 6 * HOUR)
    make.assignment(of=stranger, role=operator)
    make.eligibility(of=approver, role=operator, start_at=NINE + HOUR, at=NINE - HOUR)

    custom_roles.retire(make.act(by=admin, at=LATER), operator, because=" Shop closes ")

    assert Role.objects.get(pk=operator.pk).retired_at == LATER
    retired, *ended = seen.entries(at=LATER)
    assert (retired.kind, retired.role_id, retired.because) == ("role.retired", operator.pk, "Shop closes")
    assert [entry.kind for entry in ended] == [
        "eligibility.removed", *["role.activation_revoked"] * 2, "eligibility.removed", "assignment.removed",
    ]  # fmt: skip
    assert {entry.because for entry in ended} == {"the role was retired: Shop closes"}
    to = [address for template, address in seen.emails(at=LATER) if template == "removed_from_you"]
    assert to == sorted([approver.email, stranger.email, *[user.email] * 3])
    assert access(user, operator, at=LATER) is access(stranger, operator, at=LATER) is None


def test_nobody_can_get_a_retired_role(user, operator):
    custom_roles.retire(make.act(), operator, because="Shop closes")
    operator.refresh_from_db()
    ask = GrantAsk(start_at=NINE, end_at=IN_30_DAYS, justification="Falcon")

    for give in (grants.make_eligible, grants.assign):
        assert refused(give, make.act(), operator, ask, to=user) == ("retired",)


def test_nobody_can_activate_a_retired_role(user, operator):
    eligibility = make.eligibility(of=user, role=operator)
    custom_roles.retire(make.act(), operator, because="Shop closes")

    with pytest.raises(Refused, match="The eligibility for this role has ended"):
        make.activation(by=user, of=eligibility)


def test_a_role_is_retired_once_and_with_a_reason(operator):
    assert refused(custom_roles.retire, make.act(), operator, because=" ") == ("because",)
    custom_roles.retire(make.act(), operator, because="Shop closes")
    words = {"name": "New", "description": "", "is_privileged": False}

    assert refused(custom_roles.retire, make.act(), operator, because="Again") == ("retired",)
    assert refused(custom_roles.edit, make.act(), operator, **words) == ("retired",)
    assert seen.events() == ["role.retired"]


# --- deleted


def test_a_role_with_which_nothing_happened_is_deleted(admin, shop):
    role = added(shop)
    custom_roles.edit(make.act(at=NINE - MINUTE), role, name="Till", description="", is_privileged=False)

    custom_roles.delete(make.act(by=admin), role)

    (entry,) = seen.entries()
    assert (entry.kind, entry.role_name) == ("role.deleted", "Till")
    assert not Role.objects.filter(resource=shop).exists()
    assert refused(custom_roles.delete, make.act(), role) == ("gone",)


def test_a_role_with_history_is_retired_never_deleted(user, shop):
    held, was_set = added(shop), added(shop, name="Set")
    make.eligibility(of=user, role=held, end_at=NINE - HOUR / 2)
    make.change_terms(of=was_set, to=EASY)

    for role in (held, was_set):
        assert refused(custom_roles.delete, make.act(), role) == ("history",)


def test_a_role_whose_history_was_archived_is_retired_never_deleted(admin, shop, folder):
    was_set, untouched = added(shop), added(shop, name="Untouched")
    make.change_terms(of=was_set, to=EASY)
    archive_all()
    new = added(shop, name="New")

    for role in (was_set, untouched):
        assert refused(custom_roles.delete, make.act(), role) == ("history",)
    custom_roles.delete(make.act(by=admin), new)
    assert set(Role.objects.filter(resource=shop)) == {was_set, untouched}


def test_a_role_somebody_asked_for_is_never_deleted(user, approver, shop):
    role_request = make.role_request(by=user, approvers=(approver,))
    activation.cancel(make.act(by=user), role_request)
    role = added(shop)
    type(role_request).objects.update(role=role)

    assert refused(custom_roles.delete, make.act(at=LATER), role) == ("history",)


# --- what is not one's own, and who may


def test_built_in_roles_and_those_of_groups_stay_as_they_are(db):
    words = {"name": "New", "description": "", "is_privileged": False}
    roles = {"built_in": make.role(), "membership": make.membership_role(of=make.group())}

    for code, role in roles.items():
        assert refused(custom_roles.edit, make.act(), role, **words) == (code,)
        assert refused(custom_roles.retire, make.act(), role, because="Old") == (code,)
        assert code in refused(custom_roles.delete, make.act(), role)


def test_only_who_manages_roles_changes_them(user, auditor, shop, operator):
    words = {"name": "New", "description": "", "is_privileged": False}
    for actor in (user, auditor):
        act = make.act(by=actor)
        assert refused(custom_roles.add, act, shop, name="New") == ("power",)
        assert refused(custom_roles.edit, act, operator, **words) == ("power",)
        assert refused(custom_roles.retire, act, operator, because="Old") == ("power",)
        assert "power" in refused(custom_roles.delete, act, operator)

    assert seen.events() == []
