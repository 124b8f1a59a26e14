"""Whichever ways two administrators lose the role at the same moment, one of them stays."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

import pytest

from accounts.models import Group, User
from kernel.period import HOUR
from roles.models import Assignment
from roles.operations import amendments, departures, grants
from roles.policy import GrantAsk
from roles.queries.people import administrators
from tests import make
from tests.make import IN_30_DAYS, NINE
from tests.races.together import at_once, refusals


@dataclass(frozen=True)
class Administrator:
    """Somebody who is Global Administrator for good, directly or as the only member of a group."""

    user: User
    held: Assignment
    group: Group | None = None


def removed(one: Administrator) -> Callable[[], Any]:
    return partial(grants.remove_assignment, make.act(), one.held, because="Coup")


def converted(one: Administrator) -> Callable[[], Any]:
    ask = GrantAsk(start_at=NINE, end_at=IN_30_DAYS, justification="Only when needed")
    return partial(amendments.convert, make.act(), one.held, ask)


def disabled(one: Administrator) -> Callable[[], Any]:
    return partial(departures.disable, make.act(), one.user)


def taken_out_of_the_group(one: Administrator) -> Callable[[], Any]:
    return partial(departures.leave_group, make.act(), one.group, one.user)


WAYS = (removed, converted, disabled, taken_out_of_the_group)


def administrator(way: Callable[[Administrator], Any]) -> Administrator:
    """Somebody who can lose the role in this way."""
    user, role = make.user(), make.role(name="Global Administrator")
    if way is not taken_out_of_the_group:
        return Administrator(user, make.assignment(of=user, role=role, end_at=None))
    group = make.group(members=(user,))
    return Administrator(user, make.assignment(of=group, role=role, end_at=None), group)


@pytest.mark.parametrize(("first", "second"), list(combinations_with_replacement(WAYS, 2)))
def test_of_two_administrators_who_lose_the_role_at_once_one_keeps_it(db, first, second):
    ada, ben = administrator(first), administrator(second)

    outcomes = at_once(first(ada), second(ben))

    left = administrators(NINE + HOUR)
    assert (len(left), refusals(outcomes)) == (1, [("last_administrator",)])
    assert left[0] in (ada.user, ben.user)
