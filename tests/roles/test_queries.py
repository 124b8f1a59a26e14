"""Reads: who is active, who decides, who is told, and what the pages show."""

from itertools import pairwise

import pytest

from accounts.operations import groups
from accounts.operations.people import disable
from kernel.period import DAY, HOUR, MINUTE
from kernel.powers import EVERY_POWER, READING_POWERS, Power
from roles.models import Assignment, Eligibility
from roles.operations import activation, grants
from roles.queries import access, assignments, deciders, due, lists, memberships, people
from roles.terms import ActivationTerms
from tests import make
from tests.make import IN_30_DAYS, MICROSECOND, NINE

pytestmark = pytest.mark.django_db

# --- the decision


@pytest.mark.parametrize(
    ("ends", "until"),
    [
        ((NINE + HOUR,), NINE + HOUR),
        ((NINE + HOUR, NINE + 3 * HOUR), NINE + 3 * HOUR),
        ((NINE + HOUR, NINE + 2 * HOUR, NINE + 3 * HOUR), NINE + 3 * HOUR),
        ((NINE + HOUR, None), None),
    ],
)
def test_overlapping_grants_are_a_union_that_ends_with_the_last(ends, until, user):
    role = make.role()
    for end_at in ends:
        make.assignment(of=user, role=role, end_at=end_at)

    assert access.access(user, role, at=NINE) == access.Access(user, role, until)


def test_permanent_wins_whichever_was_first(user):
    role = make.role()
    make.assignment(of=make.group(members=(user,)), role=role, end_at=None)
    make.assignment(of=user, role=role, end_at=NINE + HOUR)

    assert access.access(user, role, at=NINE).until is None
    assert access.access(user, role, at=NINE + HOUR).until is None


def test_when_the_shorter_grant_ends_the_longer_one_still_holds(user):
    role = make.role()
    make.assignment(of=user, role=role, end_at=NINE + 30 * MINUTE)
    make.activation(by=user, of=make.eligibility(of=user, role=role))

    assert access.access(user, role, at=NINE + 30 * MINUTE).until == NINE + HOUR


def test_nobody_is_active_without_a_grant_of_that_role(user, stranger):
    role = make.role()
    make.assignment(of=user, role=role)

    assert access.access(stranger, role, at=NINE) is None
    assert access.access(user, make.role(name="Exchange Administrator"), at=NINE) is None


def test_a_grant_made_above_holds_below(user):
    directory = make.resource()
    application = make.resource(name="Payroll", below=directory)
    role = make.role(name="Payroll Operator", on=application)
    grant = make.assignment(of=user, role=role)
    assert access.access(user, role, at=NINE).until == IN_30_DAYS

    Assignment.objects.filter(pk=grant.pk).update(scope=directory)
    assert access.access(user, role, at=NINE).until == IN_30_DAYS


def test_a_grant_made_below_does_not_hold_above(user):
    role = make.role()
    grant = make.assignment(of=user, role=role)
    Assignment.objects.filter(pk=grant.pk).update(scope=make.resource(name="Payroll", below=role.resource))

    assert access.access(user, role, at=NINE) is None


def test_a_line_goes_from_a_resource_up_to_the_top():
    directory = make.resource()
    payroll = make.resource(name="Payroll", below=directory)
    archive = make.resource(name="Archive", below=payroll)

    assert access.lineage(archive) == [archive, payroll, directory]


def test_everything_below_a_resource_is_found_from_the_top_down_by_name():
    directory = make.resource()
    payroll = make.resource(name="Payroll", below=directory)
    archive = make.resource(name="Archive", below=payroll)
    billing = make.resource(name="Billing", below=directory)

    assert access.below(directory) == [billing, payroll, archive]
    assert access.below(payroll) == [archive]
    assert access.below(archive) == []


# --- powers


def test_powers_come_from_what_is_active(admin, auditor, user):
    assert access.powers_of(admin, at=NINE) == set(EVERY_POWER)
    assert access.powers_of(auditor, at=NINE) == set(READING_POWERS)
    assert access.powers_of(user, at=NINE) == set()


