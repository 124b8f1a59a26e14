"""Reads of requests: what one may see, and what the pages show."""

from dataclasses import replace

import pytest

from accounts.operations import groups, people
from kernel.period import DAY, HOUR, MINUTE, Period
from requests_app import queries
from requests_app.models import RoleRequest
from requests_app.operations import activation, approval
from roles.models import Assignment
from roles.operations import grants
from roles.operations.activation import deactivate
from roles.policy import ActivationTerms
from tests import make
from tests.make import EASY, IN_30_DAYS, MICROSECOND, NINE

WITH_APPROVAL = ActivationTerms(needs_approval=True)

# --- standing, overlapping


@pytest.mark.parametrize(
    ("at", "stands"),
    [(NINE - MICROSECOND, False), (NINE, True), (NINE + HOUR - MICROSECOND, True), (NINE + HOUR, False)],
)
def test_one_stands_from_the_start_of_the_eligibility_up_to_its_end(at, stands, user):
    eligibility = make.eligibility(of=user, start_at=NINE, end_at=NINE + HOUR, at=make.THE_DAY_BEFORE)

    refusals = queries.standing(make.act(at=at), eligibility, user)

    assert [refusal.code for refusal in refusals] == ([] if stands else ["not_eligible"])


@pytest.mark.parametrize(
    ("start_at", "end_at", "overlaps"),
    [
        (NINE - HOUR, NINE, False),
        (NINE - HOUR, NINE + MICROSECOND, True),
        (NINE + MINUTE, NINE + 2 * MINUTE, True),
        (NINE + HOUR - MICROSECOND, NINE + 2 * HOUR, True),
        (NINE + HOUR, NINE + 2 * HOUR, False),
    ],
)
def test_periods_overlap_unless_one_ends_where_the_other_begins(start_at, end_at, overlaps, user):
    eligibility = make.eligibility(of=user)
    make.activation(by=user, of=eligibility)

    refusals = queries.period_in_the_way(eligibility, user, Period(start_at, end_at))

    assert [refusal.code for refusal in refusals] == (["active_already"] if overlaps else [])


@pytest.mark.parametrize(
    ("start_at", "codes"),
    [
        (NINE + HOUR - MICROSECOND, []),
        (NINE + HOUR, ["after_eligibility"]),
        (NINE + DAY, ["after_eligibility"]),
    ],
)
def test_what_would_begin_after_the_eligibility_is_refused(start_at, codes, user):
    eligibility = make.eligibility(of=user, end_at=NINE + HOUR)

    refusals = queries.period_in_the_way(eligibility, user, Period(start_at, start_at + HOUR))

    assert [refusal.code for refusal in refusals] == codes


def test_what_was_deactivated_or_called_off_overlaps_nothing(user):
    eligibility = make.eligibility(of=user)
    deactivate(make.act(by=user, at=NINE + 10 * MINUTE), make.activation(by=user, of=eligibility))
    scheduled = make.activation(by=user, of=eligibility, start_at=NINE + 2 * HOUR, at=NINE + 11 * MINUTE)
    deactivate(make.act(by=user, at=NINE + 12 * MINUTE), scheduled)

    assert queries.period_in_the_way(eligibility, user, Period(NINE + 10 * MINUTE, NINE + 8 * HOUR)) == []


def test_an_assigned_role_may_be_activated_besides(user):
    role = make.role()
    make.assignment(of=user, role=role)
    eligibility = make.eligibility(of=user, role=role)

    assert queries.period_in_the_way(eligibility, user, Period(NINE, NINE + HOUR)) == []


# --- who sees a request


def test_the_asker_the_asked_and_those_who_oversee_see_a_request_and_nobody_else(
    user, approver, other_approver, auditor, admin, stranger
):
    role_request = make.role_request(by=user, approvers=(approver,))
    everybody = (user, approver, other_approver, auditor, admin, stranger)

    seeing = [person for person in everybody if queries.visible(person, role_request.pk, at=NINE)]

    assert seeing == [user, approver, auditor, admin]


