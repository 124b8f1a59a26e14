"""Administrators who take each other's role away at the same moment: one of them stays."""

from functools import partial

import pytest

from kernel.period import HOUR, MINUTE, SECOND
from roles.models import Assignment, Role
from roles.operations import activation, grants
from roles.queries.people import administrators
from tests import make
from tests.make import NINE
from tests.races.together import at_once, refusals

TIMES = 4
"""Each race is run so often in each of the rounds."""


def two_administrators(name="Global Administrator"):
    """Two who hold the role permanently, and what they hold."""
    role = make.role(name=name)
    made = [make.user() for _ in range(2)]
    return made, [make.assignment(of=person, role=role, end_at=None) for person in made]


@pytest.mark.parametrize("_time", range(TIMES))
@pytest.mark.parametrize("skew", [0 * SECOND, SECOND])
@pytest.mark.parametrize("name", ["Global Administrator", "Privileged Role Administrator"])
def test_of_two_administrators_who_remove_each_other_one_stays(db, name, skew, _time):
    (ada, ben), (of_ada, of_ben) = two_administrators(name)

    outcomes = at_once(
        partial(grants.remove_assignment, make.act(by=ada), of_ben, because="Coup"),
        partial(grants.remove_assignment, make.act(by=ben, at=NINE - skew), of_ada, because="Coup"),
    )

    left = [person.name for person in administrators(NINE + HOUR)]
    assert (len(left), len(refusals(outcomes))) == (1, 1)


@pytest.mark.parametrize("_time", range(TIMES))
def test_of_two_activations_that_are_ended_early_one_stays(db, _time):
    role = make.role(name="Privileged Role Administrator", terms=make.EASY)
    made = [make.user() for _ in range(2)]
    active = [make.activation(by=one, of=make.eligibility(of=one, role=role)) for one in made]

    outcomes = at_once(
        *(
            partial(activation.deactivate, make.act(by=one, at=NINE + (10 + number) * MINUTE), its)
            for number, (one, its) in enumerate(zip(made, active, strict=True))
        )
    )

    left = Assignment.objects.in_force(NINE + 12 * MINUTE).count()
    assert (left, refusals(outcomes)) == (1, [("last_administrator",)])


def test_removals_of_other_roles_do_not_wait_for_the_guard(user, admin):
    role = make.role()
    held = [make.assignment(of=make.user(), role=role) for _ in range(2)]

    outcomes = at_once(*(partial(grants.remove_assignment, make.act(by=admin), one, because="New job") for one in held))

    assert refusals(outcomes) == []
    assert not Assignment.objects.not_over(NINE).filter(role=role).exists()
    assert Role.objects.get(pk=role.pk).retired_at is None
