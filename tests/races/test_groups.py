"""Groups and the tree of resources, changed at the same moment."""

from functools import partial

from kernel.period import HOUR, MINUTE
from requests_app.models import RoleRequest
from roles.models import Assignment, Resource, Role
from roles.operations import activation, custom_roles, departures, grants, groups, resources
from roles.policy import GrantAsk
from roles.queries.access import lineage
from tests import make, seen
from tests.make import IN_30_DAYS, NINE
from tests.races.together import at_once, done, refusals

LATER = NINE + 10 * MINUTE


def test_two_moves_that_would_make_a_circle_together_make_none(db):
    directory = make.resource()
    first, second = (make.resource(name=name, below=directory) for name in ("First", "Second"))

    outcomes = at_once(
        partial(resources.move, make.act(), first, to=second), partial(resources.move, make.act(), second, to=first)
    )

    assert refusals(outcomes) == [("circle",)]
    for resource in Resource.objects.all():
        assert lineage(resource)[-1] == directory
    assert seen.events() == ["resource.moved"]


def test_three_moves_that_would_make_a_circle_together_make_none(db):
    directory = make.resource()
    three = [make.resource(name=name, below=directory) for name in ("First", "Second", "Third")]

    outcomes = at_once(
        *(partial(resources.move, make.act(), three[number], to=three[(number + 1) % 3]) for number in range(3))
    )

    assert refusals(outcomes) == [("circle",)]
    assert {lineage(resource)[-1] for resource in Resource.objects.all()} == {directory}


def test_whoever_leaves_a_group_while_activating_through_it_has_nothing_afterwards(user):
    team = make.group(members=(user,))
    eligibility = make.eligibility(of=team, role=make.role(terms=make.EASY))

    outcomes = at_once(
        partial(departures.leave_group, make.act(), team, user), partial(make.role_request, by=user, for_=eligibility)
    )

    groups.add_member(make.act(), team, user)
    assert refusals(outcomes) in ([], [("not_eligible",)])
    assert Assignment.objects.held_by(user, NINE).count() == 0
    assert RoleRequest.objects.count() == len(done(outcomes)) - 1


def test_whoever_is_disabled_while_activating_has_nothing_afterwards(user):
    eligibility = make.eligibility(of=user, role=make.role(terms=make.EASY))

    outcomes = at_once(
        partial(departures.disable, make.act(), user), partial(make.role_request, by=user, for_=eligibility)
    )

    assert refusals(outcomes) in ([], [("not_eligible",)])
    assert Assignment.objects.not_over(NINE).count() == 0


def test_whoever_ends_a_membership_while_activating_through_it_has_nothing_afterwards(user):
    team = make.group()
    mine = make.eligibility(of=user, role=make.membership_role(of=team))
    membership = make.activation(by=user, of=mine, duration=4 * HOUR)
    eligibility = make.eligibility(of=team, role=make.role(terms=make.EASY))

    outcomes = at_once(
        partial(activation.deactivate, make.act(by=user, at=LATER), membership),
        partial(make.role_request, by=user, for_=eligibility, at=LATER),
    )

    assert refusals(outcomes) in ([], [("not_eligible",)])
    assert Assignment.objects.not_over(LATER).count() == 0


def test_a_membership_taken_away_while_activating_through_it_leaves_nothing(user):
    team = make.group()
    mine = make.eligibility(of=user, role=make.membership_role(of=team))
    make.activation(by=user, of=mine, duration=4 * HOUR)
    eligibility = make.eligibility(of=team, role=make.role(terms=make.EASY))

    outcomes = at_once(
        partial(grants.remove_eligibility, make.act(at=LATER), mine, because="New job"),
        partial(make.role_request, by=user, for_=eligibility, at=LATER),
    )

    assert refusals(outcomes) in ([], [("not_eligible",)])
    assert Assignment.objects.not_over(LATER).count() == 0


def test_of_two_administrators_in_two_groups_who_take_each_other_out_one_stays(db):
    role = make.role(name="Global Administrator")
    people = [make.user(), make.user()]
    teams = [make.group(members=(person,)) for person in people]
    for team in teams:
        make.assignment(of=team, role=role, end_at=None)

    outcomes = at_once(
        partial(departures.leave_group, make.act(by=people[0]), teams[1], people[1]),
        partial(departures.leave_group, make.act(by=people[1]), teams[0], people[0]),
    )

    assert len(done(outcomes)) == 1
    assert refusals(outcomes) in ([("last_administrator",)], [("power",)])


def test_a_role_retired_while_somebody_gets_it_is_held_by_nobody(user):
    role = make.role(name="Operator", on=make.resource(name="Shop", below=make.resource()), terms=make.EASY)
    ask = GrantAsk(start_at=NINE, end_at=IN_30_DAYS, justification="Falcon")

    outcomes = at_once(
        partial(custom_roles.retire, make.act(), role, because="Shop closes"),
        partial(grants.assign, make.act(), Role.objects.get(pk=role.pk), ask, to=user),
    )

    assert refusals(outcomes) in ([], [("retired",)])
    assert Assignment.objects.not_over(NINE).count() == 0


def test_a_group_brought_under_roles_twice_at_once_has_one_pair_of_roles(db):
    team = make.group(name="Night shift")

    outcomes = at_once(*[partial(groups.bring_under_roles, make.act(), team)] * 3)

    assert refusals(outcomes) == [("resource",)] * 2
    assert (Resource.objects.count(), Role.objects.count()) == (1, 2)


def test_whoever_ends_a_membership_while_taken_out_of_the_group_ends_everything_once(user):
    team = make.group(members=(user,))
    mine = make.eligibility(of=user, role=make.membership_role(of=team))
    membership = make.activation(by=user, of=mine, duration=4 * HOUR)
    make.activation(by=user, of=make.eligibility(of=team, role=make.role(terms=make.EASY)), duration=4 * HOUR)

    outcomes = at_once(
        partial(activation.deactivate, make.act(by=user, at=LATER), membership),
        partial(departures.leave_group, make.act(at=LATER), team, user),
    )

    assert refusals(outcomes) == []
    assert sorted(seen.events(at=LATER)) == ["group.member_removed", "role.activation_revoked", "role.deactivated"]


def test_what_is_deactivated_while_its_holder_is_disabled_ends_once(user):
    active = make.activation(by=user, of=make.eligibility(of=user, role=make.role(terms=make.EASY)), duration=4 * HOUR)

    outcomes = at_once(
        partial(activation.deactivate, make.act(by=user, at=LATER), active),
        partial(departures.disable, make.act(at=LATER), user),
    )

    assert refusals(outcomes) in ([], [("over",)])
    ends = [kind for kind in seen.events(at=LATER) if kind != "person.disabled"]
    assert ends in (["role.deactivated"], ["role.activation_revoked"])