def test_an_eligible_administrator_has_no_power_until_activating(user):
    eligibility = make.eligibility(of=user, role=make.role(name="Global Administrator"))
    assert access.powers_of(user, at=NINE) == set()

    make.activation(by=user, of=eligibility)
    assert access.powers_of(user, at=NINE) == set(EVERY_POWER)
    assert access.powers_of(user, at=NINE + HOUR) == set()


def test_what_is_held_only_on_something_below_gives_no_power_over_the_portal(user):
    shop = make.resource(name="Shop", below=make.resource())
    make.assignment(of=user, role=make.role(name="Global Administrator"), on=shop)

    assert access.powers_of(user, at=NINE) == set()
    assert people.administrators(NINE) == []


def test_an_activation_narrowed_to_something_below_gives_no_power_over_the_portal(user):
    shop = make.resource(name="Shop", below=make.resource())
    eligibility = make.eligibility(of=user, role=make.role(name="Global Administrator", terms=make.EASY))
    make.role_request(by=user, for_=eligibility, on=shop)

    assert access.access(user, eligibility.role, at=NINE, on=shop) is not None
    assert access.powers_of(user, at=NINE) == set()


def test_the_powers_of_several_roles_add_up(user):
    for name in ("Security Reader", "Global Administrator"):
        make.assignment(of=user, role=make.role(name=name))

    assert access.powers_of(user, at=NINE) == set(EVERY_POWER)


def test_what_is_lacking_is_told_and_the_portal_lacks_nothing(user, admin, auditor):
    assert [refusal.code for refusal in access.lacks(make.act(by=user), Power.AUDIT_READ)] == ["power"]
    assert [refusal.code for refusal in access.lacks(make.act(by=auditor), Power.ROLES_MANAGE)] == ["power"]
    assert access.lacks(make.act(by=auditor), Power.AUDIT_READ) == []
    assert access.lacks(make.act(by=admin), Power.ROLES_MANAGE) == []
    assert access.lacks(make.act(), Power.ROLES_MANAGE) == []


# --- who is told, who decides


def test_holders_are_the_enabled_people_behind_grants_each_once(user, stranger, approver):
    role = make.role()
    make.eligibility(of=user, role=role)
    make.eligibility(of=make.group(members=(user, stranger, approver)), role=role)
    disable(make.act(), approver)

    assert list(people.holders(Eligibility.objects.all(), NINE)) == [user, stranger]


def test_administrators_are_those_active_and_enabled_at_that_moment(user, admin, auditor, stranger):
    role = make.role(name="Privileged Role Administrator")
    make.assignment(of=user, role=role, end_at=NINE + HOUR)
    make.assignment(of=admin, role=role, end_at=None)
    make.eligibility(of=stranger, role=make.role(name="Global Administrator"))

    assert people.administrators(NINE) == [admin, user]
    assert people.administrators(NINE + HOUR) == [admin]
    disable(make.act(), admin)
    assert people.administrators(NINE) == [user]


def test_a_group_of_administrators_is_administrators(user):
    make.assignment(of=make.group(members=(user,)), role=make.role(name="Global Administrator"))

    assert people.administrators(NINE) == [user]


def test_those_named_decide_and_nobody_else(user, approver, other_approver, admin):
    role = make.role(approvers=(approver, make.group(members=(other_approver, approver))))

    assert deciders.approvers(role, NINE, asker=user) == [approver, other_approver]


def test_where_nobody_is_named_the_administrators_decide(user, admin):
    assert deciders.approvers(make.role(), NINE, asker=user) == [admin]


def test_the_asker_never_decides_named_or_in_a_group_or_administrator(user, approver, admin):
    named = make.role(approvers=(user, approver, make.group(members=(user, approver))))
    unnamed = make.role(name="Exchange Administrator", terms=ActivationTerms(needs_approval=True))

    assert deciders.approvers(named, NINE, asker=user) == [approver]
    assert deciders.approvers(unnamed, NINE, asker=admin) == []


