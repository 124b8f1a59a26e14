"""Who may decide, stage by stage, and for whom that is too few."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.operations.people import disable
from kernel.period import HOUR
from roles.models import Resource, Role, RolePolicy
from roles.queries import deciders
from roles.terms import DEFAULTS, MANAGER, ApprovalTerms, Stage
from tests import make
from tests.make import NINE

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def panel(*approvers, quorum=1):
    (found,) = deciders.panels(ApprovalTerms((Stage(tuple(approvers), quorum),)), NINE)
    return found


def member_role(group):
    """The role that makes its holder a member of a group while they are active."""
    resource = Resource.objects.create(name=group.name, kind=Resource.Kind.GROUP, group=group)
    role = Role.objects.create(resource=resource, name="Member", membership=Role.Membership.MEMBER)
    policy = RolePolicy(role=role)
    policy.take(DEFAULTS)
    policy.save()
    return role


def test_whoever_is_in_a_group_because_they_activated_it_decides_for_it_while_that_lasts(user, approver):
    team = make.group(members=(approver,))
    make.assignment(of=user, role=member_role(team), end_at=NINE + HOUR)
    now, later = ({person.name for person in panels(team, at)} for at in (NINE, NINE + HOUR))

    assert now == {"Alva Approver", "John Doe"}
    assert later == {"Alva Approver"}


def panels(team, at):
    (found,) = deciders.panels(ApprovalTerms((Stage(make.named(team)),)), at)
    return found.people


def test_break_glass_accounts_never_decide_however_they_were_named(user, approver, admin):
    team = make.group(members=(user,))
    make.assignment(of=user, role=member_role(team))
    for person in (user, admin):
        person.is_break_glass = True
        person.save()

    assert panel(*make.named(user)).people == ()
    assert panel(*make.named(team)).people == ()
    assert panel().people == ()


@pytest.mark.parametrize("lost", ["enabled", "disabled", "break-glass", "oneself", "named already"])
def test_the_manager_of_whoever_asks_decides_unless_they_may_not(user, approver, lost):
    user.manager = user if lost == "oneself" else approver
    user.save()
    approver.is_break_glass = lost == "break-glass"
    approver.save()
    if lost == "disabled":
        disable(make.act(at=NINE - HOUR), approver)
        approver.refresh_from_db()
    named = make.named(approver) if lost == "named already" else ()

    found = panel(MANAGER, *named)

    expected = [approver] if lost in ("enabled", "named already") else []
    assert found.for_(user) == expected
    assert found.numbers_for(user) == {person.pk for person in expected}


def test_whoever_asks_is_not_among_those_who_decide(user, approver):
    found = panel(*make.named(user, approver))

    assert (found.for_(user), found.numbers_for(user)) == ([approver], {approver.pk})


def test_many_groups_cost_as_many_queries_as_one(user, approver):
    counts = []

    for groups in (1, 5):
        named = [make.group(members=(user, approver)) for _ in range(groups)]
        terms = ApprovalTerms((Stage(make.named(approver, *named)), Stage()))
        with CaptureQueriesContext(connection) as captured:
            deciders.panels(terms, NINE)
        counts.append(len(captured))

    assert counts == [5, 5]