def test_who_was_asked_still_sees_it_when_no_longer_an_approver(user, approver, other_approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    make.change_terms(of=role_request.role, to=WITH_APPROVAL, approvers=(other_approver,))

    assert queries.visible(approver, role_request.pk, at=NINE) == role_request
    assert queries.visible(other_approver, role_request.pk, at=NINE) == role_request


def test_who_no_longer_oversees_no_longer_sees(user, approver):
    reader = make.user()
    make.assignment(of=reader, role=make.role(name="Security Reader"), end_at=NINE)
    role_request = make.role_request(by=user, approvers=(approver,))

    assert queries.visible(reader, role_request.pk, at=NINE) is None


def test_a_request_that_is_not_there_is_seen_by_nobody(admin):
    assert queries.visible(admin, 404, at=NINE) is None


# --- the inbox


def test_the_inbox_holds_what_one_can_decide_oldest_first(user, stranger, approver):
    role = make.role(approvers=(approver,))
    later = make.role_request(by=user, for_=make.eligibility(of=user, role=role), at=NINE + MINUTE)
    earlier = make.role_request(by=stranger, for_=make.eligibility(of=stranger, role=role), at=NINE)

    assert list(queries.inbox(approver, at=NINE + HOUR)) == [earlier, later]


def test_the_inbox_is_empty_for_who_is_no_approver(user, approver, other_approver, admin, stranger):
    make.role_request(by=user, approvers=(approver,))

    assert [list(queries.inbox(person, at=NINE)) for person in (user, other_approver, admin, stranger)] == [[]] * 4


def test_ones_own_request_is_never_in_the_inbox(user, approver):
    make.role_request(by=user, approvers=(approver, user, make.group(members=(user,))))

    assert list(queries.inbox(user, at=NINE)) == []


def test_what_is_decided_or_out_of_time_leaves_the_inbox(user, stranger, approver):
    role = make.role(approvers=(approver,))
    decided = make.role_request(by=user, for_=make.eligibility(of=user, role=role))
    overdue = make.role_request(by=stranger, for_=make.eligibility(of=stranger, role=role))
    approval.deny(make.act(by=approver), decided, because="Not tonight")

    assert list(queries.inbox(approver, at=NINE + 24 * HOUR - MICROSECOND)) == [overdue]
    assert list(queries.inbox(approver, at=NINE + 24 * HOUR)) == []


def test_what_can_no_longer_be_approved_leaves_the_inbox(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    grants.remove_eligibility(make.act(), role_request.eligibility, because="New job")

    assert list(queries.inbox(approver, at=NINE)) == []


def test_a_member_of_an_approving_group_finds_it_once(user, other_approver):
    team = make.group(members=(other_approver,))
    role_request = make.role_request(by=user, approvers=(other_approver, team))

    assert list(queries.inbox(other_approver, at=NINE)) == [role_request]


def test_administrators_find_what_names_nobody(user, admin, approver):
    unnamed = make.role_request(by=user, for_=make.eligibility(of=user, terms=WITH_APPROVAL))
    other = make.role(name="Exchange Administrator", approvers=(approver,))
    make.role_request(by=user, for_=make.eligibility(of=user, role=other))

    assert list(queries.inbox(admin, at=NINE)) == [unnamed]


def test_the_inbox_shows_exactly_what_may_be_decided(user, approver, other_approver, admin, stranger):
    """Inbox and operation ask different queries; here they have to agree."""
    team = make.group(members=(other_approver,))
    named = make.role_request(by=user, approvers=(approver, team))
    other = make.role(name="Exchange Administrator", terms=WITH_APPROVAL)
    unnamed = make.role_request(by=approver, for_=make.eligibility(of=approver, role=other))

    for person in (user, approver, other_approver, admin, stranger):
        may = {one for one in (named, unnamed) if approval.may_decide(make.act(by=person), one) == []}
        assert set(queries.inbox(person, at=NINE)) == may


# --- my roles


def test_one_finds_what_one_can_activate_by_name(user, stranger):
    own = make.eligibility(of=user, role=make.role(name="Teams Administrator"))
    team = make.group(members=(user,))
    through_group = make.eligibility(of=team, role=make.role(name="Exchange Administrator"))
    make.eligibility(of=stranger, role=make.role(name="Groups Administrator"))

    assert queries.eligible(user, at=NINE) == [through_group, own]


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

    assert queries.eligible(user, at=NINE) == [made[longest]]


def test_a_permanent_eligibility_stays_the_longest(user):
    role = make.role()
    permanent = make.eligibility(of=make.group(members=(user,)), role=role, end_at=None)
    make.eligibility(of=user, role=role, end_at=NINE + DAY)

    assert queries.eligible(user, at=NINE) == [permanent]


def test_what_has_ended_or_not_begun_cannot_be_activated(user):
    make.eligibility(of=user, role=make.role(name="Teams Administrator"), end_at=NINE)
    later = make.role(name="Exchange Administrator")
    make.eligibility(of=user, role=later, start_at=NINE + MICROSECOND, at=make.THE_DAY_BEFORE)

    assert queries.eligible(user, at=NINE) == []


def test_one_finds_what_one_has_with_what_ends_first_on_top(user):
    always = make.assignment(of=user, role=make.role(name="Exchange Administrator"), end_at=None)
    long = make.assignment(of=make.group(members=(user,)), role=make.role(name="Groups Administrator"))
    short = make.activation(by=user, of=make.eligibility(of=user))

    assert queries.active(user, at=NINE) == [short, long, always]
    assert queries.active(user, at=NINE + HOUR) == [long, always]


def test_what_begins_later_is_scheduled_until_it_begins_or_is_called_off(user):
    first = make.activation(by=user, of=make.eligibility(of=user), start_at=NINE + HOUR)
    other = make.eligibility(of=user, role=make.role(name="Exchange Administrator"))
    second = make.activation(by=user, of=other, start_at=NINE + 2 * HOUR)

    assert queries.scheduled(user, at=NINE) == [first, second]
    assert queries.scheduled(user, at=NINE + HOUR) == [second]
    deactivate(make.act(by=user), second)
    assert queries.scheduled(user, at=NINE + HOUR) == []


def test_one_finds_what_one_had_latest_end_first(user):
    eligibility = make.eligibility(of=user, role=make.role(name="Groups Administrator"), end_at=NINE + 2 * HOUR)
    activated = make.activation(by=user, of=make.eligibility(of=user))
    too_old = make.role(name="Exchange Administrator")
    make.assignment(of=user, role=too_old, start_at=NINE - 40 * DAY, end_at=NINE - 31 * DAY)

    at = NINE + 3 * HOUR

    assert queries.expired(user, since=at - 30 * DAY, at=at) == [eligibility, activated]


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

    latest = queries.expired(user, since=NINE - DAY, at=at)[0]

    assert latest.end_at == NINE + 119 * HOUR + 5 * MINUTE


def test_ones_undecided_requests_are_found_by_role(user, stranger, approver):
    role = make.role(approvers=(approver,))
    role_request = make.role_request(by=user, for_=make.eligibility(of=user, role=role))
    make.role_request(by=stranger, for_=make.eligibility(of=stranger, role=role))

    assert queries.pending_roles(user, at=NINE) == {role.pk: role_request}
    assert queries.pending_roles(user, at=NINE + 24 * HOUR) == {}


def test_my_requests_are_mine_newest_first(user, stranger):
    make.role_request(by=stranger)
    first = make.role_request(by=user)
    second = make.role_request(by=user, for_=first.eligibility, at=NINE + 2 * HOUR)

    assert list(queries.mine(user, None)) == [second, first]


# --- what the worker asks


def test_the_worker_finds_what_ran_out_of_time_earliest_first(user, stranger, approver):
    role = make.role(approvers=(approver,))
    second = make.role_request(by=user, for_=make.eligibility(of=user, role=role), at=NINE + MINUTE)
    first = make.role_request(by=stranger, for_=make.eligibility(of=stranger, role=role))

    assert queries.overdue(NINE + 24 * HOUR) == [first.pk]
    assert queries.overdue(NINE + 25 * HOUR) == [first.pk, second.pk]


def test_the_worker_knows_when_the_next_request_runs_out_of_time(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    assert queries.next_due(NINE) == role_request.decide_until == NINE + 24 * HOUR
    assert queries.next_due(NINE + 24 * HOUR) is None


def test_nothing_is_due_for_what_is_closed(user, approver):
    activation.cancel(make.act(by=user), make.role_request(by=user, approvers=(approver,)))

    assert queries.next_due(NINE) is None


# --- administrators


def test_only_active_enabled_administrators_are_administrators(user, admin, auditor):
    eligible_only = make.user()
    make.eligibility(of=eligible_only, role=make.role(name="Global Administrator"))
    over = make.user()
    make.assignment(of=over, role=make.role(name="Privileged Role Administrator"), end_at=NINE)
    disabled = make.administrator(email="disabled@example.com")
    people.disable(make.act(), disabled)

    everybody = (user, admin, auditor, eligible_only, over, disabled)

    assert [queries.is_administrator(person, at=NINE) for person in everybody] == [
        False, True, False, False, False, False,
    ]  # fmt: skip


def test_membership_and_removal_are_felt_at_once(user):
    team = make.group(members=(user,))
    eligibility = make.eligibility(of=team)
    assert queries.eligible(user, at=NINE) == [eligibility]

    groups.remove(make.act(), team, user)
    assert queries.eligible(user, at=NINE) == []

    groups.add(make.act(), team, user)
    grants.remove_eligibility(make.act(), eligibility, because="New job")
    assert queries.eligible(user, at=NINE) == []


def test_ticket_and_duration_come_back_from_the_database_as_they_were(user):
    terms = replace(EASY, needs_ticket=True)
    ask = make.ask(duration=90 * MINUTE, ticket_number="INC-7", ticket_system="Jira")
    made = make.role_request(by=user, for_=make.eligibility(of=user, terms=terms), asking_for=ask)

    assert activation.ask_of(RoleRequest.objects.with_names().get(pk=made.pk)) == ask
