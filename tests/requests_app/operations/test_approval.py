"""Deciding on a request: by others, each once, stage by stage."""

from dataclasses import replace

import pytest

from accounts.act import Act, Proof
from accounts.models import User
from accounts.operations import groups, people
from kernel.period import HOUR, MINUTE
from kernel.refusal import Refused
from notifications.models import Email
from requests_app.lifecycle import Status
from requests_app.models import Decision, RoleRequest
from requests_app.operations import activation, approval, waiting
from roles.models import Assignment
from roles.operations import grants
from roles.queries.access import access
from roles.terms import (
    CELLS,
    DEFAULTS,
    ActivationTerms,
    Audience,
    Notice,
    Notices,
    Occasion,
    SecondFactor,
)
from tests import make, seen
from tests.make import MICROSECOND, NINE

# Locks and constraints are the database's.
pytestmark = pytest.mark.postgres

LATER = NINE + 90 * MINUTE
WITH_APPROVAL = ActivationTerms(needs_approval=True)
VERBS = pytest.mark.parametrize("decide", [approval.approve, approval.deny])


def refused(decide, act, role_request, *, because="On call"):
    """Why this cannot be decided; the request has to be as it was, and nothing may be told."""
    before = RoleRequest.objects.values().get(pk=role_request.pk)
    decisions = Decision.objects.count()
    with pytest.raises(Refused) as caught:
        decide(act, role_request, because=because)
    assert RoleRequest.objects.values().get(pk=role_request.pk) == before
    assert Decision.objects.count() == decisions
    assert (seen.events(at=act.at), seen.emails(at=act.at)) == ([], [])
    return caught.value


# --- approved


def test_approving_makes_the_asker_active_from_that_moment(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,), asking_for=make.ask(duration=90 * MINUTE))

    approval.approve(make.act(by=approver, at=LATER), role_request, because="On call")

    assert access(user, role_request.role, at=LATER - MICROSECOND) is None
    assert access(user, role_request.role, at=LATER).until == LATER + 90 * MINUTE
    assert access(user, role_request.role, at=LATER + 90 * MINUTE) is None


def test_approving_closes_the_request_with_the_assignment(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    decision = approval.approve(make.act(by=approver, at=LATER), role_request, because=" On call ")

    kept, assignment = RoleRequest.objects.get(), Assignment.objects.get(user=user)
    assert (kept.status, kept.closed_at, kept.assignment) == (Status.GRANTED, LATER, assignment)
    assert (decision.approver, decision.verdict, decision.stage) == (approver, Decision.Verdict.APPROVE, 1)
    assert (decision.justification, decision.decided_at) == ("On call", LATER)
    assert assignment.start_told_at == LATER


def test_a_later_start_stays_where_it_was_asked_for(user, approver):
    ask = make.ask(duration=90 * MINUTE, start_at=NINE + 5 * HOUR)
    role_request = make.role_request(by=user, approvers=(approver,), asking_for=ask)

    approval.approve(make.act(by=approver, at=LATER), role_request, because="On call")

    assignment = Assignment.objects.get(user=user)
    assert (assignment.start_at, assignment.end_at) == (NINE + 5 * HOUR, NINE + 6 * HOUR + 30 * MINUTE)
    assert assignment.start_told_at is None


def test_a_start_that_passed_while_waiting_becomes_the_moment_of_approval(user, approver):
    ask = make.ask(duration=90 * MINUTE, start_at=NINE + HOUR)
    role_request = make.role_request(by=user, approvers=(approver,), asking_for=ask)

    approval.approve(make.act(by=approver, at=LATER), role_request, because="On call")

    assignment = Assignment.objects.get(user=user)
    assert (assignment.start_at, assignment.end_at) == (LATER, LATER + 90 * MINUTE)


def test_an_approved_activation_never_outlives_its_eligibility(user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,), end_at=LATER + 10 * MINUTE)
    role_request = make.role_request(by=user, for_=eligibility)

    approval.approve(make.act(by=approver, at=LATER), role_request, because="On call")

    assert Assignment.objects.get(user=user).end_at == LATER + 10 * MINUTE


