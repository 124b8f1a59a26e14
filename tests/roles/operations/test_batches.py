"""Assigning much at once: all or nothing, each administrator written to once."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.operations import people
from kernel.period import DAY
from kernel.refusal import Refused
from notifications.models import Email
from roles.models import Assignment, Eligibility, RolePolicy
from roles.operations import batches
from roles.policy import Kind
from roles.queries import giving
from roles.terms import CELLS, Audience, Notice, Notices, Occasion, Settings
from tests import make, seen
from tests.make import IN_30_DAYS, NINE, THE_DAY_BEFORE

pytestmark = pytest.mark.postgres


@pytest.fixture
def roles(db):
    """Three roles."""
    return [make.role(name=name) for name in ("Teams Administrator", "Teams Reader", "User Administrator")]


def refused(act, wishes):
    """Why this cannot be given; nothing may be left behind."""
    with pytest.raises(Refused) as caught:
        batches.give(act, wishes)
    assert not Eligibility.objects.filter(made_at=act.at).exists()
    assert (seen.events(at=act.at), seen.emails(at=act.at)) == ([], [])
    return caught.value


# --- given


def test_every_pair_is_given_as_wished(admin, user, stranger, roles):
    team = make.group(name="Night shift")
    wishes = [make.wish(to=to, role=role) for to in (user, team) for role in roles]

    made = batches.give(make.act(by=admin), wishes)

    kept = [(grant.holder, grant.role, grant.scope, grant.start_at, grant.end_at, grant.made_at) for grant in made]
    assert kept == [(wish.to, wish.role, wish.scope, NINE, IN_30_DAYS, NINE) for wish in wishes]
    assert set(Eligibility.objects.filter(made_at=NINE)) == set(made)
    assert seen.events() == ["eligibility.assigned"] * 6


def test_eligible_and_active_can_be_mixed(user, roles):
    wishes = [make.wish(to=user, role=roles[0]), make.wish(to=user, role=roles[1], kind=Kind.ACTIVE)]

    batches.give(make.act(), wishes)

    assert seen.events() == ["eligibility.assigned", "assignment.made"]
    assert Assignment.objects.get().start_told_at == NINE


def test_each_assignee_gets_their_own_emails_and_each_administrator_one(admin, user, stranger, roles):
    other = make.administrator(name="Bea Admin", email="bea@example.com")
    wishes = [make.wish(to=to, role=role) for to in (user, stranger) for role in roles[:2]]

    batches.give(make.act(by=admin), wishes)

    assert seen.emails() == [
        ("assigned_many", admin.email),
        ("assigned_many", other.email),
        ("assigned_to_you", stranger.email),
        ("assigned_to_you", stranger.email),
        ("assigned_to_you", user.email),
        ("assigned_to_you", user.email),
    ]
    told = Email.objects.get(template="assigned_many", to_address=admin.email).facts
    assert (told["count"], told["more"], told["actor_name"]) == (4, 0, "Ada Admin")
    assert [(row["person_name"], row["role_name"], row["kind"], row["end_at"]) for row in told["rows"]] == [
        (to, role, "eligible", "2026-12-23T09:00:00Z")
        for to in ("John Doe", "Sam Stranger")
        for role in ("Teams Administrator", "Teams Reader")
    ]


def test_one_assignment_alone_is_told_as_one(admin, user, roles):
    batches.give(make.act(by=admin), [make.wish(to=user, role=roles[0])])

    assert seen.emails() == [("assigned", admin.email), ("assigned_to_you", user.email)]


def test_an_administrator_is_not_told_twice_of_what_they_got_themselves(admin, user, roles):
    wishes = [make.wish(to=admin, role=roles[0]), make.wish(to=admin, role=roles[1]), make.wish(to=user, role=roles[0])]

    batches.give(make.act(by=admin), wishes)

    told = Email.objects.get(template="assigned_many").facts
    assert [row["person_name"] for row in told["rows"]] == ["John Doe"]


def test_an_email_lists_the_first_fifty(admin, roles):
    wishes = [make.wish(to=make.user(), role=role) for _number in range(18) for role in roles]

    batches.give(make.act(by=admin), wishes)

    told = Email.objects.get(template="assigned_many").facts
    assert (told["count"], len(told["rows"]), told["more"]) == (54, 50, 4)


def noticed(audience, notice):
    """Settings that write of eligibility to this audience so."""
    cells = [notice if cell == (Occasion.ELIGIBLE, audience) else Notice() for cell in CELLS]
    return Settings(notices=Notices(tuple(cells)))


@pytest.mark.parametrize(
    ("notice", "read"),
    [
        (Notice(by_default=False), []),
        (Notice(only_critical=True, addresses=("soc@example.com",)), []),
        (Notice(addresses=("soc@example.com",)), ["admin@example.com", "soc@example.com"]),
    ],
)
def test_the_notification_settings_of_each_role_say_whom_the_one_email_reaches(admin, user, roles, notice, read):
    for role in roles[:2]:
        make.change_settings(of=role, to=noticed(Audience.ADMINISTRATORS, notice), at=THE_DAY_BEFORE)

    batches.give(make.act(by=admin), [make.wish(to=user, role=role) for role in roles[:2]])

    assert [address for template, address in seen.emails() if template == "assigned_many"] == read


def test_only_the_roles_whose_settings_say_so_are_in_it(admin, user, roles):
    make.change_settings(of=roles[0], to=noticed(Audience.ADMINISTRATORS, Notice(by_default=False)), at=THE_DAY_BEFORE)

    batches.give(make.act(by=admin), [make.wish(to=user, role=role) for role in roles])

    told = Email.objects.get(template="assigned_many").facts
    assert [row["role_name"] for row in told["rows"]] == ["Teams Reader", "User Administrator"]


# --- refused


def test_one_refusal_stops_all_and_says_whose_it_is(admin, user, stranger, roles):
    people.disable(make.act(at=THE_DAY_BEFORE), stranger)
    stranger.refresh_from_db()

    reason = refused(make.act(by=admin), [make.wish(to=to, role=roles[0]) for to in (user, stranger)])

    assert reason.codes == ("disabled",)
    assert str(reason) == "Sam Stranger, Teams Administrator: Sam Stranger is disabled. Enable them first."


def test_the_same_twice_in_one_batch_is_refused(user, roles):
    wish = make.wish(to=user, role=roles[0])
    shorter = make.wish(to=user, role=roles[0], end_at=NINE + DAY)

    assert refused(make.act(), [wish, wish]).codes == ("exists",)
    assert refused(make.act(), [wish, shorter]).codes == ("exists",)
    assert len(batches.give(make.act(), [shorter, wish])) == 2


def test_whoever_lacks_the_power_is_told_for_each(auditor, user, roles):
    assert refused(make.act(by=auditor), [make.wish(to=user, role=role) for role in roles]).codes == ("power",) * 3


def test_settings_changed_meanwhile_count(user, roles):
    wish = make.wish(to=user, role=roles[0], end_at=None)
    RolePolicy.objects.filter(role=roles[0]).update(permanent_eligible_allowed=False)

    assert refused(make.act(), [wish]).codes == ("permanent",)


def test_nothing_at_all_is_refused(db):
    assert refused(make.act(), []).codes == ("nothing",)


def test_five_hundred_at_once_are_the_most(user, roles):
    wishes = [make.wish(to=user, role=roles[0])] * 501

    reason = refused(make.act(), wishes)

    assert (reason.codes, str(reason)) == (("too_many",), "That is 501 assignments. Assign at most 500 at once.")


# --- looking it over


def test_looking_over_many_costs_as_much_as_looking_over_one(admin, user, stranger, roles):
    below = make.resource(name="Payroll", below=make.resource())
    wishes = [
        replace(make.wish(to=to, role=role), scope=scope)
        for to in (user, stranger)
        for role in roles
        for scope in (role.resource, below)
    ]
    act = make.act(by=admin)

    costs = []
    for number in (1, len(wishes)):
        with CaptureQueriesContext(connection) as captured:
            found = giving.refusals(act, wishes[:number])
        costs.append(len(captured))

    assert costs == [4, 4]
    assert [[refusal.code for refusal in refused] for refused in found] == [[], ["exists"]] * 6
