"""Who decides, in which stage; who sees a request."""

import pytest

from accounts.models import User
from accounts.operations import people
from kernel.period import HOUR, MINUTE
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from requests_app.operations import approval
from requests_app.queries import deciding
from roles.operations import grants
from roles.queries.deciders import panels, stranded
from roles.terms import ActivationTerms, Stage
from tests import make
from tests.make import MICROSECOND, NINE

WITH_APPROVAL = ActivationTerms(needs_approval=True)

# --- who sees a request


def test_the_asker_the_asked_and_those_who_oversee_see_a_request_and_nobody_else(
    user, approver, other_approver, auditor, admin, stranger
):
    role_request = make.role_request(by=user, approvers=(approver,))
    everybody = (user, approver, other_approver, auditor, admin, stranger)

    seeing = [person for person in everybody if deciding.visible(person, role_request.pk, at=NINE)]

    assert seeing == [user, approver, auditor, admin]


def test_who_was_asked_still_sees_it_when_no_longer_an_approver(user, approver, other_approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    make.change_terms(of=role_request.role, to=WITH_APPROVAL, approvers=(other_approver,))

    assert deciding.visible(approver, role_request.pk, at=NINE) == role_request
    assert deciding.visible(other_approver, role_request.pk, at=NINE) == role_request


def test_who_no_longer_oversees_no_longer_sees(user, approver):
    reader = make.user()
    make.assignment(of=reader, role=make.role(name="Security Reader"), end_at=NINE)
    role_request = make.role_request(by=user, approvers=(approver,))

    assert deciding.visible(reader, role_request.pk, at=NINE) is None


def test_a_request_that_is_not_there_is_seen_by_nobody(admin):
    assert deciding.visible(admin, 404, at=NINE) is None


# --- the inbox


def test_the_inbox_holds_what_one_can_decide_oldest_first(user, stranger, approver):
    role = make.role(approvers=(approver,))
    later = make.role_request(by=user, for_=make.eligibility(of=user, role=role), at=NINE + MINUTE)
    earlier = make.role_request(by=stranger, for_=make.eligibility(of=stranger, role=role), at=NINE)

    assert list(deciding.inbox(approver, at=NINE + HOUR)) == [earlier, later]


def test_the_inbox_is_empty_for_who_is_no_approver(user, approver, other_approver, admin, stranger):
    make.role_request(by=user, approvers=(approver,))

    assert [list(deciding.inbox(person, at=NINE)) for person in (user, other_approver, admin, stranger)] == [[]] * 4


def test_ones_own_request_is_never_in_the_inbox(user, approver):
    make.role_request(by=user, approvers=(approver, user, make.group(members=(user,))))

    assert list(deciding.inbox(user, at=NINE)) == []


def test_what_is_decided_or_out_of_time_leaves_the_inbox(user, stranger, approver):
    role = make.role(approvers=(approver,))
    decided = make.role_request(by=user, for_=make.eligibility(of=user, role=role))
    overdue = make.role_request(by=stranger, for_=make.eligibility(of=stranger, role=role))
    approval.deny(make.act(by=approver), decided, because="Not tonight")

    assert list(deciding.inbox(approver, at=NINE + 24 * HOUR - MICROSECOND)) == [overdue]
    assert list(deciding.inbox(approver, at=NINE + 24 * HOUR)) == []


def test_what_can_no_longer_be_approved_leaves_the_inbox(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    grants.remove_eligibility(make.act(), role_request.eligibility, because="New job")

    assert list(deciding.inbox(approver, at=NINE)) == []


def test_a_member_of_an_approving_group_finds_it_once(user, other_approver):
    team = make.group(members=(other_approver,))
    role_request = make.role_request(by=user, approvers=(other_approver, team))

    assert list(deciding.inbox(other_approver, at=NINE)) == [role_request]


def test_administrators_find_what_names_nobody(user, admin, approver):
    unnamed = make.role_request(by=user, for_=make.eligibility(of=user, terms=WITH_APPROVAL))
    other = make.role(name="Exchange Administrator", approvers=(approver,))
    make.role_request(by=user, for_=make.eligibility(of=user, role=other))

    assert list(deciding.inbox(admin, at=NINE)) == [unnamed]


# --- administrators


def test_only_active_enabled_administrators_are_administrators(user, admin, auditor):
    eligible_only = make.user()
    make.eligibility(of=eligible_only, role=make.role(name="Global Administrator"))
    over = make.user()
    role = make.role(name="Privileged Role Administrator")
    make.assignment(of=over, role=role, end_at=NINE)
    make.assignment(of=admin, role=role, end_at=None)
    disabled = make.administrator(email="disabled@example.com")
    people.disable(make.act(), disabled)

    everybody = (user, admin, auditor, eligible_only, over, disabled)

    assert [deciding.is_administrator(person, at=NINE) for person in everybody] == [
        False, True, False, False, False, False,
    ]  # fmt: skip


# --- whose turn it is


def turn_of(role_request, at=NINE):
    return deciding.turn_of(RoleRequest.objects.with_names().get(pk=role_request.pk), at)


def test_the_first_stage_is_open_until_it_has_its_approvals_then_the_second(user, approver, other_approver, stranger):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2), make.stage(stranger))
    role_request = make.role_request(by=user, approval=rounds)
    assert (turn_of(role_request).progress, turn_of(role_request).deciders) == (
        "Stage 1 of 2: 0 of 2 approvals", [approver, other_approver],
    )  # fmt: skip

    approval.approve(make.act(by=approver), role_request, because="On call")
    assert (turn_of(role_request).progress, turn_of(role_request).deciders) == (
        "Stage 1 of 2: 1 of 2 approvals", [other_approver],
    )  # fmt: skip

    approval.approve(make.act(by=other_approver), role_request, because="On call")
    assert (turn_of(role_request).progress, turn_of(role_request).deciders) == (
        "Stage 2 of 2: 1 approval needed", [stranger],
    )  # fmt: skip


