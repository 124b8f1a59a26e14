"""What the pages show."""

from dataclasses import replace

import pytest

from accounts.operations import groups
from kernel.period import DAY, HOUR, MINUTE
from requests_app.models import RoleRequest
from requests_app.queries import allowing, lists, standing
from roles.models import Assignment, Eligibility, Role
from roles.operations import grants
from roles.operations.activation import deactivate
from roles.terms import ActivationTerms
from tests import make
from tests.make import EASY, IN_30_DAYS, MICROSECOND, NINE

WITH_APPROVAL = ActivationTerms(needs_approval=True)


def test_one_finds_what_one_can_activate_by_name(user, stranger):
    own = make.eligibility(of=user, role=make.role(name="Teams Administrator"))
    team = make.group(members=(user,))
    through_group = make.eligibility(of=team, role=make.role(name="Exchange Administrator"))
    make.eligibility(of=stranger, role=make.role(name="Groups Administrator"))

    assert lists.eligible(user, at=NINE) == [through_group, own]


@pytest.mark.parametrize(
    ("ends", "longest"),
    [
        ((NINE + DAY, NINE + 2 * DAY), 1),
        ((NINE + 2 * DAY, NINE + 3 * DAY, NINE + 4 * DAY), 2),
        ((NINE + DAY, None), 1),
    ],
)
def test_of_several_eligibilities_for_a_role_the_longest_is_shown(ends, longest, user):
    role = make.role()
    made = [make.eligibility(of=user, role=role, end_at=end_at) for end_at in ends]

    assert lists.eligible(user, at=NINE) == [made[longest]]


def test_a_permanent_eligibility_stays_the_longest(user):
    role = make.role()
    permanent = make.eligibility(of=make.group(members=(user,)), role=role, end_at=None)
    make.eligibility(of=user, role=role, end_at=NINE + DAY)

    assert lists.eligible(user, at=NINE) == [permanent]


def test_what_has_ended_or_not_begun_cannot_be_activated(user):
    make.eligibility(of=user, role=make.role(name="Teams Administrator"), end_at=NINE)
    later = make.role(name="Exchange Administrator")
    make.eligibility(of=user, role=later, start_at=NINE + MICROSECOND, at=make.THE_DAY_BEFORE)

    assert lists.eligible(user, at=NINE) == []


def test_one_finds_what_one_has_with_what_ends_first_on_top(user):
    always = make.assignment(of=user, role=make.role(name="Exchange Administrator"), end_at=None)
    long = make.assignment(of=make.group(members=(user,)), role=make.role(name="Groups Administrator"))
    short = make.activation(by=user, of=make.eligibility(of=user))

    assert lists.active(user, at=NINE) == [short, long, always]
    assert lists.active(user, at=NINE + HOUR) == [long, always]


def test_what_begins_later_is_scheduled_until_it_begins_or_is_called_off(user):
    first = make.activation(by=user, of=make.eligibility(of=user), start_at=NINE + HOUR)
    other = make.eligibility(of=user, role=make.role(name="Exchange Administrator"))
    second = make.activation(by=user, of=other, start_at=NINE + 2 * HOUR)

    assert lists.scheduled(user, at=NINE) == [first, second]
    assert lists.scheduled(user, at=NINE + HOUR) == [second]
    deactivate(make.act(by=user), second)
    assert lists.scheduled(user, at=NINE + HOUR) == []


def test_one_finds_what_one_had_latest_end_first(user):
    eligibility = make.eligibility(of=user, role=make.role(name="Groups Administrator"), end_at=NINE + 2 * HOUR)
    activated = make.activation(by=user, of=make.eligibility(of=user))
    too_old = make.role(name="Exchange Administrator")
    make.assignment(of=user, role=too_old, start_at=NINE - 40 * DAY, end_at=NINE - 31 * DAY)

    at = NINE + 3 * HOUR

    assert lists.expired(user, since=at - 30 * DAY, at=at) == [eligibility, activated]


