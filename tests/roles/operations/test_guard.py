"""The last administrator stays, whatever is done; by its time alone an activation ends."""

import pytest

from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refused
from roles.models import Assignment, Eligibility
from roles.operations import activation, grants, guard
from tests import make
from tests.make import NINE

pytestmark = pytest.mark.django_db

BOTH = ["Global Administrator", "Privileged Role Administrator"]


def codes(call, *args, **words):
    with pytest.raises(Refused) as caught:
        call(*args, **words)
    return caught.value.codes


def sentence(call, *args, **words):
    with pytest.raises(Refused) as caught:
        call(*args, **words)
    return str(caught.value)


# --- the last who is active


@pytest.mark.parametrize("name", BOTH)
def test_the_last_active_administrator_cannot_be_removed(name, user, admin):
    last = make.assignment(of=user, role=make.role(name=name), end_at=None)
    if name == BOTH[0]:
        grants.remove_assignment(make.act(), Assignment.objects.get(user=admin), because="New job")

    said = sentence(grants.remove_assignment, make.act(), last, because="New job")

    assert said == f"{name} would have no active holder left. Make somebody else a permanently active {name} first."
    assert Assignment.objects.held_by(user, NINE).exists()


def test_each_of_the_two_roles_is_guarded_by_itself(user, admin):
    last = make.assignment(of=user, role=make.role(name=BOTH[1]), end_at=None)

    assert codes(grants.remove_assignment, make.act(by=admin), last, because="New job") == ("last_administrator",)


def test_a_break_glass_account_counts_as_a_holder(user, admin):
    make.break_glass()

    grants.remove_assignment(make.act(), Assignment.objects.get(user=admin), because="New job")

    assert not Assignment.objects.held_by(admin, NINE).exists()


@pytest.mark.parametrize("enabled", [True, False])
def test_a_group_counts_as_long_as_it_has_an_enabled_member(enabled, user, stranger, admin):
    make.assignment(of=make.group(members=(user,)), role=make.role(name=BOTH[0]), end_at=None)
    user.is_enabled = enabled
    user.save()
    mine = Assignment.objects.get(user=admin)

    if enabled:
        grants.remove_assignment(make.act(), mine, because="New job")
    else:
        assert codes(grants.remove_assignment, make.act(), mine, because="New job") == ("last_administrator",)


def test_whoever_activated_the_role_does_not_make_up_for_the_last_who_is_assigned_it(user, admin):
    make.activation(by=user, of=make.eligibility(of=user, role=make.role(name=BOTH[0], terms=make.EASY)))
    mine = Assignment.objects.get(user=admin)

    at = NINE + 10 * MINUTE
    assert codes(grants.remove_assignment, make.act(at=at), mine, because="New job") == ("last_administrator",)


def test_the_only_one_who_activated_the_role_cannot_be_removed_either(user, admin):
    role = make.role(name=BOTH[1], terms=make.EASY)
    make.eligibility(of=admin, role=role)
    active = make.activation(by=user, of=make.eligibility(of=user, role=role))
    act = make.act(by=admin, at=NINE + 10 * MINUTE)

    said = sentence(grants.remove_assignment, act, active, because="Strange")

    assert said == f"Nobody would be active as {role} any more. Make somebody else an active {role} first."
    assert codes(grants.remove_eligibility, act, active.activated_from, because="Strange") == ("last_administrator",)


def test_other_roles_are_not_guarded_and_nobody_waits_for_them(user, django_assert_num_queries):
    role = make.role()
    last = make.assignment(of=user, role=role, end_at=None)

    with django_assert_num_queries(0), guard.administrators_stay(make.act(), of=role):
        pass
    grants.remove_assignment(make.act(), last, because="New job")

    assert not Assignment.objects.in_force(NINE).exists()


def test_without_a_role_both_are_looked_at(admin):
    with pytest.raises(Refused, match="Global Administrator"), guard.administrators_stay(make.act()):
        type(admin).objects.filter(pk=admin.pk).update(is_enabled=False)


# --- the last who is eligible


@pytest.mark.parametrize("name", BOTH)
def test_the_last_eligible_administrator_cannot_be_removed_while_nobody_else_has_the_role(name, user, stranger):
    role = make.role(name=name)
    last, other = (make.eligibility(of=one, role=role) for one in (user, stranger))
    grants.remove_eligibility(make.act(), other, because="New job")

    said = sentence(grants.remove_eligibility, make.act(), last, because="New job")
    make.assignment(of=stranger, role=role, end_at=None)
    grants.remove_eligibility(make.act(), last, because="New job")

    assert said == f"Nobody would be left who may be {name}. Make somebody else eligible or active first."
    assert not Eligibility.objects.in_force(NINE).exists()


# --- deactivating


def active_administrator(user):
    role = make.role(name=BOTH[1], terms=make.EASY)
    return make.activation(by=user, of=make.eligibility(of=user, role=role))


def test_the_only_active_administrator_cannot_deactivate_but_it_ends_by_itself(user, admin):
    active = active_administrator(user)
    act = make.act(by=user, at=NINE + 10 * MINUTE)

    said = sentence(activation.deactivate, act, active)

    assert said == (
        "You are the only active Privileged Role Administrator. It ends by itself at 10:00 UTC; "
        "to end it earlier, somebody else has to be active first."
    )
    assert [refusal.code for refusal in activation.may_deactivate(act, active)] == ["last_administrator"]
    assert not Assignment.objects.of(user, NINE + HOUR).in_force(NINE + HOUR).exists()


def test_with_somebody_else_active_an_administrator_may_deactivate(user, stranger):
    active = active_administrator(user)
    make.assignment(of=stranger, role=active.role, end_at=NINE + DAY)

    activation.deactivate(make.act(by=user, at=NINE + 10 * MINUTE), active)

    assert not Assignment.objects.of(user, NINE + 10 * MINUTE).in_force(NINE + 10 * MINUTE).exists()


def test_a_scheduled_activation_can_be_called_off_by_the_only_one(user):
    role = make.role(name=BOTH[1], terms=make.EASY)
    ahead = make.activation(by=user, of=make.eligibility(of=user, role=role), start_at=NINE + HOUR)

    activation.deactivate(make.act(by=user), ahead)

    assert not Assignment.objects.not_over(NINE).exists()


def test_break_glass_accounts_are_never_eligible(user):
    account = make.break_glass()

    with pytest.raises(Refused) as caught:
        make.eligibility(of=account, role=make.role())

    assert caught.value.codes == ("break_glass",)
