"""A group whose membership is itself something to activate: what it holds comes and goes with the membership.

Two ways to give a team a role: the group is active in it, and people activate membership; or the group is eligible, and
whoever is a member at that moment activates twice.
"""

import pytest
from django.utils import timezone

from kernel.period import DAY, HOUR, MINUTE, SECOND
from kernel.refusal import Refused
from notifications.models import Email
from requests_app.operations import approval
from roles import tasks
from roles.models import Assignment, Role
from roles.operations import activation, departures, groups
from roles.queries.access import access, powers_of
from roles.queries.people import administrators, holders, members
from tests import make, seen, visit
from tests.make import EASY, NINE

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("at_nine", "db")]


@pytest.fixture
def team():
    """A group nobody is in, managed with roles."""
    made = make.group(name="Night shift")
    make.membership_role(of=made)
    return made


@pytest.fixture
def eligible(user, team):
    """John may activate membership of it."""
    return make.eligibility(of=user, role=make.membership_role(of=team))


# --- the group is active in a role


def test_who_is_eligible_as_a_member_holds_what_the_group_holds_exactly_while_active(user, team, eligible):
    role = make.role()
    make.assignment(of=team, role=role)
    before = access(user, role, at=NINE)

    make.activation(by=user, of=eligible, duration=HOUR)

    moments = (NINE, NINE + HOUR - SECOND, NINE + HOUR)
    assert before is None
    assert [access(user, role, at=at) is not None for at in moments] == [True, True, False]
    assert [user in members(team, at) for at in moments] == [True, True, False]


def test_the_access_check_follows_the_membership_by_the_clock(user, team, eligible, at_nine):
    make.assignment(of=team, role=make.role())
    browser = visit.by(user)
    address = "/access/check/?role=Teams%20Administrator"
    before = browser.get(address).status_code

    make.activation(by=user, of=eligible, duration=HOUR)

    answers = []
    for moment in (NINE, NINE + HOUR - SECOND, NINE + HOUR):
        at_nine.move_to(moment)
        answers.append(browser.get(address).status_code)
    assert (before, answers) == (403, [204, 204, 403])


def test_a_scheduled_membership_gives_nothing_before_its_start(user, team, eligible):
    role = make.role()
    make.assignment(of=team, role=role)

    make.activation(by=user, of=eligible, start_at=NINE + HOUR)

    assert [access(user, role, at=at) is not None for at in (NINE, NINE + HOUR, NINE + 2 * HOUR)] == [
        False, True, False,
    ]  # fmt: skip


def test_an_assigned_member_holds_it_without_activating(user, team):
    role = make.role()
    make.assignment(of=team, role=role)

    make.assignment(of=user, role=make.membership_role(of=team), end_at=NINE + DAY)

    assert [access(user, role, at=at) is not None for at in (NINE, NINE + DAY)] == [True, False]


def test_an_owner_holds_nothing_of_what_the_group_holds(user, team):
    role = make.role()
    make.assignment(of=team, role=role)
    owner = make.membership_role(of=team, kind=Role.Membership.OWNER)

    make.activation(by=user, of=make.eligibility(of=user, role=owner))

    assert access(user, role, at=NINE) is None


def test_a_disabled_member_holds_nothing(user, team, eligible):
    role = make.role()
    make.assignment(of=team, role=role)
    make.activation(by=user, of=eligible, duration=4 * HOUR)

    departures.disable(make.act(at=NINE + MINUTE), user)

    assert access(user, role, at=NINE + MINUTE) is None
    assert list(members(team, NINE + MINUTE)) == []


def test_an_administrator_for_a_time_has_its_powers_and_its_emails_for_that_time(user, team, eligible):
    make.assignment(of=team, role=make.role(name="Global Administrator"))

    make.activation(by=user, of=eligible, duration=HOUR)

    assert ("people.manage" in powers_of(user, at=NINE), powers_of(user, at=NINE + HOUR)) == (True, set())
    assert (administrators(NINE), administrators(NINE + HOUR)) == ([user], [])