def test_however_much_one_had_the_latest_is_shown(user):
    eligibility = make.eligibility(of=user, role=make.role(terms=EASY), end_at=IN_30_DAYS)
    common = {
        "role": eligibility.role,
        "scope": eligibility.scope,
        "user": user,
        "activated_from": eligibility,
    }
    Assignment.objects.bulk_create(
        Assignment(start_at=at, end_at=at + 5 * MINUTE, made_at=at, **common)
        for at in (NINE + count * HOUR for count in range(120))
    )
    at = NINE + 121 * HOUR

    latest = lists.expired(user, since=NINE - DAY, at=at)[0]

    assert latest.end_at == NINE + 119 * HOUR + 5 * MINUTE


def test_ones_undecided_requests_are_found_by_role_and_scope(user, stranger, approver):
    role = make.role(approvers=(approver,))
    payroll = make.resource(name="Payroll", below=role.resource)
    eligibility = make.eligibility(of=user, role=role)
    wide = make.role_request(by=user, for_=eligibility)
    narrow = make.role_request(by=user, for_=eligibility, on=payroll)
    make.role_request(by=stranger, for_=make.eligibility(of=stranger, role=role))

    assert lists.pending(user, at=NINE) == {(role.pk, role.resource_id): wide, (role.pk, payroll.pk): narrow}
    assert lists.pending(user, at=NINE + 24 * HOUR) == {}


def test_what_is_no_longer_possible_is_not_waited_for(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    grants.remove_eligibility(make.act(), role_request.eligibility, because="New job")

    assert lists.pending(user, at=NINE) == {}


def test_each_request_has_its_badge_whether_the_worker_has_told_or_not(user, stranger, approver):
    role = make.role(approvers=(approver,))
    waiting = make.role_request(by=user, for_=make.eligibility(of=user, role=role))
    lapsed = make.role_request(by=stranger, for_=make.eligibility(of=stranger, role=role))
    grants.remove_eligibility(make.act(), lapsed.eligibility, because="New job")

    def labels(at):
        return [badge.label for _request, badge in lists.badges([waiting, lapsed], at=at)]

    assert labels(NINE) == ["Waiting for approval", "No longer possible"]
    assert labels(NINE + 24 * HOUR) == ["Not decided in time"] * 2


def test_a_retired_role_can_no_longer_be_activated(user):
    eligibility = make.eligibility(of=user)
    Role.objects.update(retired_at=NINE)

    assert lists.eligible(user, at=NINE) == []
    assert standing.standing(make.act(), eligibility, user)[0].code == "not_eligible"


def test_what_lost_its_eligibility_is_neither_scheduled_nor_active(user):
    eligibility = make.eligibility(of=user)
    ahead = make.activation(by=user, of=eligibility, start_at=NINE + HOUR)
    running = make.activation(by=user, of=eligibility, duration=30 * MINUTE)
    Eligibility.objects.update(end_at=NINE + MINUTE)

    at = NINE + MINUTE

    assert lists.scheduled(user, at=at) == []
    assert [lists.grant_badge(one, at=at).label for one in (ahead, running)] == ["Ended", "Ended"]
    assert [lists.grant_badge(one, at=NINE).label for one in (ahead, running)] == ["Scheduled", "Active"]


def test_my_requests_are_mine_newest_first(user, stranger):
    make.role_request(by=stranger)
    first = make.role_request(by=user)
    second = make.role_request(by=user, for_=first.eligibility, at=NINE + 2 * HOUR)

    assert list(lists.mine(user, None, at=NINE)) == [second, first]


def test_membership_and_removal_are_felt_at_once(user):
    team = make.group(members=(user,))
    eligibility = make.eligibility(of=team)
    assert lists.eligible(user, at=NINE) == [eligibility]

    groups.remove(make.act(), team, user)
    assert lists.eligible(user, at=NINE) == []

    groups.add(make.act(), team, user)
    grants.remove_eligibility(make.act(), eligibility, because="New job")
    assert lists.eligible(user, at=NINE) == []


def test_ticket_and_duration_come_back_from_the_database_as_they_were(user):
    terms = replace(EASY, needs_ticket=True)
    ask = make.ask(duration=90 * MINUTE, ticket_number="INC-7", ticket_system="Jira")
    made = make.role_request(by=user, for_=make.eligibility(of=user, terms=terms), asking_for=ask)

    assert allowing.ask_of(RoleRequest.objects.with_names().get(pk=made.pk)) == ask
