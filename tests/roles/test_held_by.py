"""`held_by`, which asks for one person with SQL of its own, and `in_force`, which asks for everybody, always agree."""

from collections.abc import Callable
from datetime import datetime

import pytest

from accounts.models import Membership, User
from accounts.operations.people import disable
from kernel.period import HOUR, MINUTE
from roles.models import Assignment, joined
from roles.operations import departures
from tests import make
from tests.make import NINE

pytestmark = pytest.mark.django_db

MOMENTS = (NINE - MINUTE, NINE, NINE + HOUR / 2, NINE + HOUR, NINE + 3 * HOUR)


def assigned(user: User) -> None:
    make.assignment(of=user, end_at=NINE + HOUR)


def activated(user: User) -> None:
    make.activation(by=user, of=make.eligibility(of=user, role=make.role(terms=make.EASY)))


def through_a_group(user: User) -> None:
    make.assignment(of=make.group(members=(user, make.user())))


def activated_through_a_group(user: User) -> None:
    team = make.group(members=(user,))
    make.activation(by=user, of=make.eligibility(of=team, role=make.role(terms=make.EASY)), duration=2 * HOUR)


def through_a_group_for_a_time(user: User) -> None:
    team = make.group()
    make.assignment(of=team)
    make.activation(by=user, of=make.eligibility(of=user, role=make.membership_role(of=team)))


def taken_out_of_the_group(user: User) -> None:
    team = make.group(members=(user,))
    make.assignment(of=team)
    make.activation(by=user, of=make.eligibility(of=team, role=make.role(name="Owner", terms=make.EASY)))
    departures.leave_group(make.act(at=NINE + MINUTE), team, user)


def disabled(user: User) -> None:
    make.assignment(of=make.group(members=(user,)))
    make.assignment(of=user, role=make.role(name="Owner"))
    disable(make.act(), user)


def the_last_administrator(user: User) -> None:
    make.assignment(of=user, role=make.role(name="Global Administrator"), end_at=NINE + HOUR)


def displaced_as_the_last_administrator(user: User) -> None:
    the_last_administrator(user)
    make.assignment(of=make.user(), role=make.role(name="Global Administrator"), start_at=NINE + 2 * HOUR, end_at=None)


WAYS: tuple[Callable[[User], None], ...] = (
    assigned,
    activated,
    through_a_group,
    activated_through_a_group,
    through_a_group_for_a_time,
    taken_out_of_the_group,
    disabled,
    the_last_administrator,
    displaced_as_the_last_administrator,
)


def of_everybody(user: User, at: datetime) -> set[int]:
    """What `in_force` says of everybody, read for one person by hand."""
    groups = {one.group_id for one in Membership.objects.filter(user=user, user__is_enabled=True)}
    groups |= {one.role.resource.group_id or 0 for one in joined(at).filter(user=user)}
    return {one.pk for one in Assignment.objects.in_force(at) if one.user_id == user.pk or one.group_id in groups}


@pytest.mark.postgres
@pytest.mark.parametrize("way", WAYS)
def test_what_one_person_holds_is_what_everybody_holds_read_for_that_person(way, user, stranger):
    way(user)

    for at in MOMENTS:
        for person in (user, stranger):
            held = {one.pk for one in Assignment.objects.held_by(person, at)}
            assert held == of_everybody(person, at), (person.name, at)