def test_progress_is_told_only_where_there_is_more_to_it_than_one_approval(user, approver, other_approver):
    one = make.role_request(by=user, approvers=(approver,))
    other = make.role(name="Groups Administrator", approval=make.stages(make.stage(approver, other_approver, quorum=2)))
    two = make.role_request(by=user, for_=make.eligibility(of=user, role=other))

    assert [turn_of(each).progress for each in (one, two)] == ["", "0 of 2 approvals"]


def test_settings_that_ask_for_less_leave_the_last_stage_open_for_one_more(user, approver, other_approver, stranger):
    role_request = make.role_request(
        by=user, approval=make.stages(make.stage(approver, other_approver), make.stage(stranger))
    )
    approval.approve(make.act(by=approver), role_request, because="On call")
    make.change_terms(of=role_request.role, to=WITH_APPROVAL, approvers=(approver, other_approver))

    turn = turn_of(role_request)

    assert (turn.stage, turn.deciders, turn.is_settled_by_one_more()) == (1, [other_approver], True)


def test_the_manager_of_whoever_asks_decides(user, approver, stranger):
    user.manager = approver
    user.save()
    role_request = make.role_request(by=user, approval=make.stages(make.stage(manager=True)))

    assert turn_of(role_request).deciders == list(role_request.asked_approvers.all()) == [approver]
    assert list(deciding.inbox(approver, at=NINE)) == [role_request]
    assert list(deciding.inbox(stranger, at=NINE)) == []


def test_others_may_decide_as_well_once_it_is_escalated(user, approver, other_approver):
    rounds = make.stages(make.stage(approver), escalation=(other_approver, user, approver))
    role_request = make.role_request(by=user, approval=rounds)

    before, after = turn_of(role_request, NINE + HOUR - MICROSECOND), turn_of(role_request, NINE + HOUR)

    assert (before.is_escalated, before.deciders) == (False, [approver])
    assert (after.is_escalated, after.deciders) == (True, [approver, other_approver])