def test_what_the_group_is_given_is_told_to_who_is_in_it_at_that_moment(user, stranger, team, eligible):
    make.activation(by=user, of=eligible, at=NINE - MINUTE)

    assignment = make.assignment(of=team, role=make.role(), start_at=NINE)

    assert seen.emails() == [("assigned_to_you", user.email)]
    assert Email.objects.get(template="assigned_to_you", to_address=user.email, promised_at=NINE).facts[
        "group_name"
    ] == ("Night shift")
    assert list(holders(Assignment.objects.filter(pk=assignment.pk), NINE + HOUR)) == []


def test_my_roles_and_the_first_page_say_what_comes_through_which_group(user, team, eligible):
    make.assignment(of=team, role=make.role())
    listed = visit.table(visit.by(user).get("/my-roles/"))

    make.activation(by=user, of=eligible)

    active = visit.table(visit.by(user).get("/my-roles/?tab=active"))
    assert [row[1:3] for row in listed] == [["Night shift", "direct"]]
    assert listed[0][0].startswith("Member of Night shift")
    assert [row[:3] for row in active] == [
        ["Teams Administratorthrough Night shift", "Directory", "Assigned"],
        ["Member of Night shift", "Night shift", "Activated"],
    ]
    home = visit.main(visit.by(user).get("/")).text
    assert "Teams Administrator Active through Night shift, until 23 Nov 2026, 10:00 UTC, 1 h left" in home
    assert [row[3] for row in active] == ["23 Nov 2026, 10:00 UTC1 h left"] * 2


def test_what_comes_through_a_group_ends_for_a_person_with_their_membership(user, team, eligible):
    role, other = make.role(), make.role(name="Teams Reader", terms=EASY)
    make.assignment(of=team, role=role)
    make.eligibility(of=team, role=other)
    make.activation(by=user, of=eligible, duration=HOUR)

    browser = visit.by(user)
    answer = browser.get("/access/check/?role=Teams%20Administrator")
    listed = visit.table(browser.get("/my-roles/"))

    assert answer.headers["X-Pim-Until"] == "2026-11-23T10:00:00+00:00"
    assert [row[3] for row in listed] == ["23 Dec 2026, 09:00 UTC", "23 Nov 2026, 10:00 UTC"]


@pytest.mark.parametrize("end_at", [NINE + 2 * HOUR, None])
def test_who_is_in_a_group_in_two_ways_holds_it_until_the_last_ends(user, team, eligible, end_at):
    role = make.role()
    make.assignment(of=team, role=role, end_at=None)
    make.activation(by=user, of=eligible, duration=HOUR)
    if end_at:
        make.assignment(of=user, role=make.membership_role(of=team), end_at=end_at)
    else:
        groups.add_member(make.act(), team, user)

    assert access(user, role, at=NINE).until == end_at


# --- the group approves


def test_who_is_a_member_for_a_time_decides_for_that_time(user, approver, stranger, team):
    role = make.role(approvers=(team,))
    make.activation(by=approver, of=make.eligibility(of=approver, role=make.membership_role(of=team)), duration=HOUR)
    first = make.role_request(by=user, for_=make.eligibility(of=user, role=role, start_at=NINE))
    second = make.role_request(by=stranger, for_=make.eligibility(of=stranger, role=role, start_at=NINE))

    approval.approve(make.act(by=approver, at=NINE + MINUTE), first, because="On call")
    with pytest.raises(Refused, match="You are no longer an approver of this role"):
        approval.approve(make.act(by=approver, at=NINE + HOUR), second, because="On call")

    assert ("approval_wanted", approver.email) in seen.emails()
    assert access(user, role, at=NINE + MINUTE).user == user


# --- the group is eligible for a role


def test_where_the_group_is_eligible_one_activates_twice(user, team, eligible):
    role = make.role(terms=EASY)
    groups_eligibility = make.eligibility(of=team, role=role)
    with pytest.raises(Refused, match="The eligibility for this role has ended"):
        make.activation(by=user, of=groups_eligibility)

    make.activation(by=user, of=eligible, duration=2 * HOUR)
    rows = visit.table(visit.by(user).get("/my-roles/"))
    make.activation(by=user, of=groups_eligibility, duration=HOUR)

    assert [(row[2], row[4]) for row in rows] == [
        ("direct", "☆ Active"),
        ("through Night shift", "☆ Activate Teams Administrator"),
    ]
    assert [access(user, role, at=at) is not None for at in (NINE, NINE + HOUR)] == [True, False]