def test_the_history_tells_the_decision_and_the_activation(user, approver):
    terms = replace(WITH_APPROVAL, needs_ticket=True)
    eligibility = make.eligibility(of=user, terms=terms, approvers=(approver,))
    ask = make.ask(ticket_number="INC-7", ticket_system="Jira")
    role_request = make.role_request(by=user, for_=eligibility, asking_for=ask)

    approval.approve(make.act(by=approver, at=LATER), role_request, because="On call")

    approved, activated = seen.entries(at=LATER)
    assert (approved.kind, approved.because) == ("request.approved", "On call")
    assert (activated.kind, activated.because) == ("role.activated", "Mailbox migration")
    for entry in (approved, activated):
        assert (entry.actor_id, entry.person_id, entry.request_id) == (approver.pk, user.pk, role_request.pk)
        assert (entry.approver_name, entry.ticket_number, entry.ticket_system) == (
            "Alva Approver",
            "INC-7",
            "Jira",
        )


def test_the_asker_the_other_approvers_and_the_administrators_are_told(user, approver, other_approver, admin, stranger):
    role_request = make.role_request(by=user, approvers=(approver, other_approver))

    approval.approve(make.act(by=approver, at=LATER), role_request, because="On call")

    assert seen.emails(at=LATER) == [
        ("request_decided", admin.email),
        ("request_decided", other_approver.email),
        ("your_request_decided", user.email),
    ]


def test_an_administrator_who_is_an_approver_too_is_told_once(user, approver, admin):
    role_request = make.role_request(by=user, approvers=(approver, admin))

    approval.approve(make.act(by=approver, at=LATER), role_request, because="On call")

    assert seen.emails(at=LATER) == [("request_decided", admin.email), ("your_request_decided", user.email)]


def test_an_asker_who_is_administrator_too_is_told_once(admin, approver):
    role_request = make.role_request(by=admin, approvers=(approver,))

    approval.approve(make.act(by=approver, at=LATER), role_request, because="On call")

    assert seen.emails(at=LATER) == [("your_request_decided", admin.email)]