def test_disabled_approvers_do_not_decide_and_administrators_do_not_step_in(approver, other_approver, admin):
    role = make.role(approvers=(approver, make.group(members=(other_approver,))))
    disable(make.act(), approver)
    disable(make.act(), other_approver)

    assert deciders.approvers(role, NINE, asker=make.user()) == []


# --- what the pages show


def test_roles_are_found_by_name_and_description():
    teams = make.role(name="Teams Administrator")
    make.role(name="Exchange Administrator")

    assert list(lists.roles_list("teams")) == [teams]
    assert lists.roles_list("").count() == 2
    assert list(lists.roles_list("no such role")) == []


def test_a_role_set_otherwise_than_it_came_differs(approver):
    as_it_came, stricter, with_approver = (
        make.role(name="Teams Administrator"),
        make.role(name="Exchange Administrator", terms=ActivationTerms(max_duration=HOUR)),
        make.role(name="Groups Administrator"),
    )
    make.change_terms(of=with_approver, to=ActivationTerms(), approvers=(approver,))

    differing = {role.name for role in lists.roles_list("") if lists.differs_from_defaults(role)}

    assert differing == {stricter.name, with_approver.name}
    assert as_it_came.name not in differing


def test_grants_are_found_by_person_email_group_and_role(user, stranger):
    own = make.eligibility(of=user)
    team = make.eligibility(of=make.group(name="Night shift"), role=make.role(name="Exchange Administrator"))

    def found(text):
        return list(lists.grants_list(Eligibility.objects.all(), text))

    assert found("") == [own, team]
    assert found("john") == found("USER@example") == found("Teams Adm") == [own]
    assert found("night") == found("exchange") == [team]
    assert found("sam") == []


def test_what_ended_lately_is_shown_latest_first_without_activations(user):
    at = NINE + HOUR
    role, other = make.role(), make.role(name="Exchange Administrator")
    first = make.assignment(of=user, role=role, end_at=NINE)
    second = make.eligibility(of=user, role=role, end_at=NINE + MINUTE)
    make.activation(by=user, of=make.eligibility(of=user, role=other), duration=30 * MINUTE)
    make.assignment(of=user, role=other, start_at=NINE - 40 * DAY, end_at=NINE - 31 * DAY)

    assert assignments.found("expired", assignments.Filters(sort="-end"), at=at) == [second, first]


def test_it_is_said_through_which_group_somebody_holds_a_role(user):
    team = make.group(name="Night shift", members=(user,))

    assert lists.through(make.eligibility(of=team)) == "Night shift"
    assert lists.through(make.assignment(of=user)) == ""


# --- what the worker asks


def test_the_worker_knows_the_next_warning_or_end(user):
    make.eligibility(of=user, end_at=NINE + 5 * HOUR)
    make.assignment(of=user, role=make.role(name="Exchange Administrator"), end_at=NINE + 3 * HOUR)
    scheduled = make.eligibility(of=user, role=make.role(name="Groups Administrator"))
    make.activation(by=user, of=scheduled, start_at=NINE + 2 * HOUR, duration=2 * HOUR)

    moments = [NINE + 3 * HOUR, NINE + 3.75 * HOUR, NINE + 4 * HOUR, NINE + 5 * HOUR, IN_30_DAYS]
    for before, after in pairwise([NINE, *moments]):
        assert due.next_due(before) == after
    assert due.next_due(IN_30_DAYS) is None