@pytest.mark.parametrize(
    "away", [(), ((1, 4),), ((2, 4), (3, 1)), ((1, 2), (2, 4)), ((1, 0), (3, 4)), ((4, 1), (1, 3))]
)
def test_the_inbox_shows_exactly_what_may_be_decided(user, approver, other_approver, admin, stranger, away):
    """Inbox and operation ask different queries; here they have to agree, whatever can be set."""
    emergency = make.user()
    make.assignment(of=emergency, role=make.role(name="Global Administrator"))
    team, night_shift = make.group(members=(other_approver, emergency)), make.group()
    User.objects.filter(pk=emergency.pk).update(is_break_glass=True)
    emergency.refresh_from_db()
    make.member(of=night_shift, who=stranger)
    user.manager = stranger
    user.save()
    rounds = {
        "Teams Administrator": make.stages(make.stage(approver, team)),
        "Groups Administrator": make.stages(make.stage(night_shift, approver), make.stage(team)),
        "Teams Reader": make.stages(make.stage(approver, quorum=1), make.stage()),
        "User Administrator": make.stages(make.stage(manager=True), escalation=(other_approver, night_shift)),
        "Exchange Administrator": make.stages(make.stage(approver, other_approver, stranger, quorum=2)),
        "SharePoint Administrator": make.stages(Stage(), escalation=(team,)),
    }
    asked = []
    for name, each in rounds.items():
        for asker in (user, other_approver):
            role = make.role(name=name, approval=each)
            if stranded(panels(each, NINE), [asker]):
                continue
            asked.append(make.role_request(by=asker, for_=make.eligibility(of=asker, role=role)))
    for role_request in asked[1::2]:
        approval.approve(make.act(by=turn_of(role_request).deciders[0]), role_request, because="On call")
    five = (user, approver, other_approver, admin, stranger)
    for absent, deputy in away:
        make.absence(of=five[absent], deputy=five[deputy])
    undecided = [one for one in asked if RoleRequest.objects.get(pk=one.pk).status == Status.PENDING]

    for at in (NINE + MINUTE, NINE + HOUR):
        for person in (user, approver, other_approver, admin, stranger, emergency):
            act = make.act(by=person, at=at)
            may = {one for one in undecided if approval.may_decide(act, one, turn_of(one, at)) == []}
            assert set(deciding.inbox(person, at=at)) == may
    assert len(undecided) == 7


def test_what_one_has_decided_leaves_the_inbox_though_it_still_waits(user, approver, other_approver):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2))
    role_request = make.role_request(by=user, approval=rounds)
    approval.approve(make.act(by=approver), role_request, because="On call")

    assert list(deciding.inbox(approver, at=NINE)) == []
    assert list(deciding.inbox(other_approver, at=NINE)) == [role_request]


def test_who_decides_later_or_on_escalation_sees_the_request(user, approver, other_approver, stranger):
    rounds = make.stages(make.stage(approver), make.stage(other_approver), escalation=(stranger,))
    role_request = make.role_request(by=user, approval=rounds)

    assert deciding.visible(other_approver, role_request.pk, at=NINE) == role_request
    assert deciding.visible(stranger, role_request.pk, at=NINE) is None
    assert deciding.visible(stranger, role_request.pk, at=NINE + HOUR) == role_request


def test_who_decided_still_sees_it_when_no_longer_an_approver(user, approver, other_approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    make.change_terms(of=role_request.role, to=WITH_APPROVAL, approvers=(approver, other_approver))
    approval.approve(make.act(by=other_approver), role_request, because="On call")
    make.change_terms(of=role_request.role, to=WITH_APPROVAL, approvers=(approver,))

    assert deciding.visible(other_approver, role_request.pk, at=NINE) == role_request