def test_the_email_to_the_asker_says_from_when_until_when_and_who_said_so(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    approval.approve(make.act(by=approver, at=LATER), role_request, because="On call")

    email = Email.objects.get(template="your_request_decided")
    assert (email.facts["verdict"], email.facts["approver_name"], email.facts["because"]) == (
        "approve", "Alva Approver", "On call",
    )  # fmt: skip
    assert email.facts["active_from_at"] == "2026-11-23T10:30:00Z"
    assert email.facts["active_until_at"] == "2026-11-23T11:30:00Z"
    assert (email.path, email.why) == (f"/requests/{role_request.pk}/", "you asked for it")


def test_a_member_of_an_approving_group_decides(user, other_approver):
    role_request = make.role_request(by=user, approvers=(make.group(members=(other_approver,)),))

    approval.approve(make.act(by=other_approver, at=LATER), role_request, because="On call")

    assert RoleRequest.objects.get().status == Status.GRANTED


def test_an_administrator_decides_where_nobody_is_named(user, admin):
    eligibility = make.eligibility(of=user, terms=WITH_APPROVAL)
    role_request = make.role_request(by=user, for_=eligibility)

    approval.approve(make.act(by=admin, at=LATER), role_request, because="On call")

    assert RoleRequest.objects.get().status == Status.GRANTED


def test_somebody_named_after_the_request_was_made_may_decide(user, approver, other_approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    make.change_terms(of=role_request.role, to=WITH_APPROVAL, approvers=(approver, other_approver))

    approval.approve(make.act(by=other_approver, at=LATER), role_request, because="On call")

    assert RoleRequest.objects.get().status == Status.GRANTED


# --- denied


def test_denying_closes_the_request_and_makes_nobody_active(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    decision = approval.deny(make.act(by=approver, at=LATER), role_request, because="Not tonight")

    kept = RoleRequest.objects.get()
    assert (kept.status, kept.closed_at, kept.assignment) == (Status.DENIED, LATER, None)
    assert (decision.verdict, decision.approver, decision.justification) == ("deny", approver, "Not tonight")
    assert not Assignment.objects.filter(user=user).exists()


def test_a_denial_is_told_with_its_reason(user, approver, other_approver, admin):
    role_request = make.role_request(by=user, approvers=(approver, other_approver))

    approval.deny(make.act(by=approver, at=LATER), role_request, because="Not tonight")

    (entry,) = seen.entries(at=LATER)
    assert (entry.kind, entry.because, entry.approver_name) == (
        "request.denied",
        "Not tonight",
        "Alva Approver",
    )
    assert seen.emails(at=LATER) == [
        ("request_decided", admin.email),
        ("request_decided", other_approver.email),
        ("your_request_decided", user.email),
    ]
    facts = Email.objects.get(template="your_request_decided").facts
    assert (facts["verdict"], facts["because"], facts["active_until_at"]) == ("deny", "Not tonight", None)


def test_after_a_denial_one_may_ask_again(user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    approval.deny(make.act(by=approver), make.role_request(by=user, for_=eligibility), because="Not tonight")

    assert make.role_request(by=user, for_=eligibility, at=LATER).status == Status.PENDING


def test_what_may_no_longer_be_approved_can_still_be_denied(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    grants.remove_eligibility(make.act(), role_request.eligibility, because="New job")

    approval.deny(make.act(by=approver, at=LATER), role_request, because="New job")

    assert RoleRequest.objects.get().status == Status.DENIED


# --- who may


@VERBS
def test_the_second_approver_is_too_late_and_told_who_was_faster(decide, user, approver, other_approver):
    role_request = make.role_request(by=user, approvers=(approver, other_approver))
    approval.approve(make.act(by=approver), role_request, because="On call")

    refusal = refused(decide, make.act(by=other_approver, at=LATER), role_request)

    assert str(refusal) == "Alva Approver has approved this request at 09:00 UTC already."
    assert Assignment.objects.held_by(user, NINE).count() == 1


def test_after_a_denial_it_is_too_late_to_approve(user, approver, other_approver):
    role_request = make.role_request(by=user, approvers=(approver, other_approver))
    approval.deny(make.act(by=approver), role_request, because="Not tonight")

    refusal = refused(approval.approve, make.act(by=other_approver, at=LATER), role_request)

    assert str(refusal) == "Alva Approver has denied this request at 09:00 UTC already."


@VERBS
def test_what_was_taken_back_cannot_be_decided(decide, user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    activation.cancel(make.act(by=user), RoleRequest.objects.get())

    refusal = refused(decide, make.act(by=approver, at=LATER), role_request)

    assert str(refusal) == "John Doe has cancelled this request at 09:00 UTC already."


@VERBS
@pytest.mark.parametrize("is_told", [True, False])
def test_what_ran_out_of_time_cannot_be_decided_whether_the_worker_noticed_or_not(decide, is_told, user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    if is_told:
        activation.time_out(make.act(at=NINE + 24 * HOUR), role_request.pk)

    refusal = refused(decide, make.act(by=approver, at=NINE + 24 * HOUR + MINUTE), role_request)

    assert str(refusal) == "Nobody decided this request in time, so it has ended."


def test_up_to_the_last_moment_one_can_decide(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    approval.approve(make.act(by=approver, at=NINE + 24 * HOUR - MICROSECOND), role_request, because="On call")

    assert RoleRequest.objects.get().status == Status.GRANTED


@VERBS
def test_nobody_decides_on_their_own_request(decide, user, approver):
    role_request = make.role_request(by=user, approvers=(approver, user))

    assert refused(decide, make.act(by=user, at=LATER), role_request).codes == ("own_request",)


@VERBS
def test_nobody_decides_on_their_own_request_through_a_group_either(decide, user, approver):
    role_request = make.role_request(by=user, approvers=(approver, make.group(members=(user,))))

    assert refused(decide, make.act(by=user, at=LATER), role_request).codes == ("own_request",)


@VERBS
def test_who_is_no_approver_cannot_decide(decide, user, approver, stranger, admin):
    role_request = make.role_request(by=user, approvers=(approver,))

    assert refused(decide, make.act(by=stranger, at=LATER), role_request).codes == ("no_approver",)
    assert refused(decide, make.act(by=admin, at=LATER), role_request).codes == ("no_approver",)


@VERBS
def test_who_was_asked_but_is_no_longer_an_approver_cannot_decide(decide, user, approver, other_approver):
    role_request = make.role_request(by=user, approvers=(approver, other_approver))
    make.change_terms(of=role_request.role, to=WITH_APPROVAL, approvers=(other_approver,))

    assert refused(decide, make.act(by=approver, at=LATER), role_request).codes == ("no_approver",)


@VERBS
def test_who_left_the_approving_group_cannot_decide(decide, user, approver, other_approver):
    team = make.group(members=(other_approver,))
    role_request = make.role_request(by=user, approvers=(approver, team))
    groups.remove(make.act(), team, other_approver)

    assert refused(decide, make.act(by=other_approver, at=LATER), role_request).codes == ("no_approver",)


@VERBS
def test_who_is_disabled_cannot_decide(decide, user, approver, other_approver):
    role_request = make.role_request(by=user, approvers=(approver, other_approver))
    people.disable(make.act(), approver)

    assert refused(decide, make.act(by=approver, at=LATER), role_request).codes == ("no_approver",)


@VERBS
@pytest.mark.parametrize(
    ("because", "codes"),
    [("", ("justification",)), (" \n", ("justification",)), ("x" * 2001, ("justification_long",))],
)
def test_a_decision_needs_a_reason(decide, because, codes, user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    assert refused(decide, make.act(by=approver, at=LATER), role_request, because=because).codes == codes


# --- what changed between asking and approving


def test_an_eligibility_removed_meanwhile_wins(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    grants.remove_eligibility(make.act(), role_request.eligibility, because="New job")

    assert refused(approval.approve, make.act(by=approver, at=LATER), role_request).codes == ("not_eligible",)


def test_an_asker_who_left_the_eligible_group_is_not_activated(user, approver):
    team = make.group(members=(user,))
    eligibility = make.eligibility(of=team, approvers=(approver,))
    role_request = make.role_request(by=user, for_=eligibility)
    groups.remove(make.act(), team, user)

    assert refused(approval.approve, make.act(by=approver, at=LATER), role_request).codes == ("not_eligible",)


def test_an_asker_who_is_disabled_is_not_activated(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    people.disable(make.act(), user)

    assert refused(approval.approve, make.act(by=approver, at=LATER), role_request).codes == ("not_eligible",)


def test_who_never_was_an_approver_is_told_so_and_who_was_is_told_that(user, approver, other_approver, stranger):
    role_request = make.role_request(by=user, approvers=(approver, other_approver))
    make.change_terms(of=role_request.role, to=WITH_APPROVAL, approvers=(other_approver,))

    never = refused(approval.approve, make.act(by=stranger, at=LATER), role_request)
    no_longer = refused(approval.approve, make.act(by=approver, at=LATER), role_request)

    assert str(never).startswith("You are not an approver of this role")
    assert str(no_longer).startswith("You are no longer an approver of this role")


def test_settings_tightened_meanwhile_win(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,), asking_for=make.ask(duration=2 * HOUR))
    tightened = replace(WITH_APPROVAL, max_duration=HOUR, needs_ticket=True)
    make.change_terms(of=role_request.role, to=tightened, approvers=(approver,))

    refusal = refused(approval.approve, make.act(by=approver, at=LATER), role_request)

    assert refusal.codes == ("too_long", "ticket_number", "ticket_system")
    assert refusal.refusals[0].sentence == (
        "The settings of this role have changed since, so that this can no longer be approved: Choose at most 1 h."
    )


def test_a_second_factor_demanded_only_since_was_not_shown(user, approver):
    terms = replace(WITH_APPROVAL, second_factor=SecondFactor.NONE)
    eligibility = make.eligibility(of=user, terms=terms, approvers=(approver,))
    role_request = activation.submit(
        make.act(by=user, proven=False),
        eligibility,
        make.ask(),
        form_key="11111111-2222-3333-4444-555555555555",
    )
    make.change_terms(of=role_request.role, to=WITH_APPROVAL, approvers=(approver,))

    assert refused(approval.approve, make.act(by=approver, at=LATER), role_request).codes == ("second_factor",)


def test_the_second_factor_shown_when_asking_counts_however_long_deciding_takes(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    approval.approve(make.act(by=approver, at=NINE + 20 * HOUR), role_request, because="On call")

    assert RoleRequest.objects.get().status == Status.GRANTED


def test_what_became_active_in_another_way_meanwhile_is_not_activated_twice(user, approver):
    role = make.role(approvers=(approver,))
    eligibility = make.eligibility(of=user, role=role)
    scheduled = make.role_request(
        by=user, for_=eligibility, asking_for=make.ask(start_at=NINE + 2 * HOUR), at=NINE - HOUR
    )
    approval.approve(make.act(by=approver, at=NINE - HOUR), scheduled, because="On call")
    role_request = make.role_request(by=user, for_=eligibility)

    codes = refused(approval.approve, make.act(by=approver, at=LATER), role_request).codes

    assert codes == ("active_already",)
    assert Assignment.objects.filter(user=user).count() == 1


def test_a_request_that_was_read_long_ago_is_read_afresh(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    stale = RoleRequest.objects.get()
    RoleRequest.objects.filter(pk=role_request.pk).update(status=Status.CANCELLED)

    assert refused(approval.approve, make.act(by=approver, at=LATER), stale).codes == ("closed",)


# --- stages and quorum


def approve(role_request, by, *, at=LATER):
    return approval.approve(make.act(by=by, at=at), role_request, because="On call")


def test_a_quorum_of_two_needs_two_people(user, approver, other_approver):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2))
    role_request = make.role_request(by=user, approval=rounds)

    approve(role_request, approver)
    assert (RoleRequest.objects.get().status, access(user, role_request.role, at=LATER)) == (Status.PENDING, None)
    assert seen.emails(at=LATER) == []

    approve(role_request, other_approver, at=LATER + MINUTE)
    assert RoleRequest.objects.get().status == Status.GRANTED
    assert access(user, role_request.role, at=LATER + MINUTE).until == LATER + MINUTE + HOUR


def test_the_history_tells_each_approval_with_its_stage_and_count(user, approver, other_approver, stranger):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2), make.stage(stranger))
    role_request = make.role_request(by=user, approval=rounds)

    for person in (approver, other_approver, stranger):
        approve(role_request, person)

    approvals = [entry for entry in seen.entries(at=LATER) if entry.kind == "request.approved"]
    assert [(entry.approver_name, entry.facts) for entry in approvals] == [
        ("Alva Approver", {"stage": 1, "stages": 2, "approvals": 1, "quorum": 2, "allowed": "", "deputy_for": ""}),
        ("Ben Second", {"stage": 1, "stages": 2, "approvals": 2, "quorum": 2, "allowed": "", "deputy_for": ""}),
        ("Sam Stranger", {"stage": 2, "stages": 2, "approvals": 1, "quorum": 1, "allowed": "", "deputy_for": ""}),
    ]
    assert [decision.stage for decision in Decision.objects.all()] == [1, 1, 2]
    assert seen.events(at=LATER)[-1] == "role.activated"


def test_nobody_decides_twice_not_even_in_another_stage(user, approver, other_approver, stranger):
    rounds = make.stages(make.stage(approver), make.stage(approver, other_approver))
    role_request = make.role_request(by=user, approval=rounds)
    approve(role_request, approver)

    for decide in (approval.approve, approval.deny):
        refusal = refused(decide, make.act(by=approver, at=LATER + MINUTE), role_request)
        assert (refusal.codes, str(refusal)) == (
            ("decided",), "You have approved this request at 10:30 UTC already. Somebody else has to decide it now.",
        )  # fmt: skip


def test_when_a_stage_is_complete_the_next_one_is_asked(user, approver, other_approver, stranger):
    rounds = make.stages(make.stage(approver, other_approver), make.stage(other_approver, stranger))
    role_request = make.role_request(by=user, approval=rounds)
    assert seen.emails() == [("approval_wanted", approver.email), ("approval_wanted", other_approver.email)]

    approve(role_request, approver)

    assert seen.emails(at=LATER) == [("approval_wanted", other_approver.email), ("approval_wanted", stranger.email)]
    assert set(role_request.asked_approvers.all()) == {approver, other_approver, stranger}
    email = Email.objects.get(promised_at=LATER, to_address=stranger.email)
    assert (email.facts["progress"], email.facts["waits_for"]) == (
        "Stage 2 of 2: 1 approval needed", "Ben Second, Sam Stranger",
    )  # fmt: skip


@VERBS
def test_who_decides_in_the_second_stage_waits_for_the_first(decide, user, approver, other_approver):
    role_request = make.role_request(by=user, approval=make.stages(make.stage(approver), make.stage(other_approver)))

    refusal = refused(decide, make.act(by=other_approver, at=LATER), role_request)

    assert str(refusal) == "Stage 1 decides first. You get an email when it is your turn."


def test_who_comes_too_late_for_the_first_stage_is_told_who_was_faster(user, approver, other_approver, stranger):
    rounds = make.stages(make.stage(approver, other_approver), make.stage(stranger))
    role_request = make.role_request(by=user, approval=rounds)
    approve(role_request, approver)

    refusal = refused(approval.approve, make.act(by=other_approver, at=LATER + MINUTE), role_request)

    assert (refusal.codes, str(refusal)) == (
        ("stage_over",),
        "Alva Approver approved your stage of this request at 10:30 UTC already. Now stage 2 decides.",
    )


def test_one_denial_is_enough_in_whatever_stage(user, approver, other_approver):
    role_request = make.role_request(by=user, approval=make.stages(make.stage(approver), make.stage(other_approver)))
    approve(role_request, approver)

    approval.deny(make.act(by=other_approver, at=LATER + MINUTE), role_request, because="Not tonight")

    assert RoleRequest.objects.get().status == Status.DENIED
    refusal = refused(approval.approve, make.act(by=approver, at=LATER + HOUR), role_request)
    assert str(refusal) == "Ben Second has denied this request at 10:31 UTC already."
    assert seen.emails(at=LATER + MINUTE) == [
        ("request_decided", approver.email),
        ("your_request_decided", user.email),
    ]


def test_the_email_of_the_last_approval_names_those_before(user, approver, other_approver):
    role_request = make.role_request(by=user, approval=make.stages(make.stage(approver, other_approver, quorum=2)))
    approve(role_request, approver)

    approve(role_request, other_approver, at=LATER + MINUTE)

    facts = Email.objects.get(template="your_request_decided").facts
    assert (facts["approver_name"], facts["approved_before"]) == ("Ben Second", "Alva Approver")


def test_who_is_needed_later_lets_others_go_first(user, approver, other_approver):
    rounds = make.stages(make.stage(approver, other_approver), make.stage(approver))
    role_request = make.role_request(by=user, approval=rounds)

    refusal = refused(approval.approve, make.act(by=approver, at=LATER), role_request)
    assert refusal.codes == ("needed_later",)

    approve(role_request, other_approver)
    approve(role_request, approver, at=LATER + MINUTE)
    assert RoleRequest.objects.get().status == Status.GRANTED


def test_settings_that_ask_for_less_count_with_the_next_approval(user, approver, other_approver, stranger):
    rounds = make.stages(make.stage(approver, other_approver, stranger, quorum=3))
    role_request = make.role_request(by=user, approval=rounds)
    approve(role_request, approver)
    make.change_terms(of=role_request.role, to=WITH_APPROVAL, approvers=(approver, other_approver))

    approve(role_request, other_approver)

    assert RoleRequest.objects.get().status == Status.GRANTED


def test_settings_that_ask_for_more_count_at_once(user, approver, other_approver):
    role_request = make.role_request(by=user, approvers=(approver, other_approver))
    wanted = replace(
        DEFAULTS, activation=WITH_APPROVAL, approval=make.stages(make.stage(approver, other_approver, quorum=2))
    )
    make.change_settings(of=role_request.role, to=wanted)

    approve(role_request, approver)

    assert RoleRequest.objects.get().status == Status.PENDING


def test_what_ran_out_of_time_after_one_approval_says_so(user, approver, other_approver):
    role_request = make.role_request(by=user, approval=make.stages(make.stage(approver, other_approver, quorum=2)))
    approve(role_request, approver)

    refusal = refused(approval.approve, make.act(by=other_approver, at=NINE + 24 * HOUR), role_request)

    assert str(refusal) == "Nobody decided this request in time, so it has ended."


def test_what_was_closed_as_no_longer_possible_says_so(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    grants.remove_eligibility(make.act(), role_request.eligibility, because="New job")
    waiting.lapse(make.act(by=None), role_request.pk)

    refusal = refused(approval.approve, make.act(by=approver, at=LATER), role_request)

    assert str(refusal) == "John Doe can no longer activate this role, so this request has ended."


# --- escalation, managers


def test_after_escalation_others_approve_as_well(user, approver, other_approver):
    role_request = make.role_request(by=user, approval=make.stages(make.stage(approver), escalation=(other_approver,)))
    early = make.act(by=other_approver, at=NINE + HOUR - MICROSECOND)
    assert refused(approval.approve, early, role_request).codes == ("no_approver",)

    approve(role_request, other_approver, at=NINE + HOUR)

    assert RoleRequest.objects.get().status == Status.GRANTED


def test_the_manager_of_whoever_asks_approves_and_nobody_elses(user, approver, other_approver):
    user.manager = approver
    user.save()
    role_request = make.role_request(by=user, approval=make.stages(make.stage(manager=True)))
    assert refused(approval.approve, make.act(by=other_approver, at=LATER), role_request).codes == ("no_approver",)

    approve(role_request, approver)

    assert RoleRequest.objects.get().status == Status.GRANTED


@VERBS
def test_a_break_glass_account_never_decides_not_even_through_a_group(decide, user, approver, other_approver):
    team = make.group(members=(approver, other_approver))
    role_request = make.role_request(by=user, approvers=(team,))
    User.objects.filter(pk=approver.pk).update(is_break_glass=True)

    assert refused(decide, make.act(by=approver, at=LATER), role_request).codes == ("no_approver",)


# --- what is asked of those who decide


@VERBS
def test_where_no_reason_is_asked_for_none_is_needed(decide, user, approver):
    role_request = make.role_request(by=user, approval=make.stages(make.stage(approver), needs_reason=False))

    decision = decide(make.act(by=approver, at=LATER), role_request, because=" ")

    assert decision.justification == ""


@VERBS
@pytest.mark.parametrize("shown_at", [None, LATER - 10 * MINUTE])
def test_where_the_role_asks_for_it_deciding_needs_a_fresh_second_factor(decide, shown_at, user, approver):
    role_request = make.role_request(by=user, approval=make.stages(make.stage(approver), needs_second_factor=True))
    proof = Proof("totp", "Phone", shown_at) if shown_at else None

    codes = refused(decide, Act(approver, LATER, None, proof), role_request).codes
    assert codes == ("decider_second_factor",)

    fresh = Proof("totp", "Phone", LATER - 9 * MINUTE)
    decide(Act(approver, LATER, None, fresh), role_request, because="On call")
    assert RoleRequest.objects.get().status != Status.PENDING


# --- where, until when


def test_what_was_asked_for_below_is_granted_below(user, approver):
    role = make.role(approvers=(approver,))
    payroll = make.resource(name="Payroll", below=role.resource)
    eligibility = make.eligibility(of=user, role=role)
    role_request = make.role_request(by=user, for_=eligibility, on=payroll)

    approve(role_request, approver)

    assert Assignment.objects.get(user=user).scope == payroll
    assert {entry.scope_name for entry in seen.entries(at=LATER)} == {"Payroll"}
    assert {email.facts["scope_name"] for email in Email.objects.filter(promised_at=LATER)} == {"Payroll"}


def test_a_fresh_proof_counts_at_the_decision_however_often_it_was_used_since(user, approver):
    terms = ActivationTerms(second_factor=SecondFactor.FRESH)
    role_request = make.role_request(by=user, for_=make.eligibility(of=user, terms=terms, approvers=(approver,)))

    approve(role_request, approver)

    assert RoleRequest.objects.get().status == Status.GRANTED


@pytest.mark.parametrize(
    ("tightened", "code"),
    [
        ({"justification_min_length": 40}, "justification_short"),
        ({"needs_ticket": True, "ticket_pattern": "INC-[0-9]+"}, "ticket_pattern"),
    ],
)
def test_a_longer_reason_and_another_ticket_are_asked_for_at_the_decision_too(tightened, code, user, approver):
    terms = replace(WITH_APPROVAL, needs_ticket=True)
    eligibility = make.eligibility(of=user, terms=terms, approvers=(approver,))
    ask = make.ask(ticket_number="7", ticket_system="Jira")
    role_request = make.role_request(by=user, for_=eligibility, asking_for=ask)
    make.change_terms(of=role_request.role, to=replace(terms, **tightened), approvers=(approver,))

    assert refused(approval.approve, make.act(by=approver, at=LATER), role_request).codes == (code,)


# --- who is written to


def test_emails_about_requests_go_to_whom_the_settings_say(user, approver, other_approver, admin):
    silent, to_address = Notice(by_default=False), Notice(addresses=("soc@example.com",))
    cells = {
        (Occasion.ACTIVATION, Audience.HOLDER): to_address,
        (Occasion.ACTIVATION, Audience.APPROVERS): Notice(only_critical=True),
        (Occasion.ACTIVATION, Audience.ADMINISTRATORS): silent,
    }
    notices = Notices(tuple(cells.get(cell, Notice()) for cell in CELLS))
    role = make.role(approvers=(approver, other_approver), notices=notices)
    role_request = make.role_request(by=user, for_=make.eligibility(of=user, role=role))
    assert seen.emails() == [("approval_wanted", approver.email), ("approval_wanted", other_approver.email)]

    approve(role_request, approver)

    assert seen.emails(at=LATER) == [("request_decided", "soc@example.com"), ("your_request_decided", user.email)]