def test_what_is_told_is_due_no_more(user):
    active = make.activation(by=user, start_at=NINE, at=NINE - MICROSECOND)
    team = make.group(members=(user,))
    other = make.role(name="Exchange Administrator")
    lapsing = make.activation(by=user, of=make.eligibility(of=team, role=other, end_at=None))
    ending = make.eligibility(of=user, role=other, end_at=NINE + 10 * MINUTE)
    groups.remove(make.act(), team, user)
    assert due.due(NINE) == {
        "warn": [], "tell_assignment_end": [], "tell_eligibility_end": [], "end_lapsed": [lapsing.pk],
        "remind_assignment": [], "remind_eligibility": [ending.pk],
    }  # fmt: skip

    activation.tell_start(make.act(), active.pk)
    activation.end_lapsed(make.act(), lapsing.pk)
    assert due.due(NINE + HOUR) == {
        "warn": [], "tell_assignment_end": [active.pk], "tell_eligibility_end": [ending.pk], "end_lapsed": [],
        "remind_assignment": [], "remind_eligibility": [],
    }  # fmt: skip

    activation.tell_assignment_end(make.act(at=NINE + HOUR), active.pk)
    activation.tell_eligibility_end(make.act(at=NINE + HOUR), ending.pk)
    assert list(due.due(NINE + HOUR).values()) == [[]] * 6


def test_what_was_taken_back_is_not_due(user):
    role = make.role()
    eligibility = make.eligibility(of=user, role=role)
    make.activation(by=user, of=eligibility)
    grants.remove_eligibility(make.act(at=NINE + MINUTE), eligibility, because="New job")

    assert not any(due.due(NINE + DAY).values())


# --- one role


def test_a_role_is_found_by_number_template_or_exact_name():
    role = make.role()

    for said in (
        str(role.pk),
        str(role.template_id),
        str(role.template_id).upper(),
        "Teams Administrator",
        "teams administrator",
    ):
        assert access.find_role(said) == role


@pytest.mark.parametrize(
    "said",
    [
        "",
        "0",
        "99999999",
        "9" * 30,
        "Teams",
        "69091246-20e8-4a56-aa4d-06607500000g",
        "----",
        "00000000-0000-0000-0000-000000000000",
    ],
)
def test_what_is_no_role_is_not_found(said):
    make.role()

    assert access.find_role(said) is None


def test_a_name_that_two_roles_have_finds_neither():
    directory = make.resource()
    for name in ("Payroll", "Archive"):
        make.role(name="Operator", on=make.resource(name=name, below=directory))

    assert access.find_role("Operator") is None


# --- groups


def test_the_groups_of_a_person_are_those_they_were_added_to_and_those_they_are_active_in(user, stranger):
    added, joined, over = make.group(members=(user,)), make.group(), make.group(members=(stranger,))
    make.member(of=joined, who=user, end_at=NINE + HOUR)
    make.member(of=over, who=user, end_at=NINE)

    assert set(people.groups_of(user, NINE)) == {added, joined}
    assert set(people.groups_of(user, NINE + HOUR)) == {added}


def test_one_stays_in_a_group_for_good_or_until_the_last_membership_ends(user):
    team = make.group()
    assert memberships.until(user, NINE).get(team.pk, NINE) == NINE

    make.member(of=team, who=user, end_at=NINE + HOUR)
    make.member(of=team, who=user, end_at=NINE + 2 * HOUR)
    assert memberships.until(user, NINE).get(team.pk, NINE) == NINE + 2 * HOUR

    make.groups.add_member(make.act(), team, user)
    assert memberships.until(user, NINE).get(team.pk, NINE) is None


def test_a_permanent_active_member_stays_for_good(user):
    team = make.group()
    make.member(of=team, who=user, end_at=NINE + HOUR)
    make.member(of=team, who=user, end_at=None)

    assert memberships.until(user, NINE).get(team.pk, NINE) is None


def test_what_is_still_ahead_lapses_with_what_it_stands_on(user):
    eligibility = make.eligibility(of=user)
    ahead = make.activation(by=user, of=eligibility, start_at=NINE + HOUR)
    assert due.lapsed(NINE) == []

    type(eligibility).objects.update(end_at=NINE + MINUTE)

    assert due.lapsed(NINE + MINUTE) == due.due(NINE + MINUTE)["end_lapsed"] == [ahead.pk]