def test_what_was_activated_through_a_membership_does_not_outlive_it(user, team, eligible, at_nine):
    role = make.role(terms=EASY)
    make.activation(by=user, of=eligible, duration=HOUR)
    make.activation(by=user, of=make.eligibility(of=team, role=role), duration=4 * HOUR)

    assert [access(user, role, at=at) is not None for at in (NINE, NINE + HOUR)] == [True, False]


def test_ending_a_membership_by_hand_ends_what_came_through_it(user, team, eligible):
    role = make.role(terms=EASY)
    membership = make.activation(by=user, of=eligible, duration=4 * HOUR)
    make.activation(by=user, of=make.eligibility(of=team, role=role), duration=4 * HOUR)
    later = NINE + 10 * MINUTE

    activation.deactivate(make.act(by=user, at=later), membership)
    make.activation(by=user, of=eligible, at=later)

    told = [(entry.kind, entry.role_name, entry.because) for entry in seen.entries(at=later)][:2]
    assert told == [
        ("role.activation_revoked", "Teams Administrator", "Member of Night shift has ended"),
        ("role.deactivated", "Member of Night shift", ""),
    ]
    assert seen.emails(at=later).count(("your_role_ended", user.email)) == 2
    assert access(user, role, at=later) is None


def test_the_last_administrator_does_not_deactivate_the_membership_that_makes_them_one(user, team, eligible):
    membership = make.activation(by=user, of=eligible, duration=4 * HOUR)
    make.assignment(of=team, role=make.role(name="Global Administrator"), end_at=None)

    with pytest.raises(Refused, match="Nobody would be active as Global Administrator any more"):
        activation.deactivate(make.act(by=user, at=NINE + 10 * MINUTE), membership)

    assert access(user, make.membership_role(of=team), at=NINE + 10 * MINUTE).user == user


def test_a_group_may_be_an_eligible_member_of_another_and_each_activates_alone(user, stranger, team):
    other = make.group(name="Day shift", members=(user, stranger))
    role = make.role()
    make.assignment(of=team, role=role)

    make.activation(by=user, of=make.eligibility(of=other, role=make.membership_role(of=team)))

    assert (access(user, role, at=NINE).user, access(stranger, role, at=NINE)) == (user, None)
    departures.leave_group(make.act(at=NINE + MINUTE), other, user)
    groups.add_member(make.act(at=NINE + MINUTE), other, user)
    assert access(user, role, at=NINE + MINUTE) is None


def test_the_page_to_deactivate_says_that_more_ends_with_a_membership(user, team, eligible):
    membership = make.activation(by=user, of=eligible, at=NINE - HOUR / 2)
    other = make.activation(by=user, of=make.eligibility(of=user, role=make.role(terms=EASY)), at=NINE - HOUR / 2)
    browser = visit.by(user)
    sentence = "What you hold, or activated, through this membership ends with it."

    pages = [visit.main(browser.get(f"/my-roles/active/{one.pk}/deactivate/")).text for one in (membership, other)]

    assert [sentence in page for page in pages] == [True, False]


# --- the worker


def test_the_end_of_a_membership_by_time_is_told_with_what_came_through_it(user, team, eligible, at_nine):
    membership = make.activation(by=user, of=eligible, duration=HOUR)
    inside = make.activation(by=user, of=make.eligibility(of=team, role=make.role(terms=EASY)), duration=4 * HOUR)
    at_nine.move_to(NINE + HOUR)

    tasks.tell_assignment_end([membership.pk])
    tasks.tell_assignment_end([inside.pk])
    tasks.end_lapsed([inside.pk])

    assert timezone.now() == NINE + HOUR
    assert {entry.role_name for entry in seen.entries(at=NINE + HOUR) if entry.kind == "role.activation_ended"} == {
        "Member of Night shift", "Teams Administrator",
    }  # fmt: skip
