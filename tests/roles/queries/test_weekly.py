"""The numbers of a week."""

from datetime import UTC, date, datetime

import pytest

from kernel.period import DAY, HOUR, MINUTE
from roles.operations import activation, amendments, grants
from roles.policy import GrantAsk
from roles.queries.weekly import Week, last_due, numbers, top_roles
from tests import make
from tests.make import EASY, NINE

pytestmark = pytest.mark.django_db

THIS = Week(date(2026, 11, 23))
"""The week of `NINE`, which is a Monday."""

SUNDAY = NINE + 6 * DAY
NEXT_MONDAY = NINE + 7 * DAY


@pytest.fixture
def easy(user):
    """John may activate it as he likes."""
    return make.eligibility(of=user, role=make.role(terms=EASY))


# --- weeks


def test_a_week_goes_from_monday_to_sunday_in_the_portals_zone(settings):
    settings.TIME_ZONE = "Europe/Berlin"

    assert THIS.name == "2026-W48"
    assert (THIS.start, THIS.end) == (
        datetime(2026, 11, 22, 23, tzinfo=UTC),
        datetime(2026, 11, 29, 23, tzinfo=UTC),
    )
    assert Week.of(THIS.start) == Week.of(THIS.end - MINUTE) == THIS
    assert Week.of(THIS.end) == THIS.after() == Week.named("2026-W49")


@pytest.mark.parametrize("name", ["2026-W54", "2026-W00", "2026", "W47", "1999-W01", "2026-W4", "2026-w47", "x" * 9])
def test_a_name_of_no_week_means_none(name):
    assert Week.named(name) is None


@pytest.mark.parametrize(
    ("at", "week"),
    [
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), "2026-W46"),
        (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), "2026-W47"),
        (datetime(2026, 11, 30, 7, 59, tzinfo=UTC), "2026-W47"),
    ],
)
def test_a_week_is_due_on_the_monday_after_it_at_eight(at, week):
    assert last_due(at).name == week


def test_eight_is_eight_in_the_portals_zone(settings):
    settings.TIME_ZONE = "America/New_York"

    assert last_due(datetime(2026, 11, 23, 12, 59, tzinfo=UTC)).name == "2026-W46"
    assert last_due(datetime(2026, 11, 23, 13, 0, tzinfo=UTC)).name == "2026-W47"


# --- activations


def test_activations_count_in_the_week_and_on_the_day_on_which_they_begin(user, easy):
    make.activation(by=user, of=easy, at=NINE - DAY)
    make.activation(by=user, of=easy)
    make.activation(by=user, of=easy, at=NINE + 2 * DAY)
    make.activation(by=user, of=easy, at=SUNDAY)
    make.activation(by=user, of=easy, at=NEXT_MONDAY)

    told = numbers(THIS, NEXT_MONDAY)

    assert (told.activations, told.activated_by) == (3, 1)
    assert [number for _day, number in told.by_day] == [1, 0, 1, 0, 0, 0, 1]
    assert [number for _week, number in told.by_week] == [*[0] * 10, 1, 3]
    assert told.by_week[-2][0] == THIS.after(-1)


def test_people_who_activate_count_once(user, stranger, easy):
    other = make.eligibility(of=stranger, role=easy.role)
    for person, eligibility in ((user, easy), (stranger, other), (user, easy)):
        make.activation(by=person, of=eligibility, at=NINE + 2 * HOUR * (person == user) * easy.activations.count())

    told = numbers(THIS, NEXT_MONDAY)

    assert (told.activations, told.activated_by) == (3, 2)


def test_what_was_called_off_or_is_still_ahead_is_no_activation(user, easy):
    planned = make.activation(by=user, of=easy, start_at=NINE + HOUR)
    activation.deactivate(make.act(by=user, at=NINE + MINUTE), planned)
    make.activation(by=user, of=easy, start_at=NINE + DAY)

    assert numbers(THIS, NINE + 2 * HOUR).activations == 0


# --- assignments


def test_what_is_assigned_in_the_week_counts_whatever_became_of_it(user):
    role = make.role()
    make.eligibility(of=user, role=role, at=NINE - DAY)
    made = make.eligibility(of=make.user(), role=role, start_at=NINE)
    make.assignment(of=user, role=role, start_at=NINE)
    grants.remove_eligibility(make.act(at=NINE + HOUR), made, because="Wrong person")

    told = numbers(THIS, NEXT_MONDAY)

    assert (told.made_eligible, told.made_active, told.assigned, told.made_permanent) == (1, 1, 2, 0)


def test_activations_are_not_assigned(user, easy):
    make.activation(by=user, of=easy)

    assert numbers(THIS, NEXT_MONDAY).assigned == 0


def test_made_permanent_is_what_was_assigned_or_changed_to_have_no_end(user):
    role = make.role()
    make.assignment(of=user, role=role, start_at=NINE, end_at=None)
    ending = make.eligibility(of=user, role=role, start_at=NINE)
    amendments.update(make.act(at=NINE + HOUR), ending, GrantAsk(ending.start_at, None, "For good"))

    assert numbers(THIS, NEXT_MONDAY).made_permanent == 2


def test_what_was_permanent_before_is_not_made_so_again(user):
    ahead = make.eligibility(of=user, at=NINE - DAY, start_at=NINE + HOUR, end_at=None)
    amendments.update(make.act(at=NINE), ahead, GrantAsk(NINE + DAY, None, "Not yet"))

    assert numbers(THIS, NEXT_MONDAY).made_permanent == 0


# --- roles with most people


def test_the_five_roles_with_most_people_come_first():
    sizes = {"Teams Reader": 1, "User Administrator": 3, "Global Reader": 2, "Search Editor": 4, "Printer": 2, "Few": 1}
    for name, size in sizes.items():
        role = make.role(name=name)
        for _person in range(size):
            make.eligibility(of=make.user(), role=role)

    assert [(one.role.name, one.people) for one in top_roles(NINE)] == [
        ("Search Editor", 4),
        ("User Administrator", 3),
        ("Global Reader", 2),
        ("Printer", 2),
        ("Teams Reader", 1),
    ]


def test_somebody_who_holds_a_role_in_several_ways_counts_once(user, stranger):
    role = make.role()
    make.eligibility(of=user, role=role)
    make.assignment(of=user, role=role)
    make.eligibility(of=make.group(members=(user, stranger)), role=role)
    make.eligibility(of=make.group(), role=make.role(name="Nobody’s"))

    assert [(one.role, one.people) for one in top_roles(NINE)] == [(role, 2)]


def test_members_of_a_group_for_a_time_count_and_what_is_over_does_not(user, stranger):
    role, team = make.role(), make.group()
    make.member(of=team, who=user)
    make.eligibility(of=team, role=role)
    make.eligibility(of=stranger, role=role, end_at=NINE - HOUR)

    found = {one.role: one.people for one in top_roles(NINE)}

    assert found[role] == 1


def test_holders_are_counted_at_the_end_of_the_week(user):
    role = make.role()
    make.eligibility(of=user, role=role, end_at=SUNDAY)
    make.eligibility(of=make.user(), role=role, at=NEXT_MONDAY, start_at=NEXT_MONDAY, end_at=None)

    assert [one.people for one in numbers(THIS, NINE + 20 * DAY).top] == []
    assert [one.people for one in numbers(THIS.after(), NINE + 20 * DAY).top] == [1]
