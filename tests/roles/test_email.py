"""Who is written to about a role: as its settings say, occasion by occasion, audience by audience."""

from dataclasses import replace

import pytest

from accounts.models import User
from kernel.period import HOUR
from roles.models import Role
from roles.operations import activation, grants
from roles.terms import CELLS, DEFAULTS, Audience, Notice, Notices, Occasion
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.django_db

OFF = Notice(by_default=False)


def notices(*cells: tuple[Occasion, Audience], notice: Notice) -> Notices:
    """Everybody is written to, but these cells are set so."""
    return Notices(tuple(notice if cell in cells else Notice() for cell in CELLS))


def role(*cells: tuple[Occasion, Audience], notice: Notice) -> Role:
    """An easy role with these cells set so."""
    made = make.role(terms=make.EASY)
    make.change_settings(
        of=made,
        to=replace(DEFAULTS, activation=make.EASY, notices=notices(*cells, notice=notice)),
        at=make.THE_DAY_BEFORE,
    )
    return Role.objects.select_related("policy", "resource").get(pk=made.pk)


def give(kind: Occasion, to: User, given: Role) -> None:
    """What the occasion is about, at nine."""
    if kind is Occasion.ELIGIBLE:
        make.eligibility(of=to, role=given, start_at=NINE)
    elif kind is Occasion.ACTIVE:
        make.assignment(of=to, role=given, start_at=NINE)
    else:
        make.activation(by=to, of=make.eligibility(of=to, role=given))


MINE = {
    Occasion.ELIGIBLE: "assigned_to_you",
    Occasion.ACTIVE: "assigned_to_you",
    Occasion.ACTIVATION: "your_role_is_active",
}
THEIRS = {Occasion.ELIGIBLE: "assigned", Occasion.ACTIVE: "assigned", Occasion.ACTIVATION: "role_activated"}


@pytest.mark.parametrize("occasion", Occasion)
def test_by_default_the_person_and_the_administrators_are_written_to(occasion, user, admin):
    give(occasion, user, make.role(terms=make.EASY))

    assert seen.emails() == sorted([(MINE[occasion], user.email), (THEIRS[occasion], admin.email)])


@pytest.mark.parametrize("occasion", Occasion)
def test_an_audience_that_is_off_is_not_written_to(occasion, user, admin):
    give(occasion, user, role((occasion, Audience.ADMINISTRATORS), notice=OFF))

    assert seen.emails() == [(MINE[occasion], user.email)]


@pytest.mark.parametrize("occasion", Occasion)
def test_what_is_off_for_one_occasion_is_on_for_the_others(occasion, user, admin):
    others = [(other, audience) for other, audience in CELLS if other is not occasion]

    give(occasion, user, role(*others, notice=OFF))

    assert seen.emails() == sorted([(MINE[occasion], user.email), (THEIRS[occasion], admin.email)])


@pytest.mark.parametrize("occasion", Occasion)
@pytest.mark.parametrize("audience", [Audience.ADMINISTRATORS, Audience.HOLDER])
def test_additional_addresses_read_what_administrators_read(occasion, audience, user, admin):
    give(occasion, user, role((occasion, audience), notice=Notice(addresses=("soc@example.org",))))

    assert seen.emails() == sorted(
        [(MINE[occasion], user.email), (THEIRS[occasion], admin.email), (THEIRS[occasion], "soc@example.org")]
    )


def test_addresses_can_stand_in_for_the_audience(user, admin):
    instead = Notice(by_default=False, addresses=("soc@example.org",))

    give(Occasion.ACTIVATION, user, role((Occasion.ACTIVATION, Audience.ADMINISTRATORS), notice=instead))

    assert seen.emails() == [("role_activated", "soc@example.org"), ("your_role_is_active", user.email)]


def test_one_address_named_twice_is_written_to_once(user, admin):
    cells = [(Occasion.ACTIVE, Audience.ADMINISTRATORS), (Occasion.ACTIVE, Audience.HOLDER)]

    give(Occasion.ACTIVE, user, role(*cells, notice=Notice(addresses=("soc@example.org",))))

    assert [address for _template, address in seen.emails()].count("soc@example.org") == 1


@pytest.mark.parametrize("occasion", Occasion)
def test_nothing_that_only_informs_is_sent_where_only_critical_emails_are_wanted(occasion, user, admin):
    give(occasion, user, role(*CELLS, notice=Notice(only_critical=True)))

    assert seen.emails() == []


@pytest.mark.parametrize(
    ("occasion", "told"),
    [(Occasion.ELIGIBLE, []), (Occasion.ACTIVE, ["removed_from_you"]), (Occasion.ACTIVATION, ["removed_from_you"])],
)
def test_who_is_off_for_eligible_members_is_not_told_of_its_end_either(occasion, told, user, admin):
    given = role((Occasion.ELIGIBLE, Audience.HOLDER), notice=OFF)
    grant = {
        Occasion.ELIGIBLE: lambda: make.eligibility(of=user, role=given),
        Occasion.ACTIVE: lambda: make.assignment(of=user, role=given),
        Occasion.ACTIVATION: lambda: make.activation(by=user, of=make.eligibility(of=user, role=given)),
    }[occasion]()
    remove = grants.remove_eligibility if occasion is Occasion.ELIGIBLE else grants.remove_assignment
    later = NINE + HOUR / 2

    remove(make.act(by=admin, at=later), grant, because="New job")

    assert [template for template, _address in seen.emails(at=later)] == told


def test_the_end_of_an_activation_is_told_unless_its_emails_are_off(user):
    given = role((Occasion.ACTIVATION, Audience.HOLDER), notice=OFF)
    active = make.activation(by=user, of=make.eligibility(of=user, role=given))

    activation.tell_assignment_end(make.act(at=NINE + HOUR), active.pk)

    assert (seen.events(at=NINE + HOUR), seen.emails(at=NINE + HOUR)) == (["role.activation_ended"], [])
