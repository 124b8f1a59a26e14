"""Who may have and who has what, at which moment; and what the database itself refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.operations import groups, people
from kernel.period import DAY, HOUR, MINUTE
from roles.models import Approver, Assignment, Eligibility, RolePolicy
from roles.operations import grants
from roles.terms import DEFAULTS, ActivationTerms, GrantTerms, SecondFactor, Settings
from tests import make
from tests.make import MICROSECOND, NINE, THE_DAY_BEFORE

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

# --- in force


def is_active(person, at):
    return Assignment.objects.held_by(person, at).exists()


@pytest.mark.parametrize(
    ("at", "active"),
    [
        (NINE - MICROSECOND, False),
        (NINE, True),
        (NINE + MICROSECOND, True),
        (NINE + HOUR - MICROSECOND, True),
        (NINE + HOUR, False),
        (NINE + HOUR + MICROSECOND, False),
    ],
)
@pytest.mark.parametrize("give", [make.assignment, make.eligibility])
def test_a_grant_is_in_force_from_its_start_up_to_its_end_to_the_microsecond(give, at, active, user):
    grant = give(of=user, start_at=NINE, end_at=NINE + HOUR, at=THE_DAY_BEFORE)

    assert type(grant).objects.of(user, at).in_force(at).exists() == active


@pytest.mark.parametrize("at", [NINE, NINE + 3650 * DAY])
def test_a_permanent_grant_has_no_end(at, user):
    make.assignment(of=user, end_at=None)

    assert is_active(user, at)


@pytest.mark.parametrize(
    ("at", "active"),
    [(NINE - MICROSECOND, False), (NINE, True), (NINE + HOUR - MICROSECOND, True), (NINE + HOUR, False)],
)
def test_an_activation_is_in_force_for_its_hour(at, active, user):
    make.activation(by=user, start_at=NINE, at=NINE - MINUTE)

    assert is_active(user, at) == active


def test_an_activation_stands_on_its_eligibility(user):
    activation = make.activation(by=user)

    Eligibility.objects.filter(activations=activation).update(end_at=NINE + 10 * MINUTE)

    assert is_active(user, NINE + 10 * MINUTE - MICROSECOND)
    assert not is_active(user, NINE + 10 * MINUTE)


def test_a_removed_eligibility_takes_its_activation_along(user):
    activation = make.activation(by=user)

    grants.remove_eligibility(make.act(at=NINE + MINUTE), activation.activated_from, because="New job")

    assert is_active(user, NINE + MINUTE - MICROSECOND)
    assert not is_active(user, NINE + MINUTE)


def test_who_leaves_the_group_loses_at_once_what_was_activated_through_it(user, stranger):
    team = make.group(members=(user, stranger))
    eligibility = make.eligibility(of=team)
    make.activation(by=user, of=eligibility)
    make.activation(by=stranger, of=eligibility)

    groups.remove(make.act(), team, user)

    assert (is_active(user, NINE), is_active(stranger, NINE)) == (False, True)


def test_what_a_group_is_assigned_each_member_has_as_long_as_they_are_members(user, stranger):
    team = make.group(members=(user,))
    make.assignment(of=team)
    assert (is_active(user, NINE), is_active(stranger, NINE)) == (True, False)

    groups.remove(make.act(), team, user)
    assert not is_active(user, NINE)

    groups.add(make.act(), team, user)
    assert is_active(user, NINE)


@pytest.mark.parametrize("through", [lambda user: user, lambda user: make.group(members=(user,))])
def test_who_is_disabled_has_nothing_until_enabled_again(through, user):
    make.assignment(of=through(user))

    people.disable(make.act(), user)
    assert not is_active(user, NINE)

    people.enable(make.act(), user)
    assert is_active(user, NINE)


def test_who_is_disabled_loses_what_they_activated(user):
    make.activation(by=user)

    people.disable(make.act(), user)

    assert not is_active(user, NINE)


def test_who_is_disabled_has_nothing_in_force_whoever_asks(user, stranger):
    make.assignment(of=user)
    make.activation(by=user, of=make.eligibility(of=user, role=make.role(name="Exchange Administrator")))
    kept = make.assignment(of=make.group(members=(stranger,)))

    people.disable(make.act(), user)

    assert list(Assignment.objects.in_force(NINE)) == [kept]


def test_another_members_eligibility_does_not_carry_my_activation(user, stranger):
    team = make.group(members=(user,))
    make.activation(by=user, of=make.eligibility(of=team))
    groups.remove(make.act(), team, user)
    groups.add(make.act(), team, stranger)

    assert not is_active(user, NINE)


def test_somebody_in_two_groups_has_an_assignment_once(user):
    team = make.group(members=(user,))
    make.group(members=(user,))
    make.assignment(of=team)

    assert Assignment.objects.held_by(user, NINE).count() == 1


# --- over, ahead


@pytest.mark.parametrize(
    ("at", "over"), [(NINE - DAY, False), (NINE, False), (NINE + HOUR - MICROSECOND, False), (NINE + HOUR, True)]
)
def test_a_grant_is_over_or_it_is_not(at, over, user):
    make.assignment(of=user, start_at=NINE, end_at=NINE + HOUR, at=THE_DAY_BEFORE)

    assert Assignment.objects.over(at).exists() == over
    assert Assignment.objects.not_over(at).exists() != over


def test_what_was_called_off_is_over_before_it_would_have_begun(user):
    grant = make.assignment(of=user, start_at=NINE + DAY, at=THE_DAY_BEFORE)
    grants.remove_assignment(make.act(), grant, because="New job")

    assert Assignment.objects.over(NINE).exists()
    assert not Assignment.objects.not_over(NINE).exists()


def test_what_is_permanent_is_never_over(user):
    make.eligibility(of=user, end_at=None)

    assert not Eligibility.objects.over(NINE + 3650 * DAY).exists()
    assert Eligibility.objects.not_over(NINE + 3650 * DAY).exists()


# --- settings


def test_settings_come_back_as_they_were_taken():
    other = Settings(
        activation=ActivationTerms(
            max_duration=90 * MINUTE,
            second_factor=SecondFactor.NONE,
            needs_justification=False,
            needs_ticket=True,
            needs_approval=True,
            decision_window=36 * HOUR,
        ),
        eligible=GrantTerms(permanent_allowed=False, max_duration=90 * DAY),
        active=GrantTerms(permanent_allowed=True, max_duration=15 * DAY),
    )
    policy = make.role().policy

    for settings in (other, DEFAULTS):
        policy.take(settings)
        policy.save()
        assert RolePolicy.objects.get(pk=policy.pk).settings() == settings


# --- what the database refuses


def database_refuses(write, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        write()


@pytest.mark.parametrize("give", [make.assignment, make.eligibility])
def test_a_grant_is_for_a_person_or_a_group_never_both_never_neither(give, user):
    grant = give(of=user)
    team = make.group()
    rows = type(grant).objects.filter(pk=grant.pk)

    database_refuses(lambda: rows.update(group=team), "is_for_user_or_group")
    database_refuses(lambda: rows.update(user=None), "is_for_user_or_group")


@pytest.mark.parametrize("give", [make.assignment, make.eligibility])
def test_no_grant_ends_before_it_starts(give, user):
    grant = give(of=user)
    rows = type(grant).objects.filter(pk=grant.pk)

    database_refuses(lambda: rows.update(end_at=grant.start_at - MICROSECOND), "ends_after_start")
    assert rows.update(end_at=grant.start_at) == 1


def test_an_activation_has_an_end_and_a_person(user):
    activation = make.activation(by=user)
    team = make.group()
    rows = Assignment.objects.filter(pk=activation.pk)

    database_refuses(lambda: rows.update(end_at=None), "activation_has_an_end_and_a_person")
    database_refuses(lambda: rows.update(user=None, group=team), "activation_has_an_end_and_a_person")


@pytest.mark.parametrize("duration", [30 * MINUTE - MICROSECOND, 24 * HOUR + MICROSECOND, timedelta()])
def test_no_activation_is_allowed_beyond_half_an_hour_to_a_day(duration):
    rows = RolePolicy.objects.filter(role=make.role())

    database_refuses(lambda: rows.update(activation_max_duration=duration), "activation_from_half_an_hour_to_a_day")


def test_an_approver_is_a_person_a_group_or_the_manager_and_named_once_in_a_stage(user):
    policy, team = make.role(approvers=(user,)).policy, make.group()

    def name(**approver):
        return lambda: Approver.objects.create(policy=policy, **approver)

    for wrong in ({}, {"user": user, "group": team}, {"user": user, "is_manager": True}):
        database_refuses(name(step=Approver.Step.SECOND, **wrong), "approver_is_user_group_or_manager")
    database_refuses(name(user=user), "approver_user_once|user_id")
    name(group=team)()
    database_refuses(name(group=team), "approver_group_once|group_id")
    name(is_manager=True)()
    database_refuses(name(is_manager=True), "approver_manager_once|roles_approver.policy_id, roles_approver.step")
    for again in ({"user": user}, {"group": team}, {"is_manager": True}):
        name(step=Approver.Step.SECOND, **again)()


def test_a_role_has_its_name_once_on_a_resource():
    role = make.role()
    role.pk = role.template_id = None
    role._state.adding = True

    database_refuses(role.save, "one_role_per_name_and_resource|resource_id.*name")
