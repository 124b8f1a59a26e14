"""Asking and deciding at the same moment."""

from functools import partial
from uuid import uuid4

from kernel.period import HOUR, MINUTE
from requests_app.lifecycle import Status
from requests_app.models import Decision, RoleRequest
from requests_app.operations import activation, approval, waiting
from roles.models import Assignment
from roles.operations import grants
from roles.terms import ActivationTerms, SecondFactor
from tests import make, seen
from tests.make import NINE
from tests.races.together import at_once, done, refusals

LATER = NINE + MINUTE


def read_again(role_request):
    """The request as somebody else has it on their screen."""
    return RoleRequest.objects.get(pk=role_request.pk)


def decide(verb, by, role_request):
    return partial(verb, make.act(by=by, at=LATER), read_again(role_request), because="On call")


def test_of_eight_approvals_at_once_one_counts(user):
    approvers = tuple(make.user(email=f"approver{number}@example.com") for number in range(8))
    role_request = make.role_request(by=user, approvers=approvers)

    outcomes = at_once(*(decide(approval.approve, approver, role_request) for approver in approvers))

    assert refusals(outcomes) == [("closed",)] * 7
    (decision,) = done(outcomes)
    assert list(Decision.objects.all()) == [decision]
    assert Assignment.objects.filter(user=user).count() == 1
    assert seen.events(at=LATER) == ["request.approved", "role.activated"]
    others = sorted({approver.email for approver in approvers} - {decision.approver.email})
    assert seen.emails(at=LATER) == [
        *(("request_decided", email) for email in others),
        ("your_request_decided", user.email),
    ]


def test_who_is_too_late_is_told_who_was_faster(user, approver, other_approver):
    role_request = make.role_request(by=user, approvers=(approver, other_approver))

    outcomes = at_once(*(decide(approval.approve, person, role_request) for person in (approver, other_approver)))

    (decision,) = done(outcomes)
    (refused,) = [outcome for outcome in outcomes if outcome is not decision]
    assert str(refused) == f"{decision.approver.name} has approved this request at 09:01 UTC already."


def test_the_same_approver_in_two_tabs_decides_once(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    outcomes = at_once(*[decide(approval.approve, approver, role_request) for _ in range(4)])

    assert (len(done(outcomes)), refusals(outcomes)) == (1, [("closed",)] * 3)
    assert seen.events(at=LATER) == ["request.approved", "role.activated"]


def test_a_request_is_approved_or_cancelled_never_both(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    outcomes = at_once(
        decide(approval.approve, approver, role_request),
        partial(activation.cancel, make.act(by=user, at=LATER), read_again(role_request)),
    )

    assert refusals(outcomes) == [("closed",)]
    was_approved = isinstance(outcomes[0], Decision)
    assert read_again(role_request).status == (Status.GRANTED if was_approved else Status.CANCELLED)
    assert Assignment.objects.filter(user=user).exists() == Decision.objects.exists() == was_approved
    assert seen.events(at=LATER) == (["request.approved", "role.activated"] if was_approved else ["request.cancelled"])


def test_a_request_is_approved_or_denied_never_both(user, approver, other_approver):
    role_request = make.role_request(by=user, approvers=(approver, other_approver))

    outcomes = at_once(
        decide(approval.approve, approver, role_request), decide(approval.deny, other_approver, role_request)
    )

    assert refusals(outcomes) == [("closed",)]
    (decision,) = Decision.objects.all()
    was_approved = decision.verdict == Decision.Verdict.APPROVE
    assert read_again(role_request).status == (Status.GRANTED if was_approved else Status.DENIED)
    assert Assignment.objects.filter(user=user).exists() == was_approved
    assert seen.events(at=LATER) == (["request.approved", "role.activated"] if was_approved else ["request.denied"])


def test_a_request_is_decided_or_runs_out_of_time_never_both(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    outcomes = at_once(
        decide(approval.approve, approver, role_request),
        partial(activation.time_out, make.act(at=NINE + 24 * HOUR), role_request.pk),
    )

    was_approved = isinstance(outcomes[0], Decision)
    assert refusals(outcomes) == ([] if was_approved else [("closed",)])
    assert read_again(role_request).status == (Status.GRANTED if was_approved else Status.TIMED_OUT)
    assert seen.events(at=NINE + 24 * HOUR) == ([] if was_approved else ["request.timed_out"])
    assert Assignment.objects.filter(user=user).exists() == was_approved


def test_after_the_eligibility_is_removed_nobody_is_active_however_fast_the_approver(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    eligibility = role_request.eligibility

    outcomes = at_once(
        decide(approval.approve, approver, role_request),
        partial(grants.remove_eligibility, make.act(at=LATER), eligibility, because="New job"),
    )

    was_approved = isinstance(outcomes[0], Decision)
    assert refusals(outcomes) == ([] if was_approved else [("not_eligible",)])
    for at in (LATER, LATER + MINUTE):
        assert not Assignment.objects.held_by(user, at).exists()
    assert not Assignment.objects.not_over(LATER).exists()
    assert ("role.activation_revoked" in seen.events(at=LATER)) == was_approved


def test_after_the_eligibility_is_removed_nobody_is_active_however_fast_they_ask(user):
    eligibility = make.eligibility(of=user)

    outcomes = at_once(
        partial(activation.submit, make.act(by=user), eligibility, make.ask(), form_key=uuid4()),
        partial(grants.remove_eligibility, make.act(), eligibility, because="New job"),
    )

    was_granted = isinstance(outcomes[0], RoleRequest)
    assert refusals(outcomes) == ([] if was_granted else [("not_eligible",)])
    assert not Assignment.objects.not_over(NINE).filter(user=user).exists()


def test_a_form_sent_four_times_at_once_is_one_request(user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    send = partial(activation.submit, make.act(by=user), eligibility, make.ask(), form_key=uuid4())

    outcomes = at_once(send, send, send, send)

    assert {role_request.pk for role_request in outcomes} == {RoleRequest.objects.get().pk}
    assert seen.events() == ["request.made"]
    assert seen.emails() == [("approval_wanted", approver.email)]


def test_a_form_sent_four_times_at_once_is_one_activation(user):
    send = partial(activation.submit, make.act(by=user), make.eligibility(of=user), make.ask(), form_key=uuid4())

    outcomes = at_once(send, send, send, send)

    assert {role_request.pk for role_request in outcomes} == {RoleRequest.objects.get().pk}
    assert Assignment.objects.filter(user=user).count() == 1
    assert seen.events() == ["request.made", "role.activated"]


def test_asking_in_four_tabs_at_once_is_one_pending_request(user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    act = make.act(by=user)

    outcomes = at_once(*(partial(activation.submit, act, eligibility, make.ask(), form_key=uuid4()) for _ in range(4)))

    assert refusals(outcomes) == [("pending",)] * 3
    assert seen.events() == ["request.made"]


def test_asking_in_four_tabs_at_once_is_one_activation(user):
    eligibility = make.eligibility(of=user)
    act = make.act(by=user)

    outcomes = at_once(*(partial(activation.submit, act, eligibility, make.ask(), form_key=uuid4()) for _ in range(4)))

    assert refusals(outcomes) == [("active_already",)] * 3
    assert Assignment.objects.filter(user=user).count() == 1


def test_a_role_held_in_two_ways_is_activated_once(user):
    role = make.role()
    ways = (make.eligibility(of=user, role=role), make.eligibility(of=make.group(members=(user,)), role=role))
    act = make.act(by=user)

    outcomes = at_once(*(partial(activation.submit, act, way, make.ask(), form_key=uuid4()) for way in ways))

    assert refusals(outcomes) == [("active_already",)]
    assert Assignment.objects.filter(user=user).count() == 1


def test_two_people_who_approve_each_other_may_do_so_at_the_same_moment(user, approver):
    """Locking a person must not lock whoever refers to them: each would wait for the other, on PostgreSQL."""
    role = make.role(approvers=(user, approver))
    pairs = ((user, approver), (approver, user))
    asked = [make.role_request(by=asker, for_=make.eligibility(of=asker, role=role)) for asker, _decider in pairs]

    outcomes = at_once(
        *(decide(approval.approve, decider, wish) for wish, (_asker, decider) in zip(asked, pairs, strict=True))
    )

    assert [decision.verdict for decision in outcomes] == ["approve", "approve"]


def test_people_who_are_each_others_approvers_may_ask_at_the_same_moment(user, approver, other_approver):
    people = (user, approver, other_approver)
    role = make.role(approvers=people)
    held = [make.eligibility(of=person, role=role) for person in people]

    outcomes = at_once(
        *(
            partial(activation.submit, make.act(by=person), eligibility, make.ask(), form_key=uuid4())
            for person, eligibility in zip(people, held, strict=True)
        )
    )

    assert [role_request.status for role_request in outcomes] == [Status.PENDING] * 3


def test_a_request_runs_out_of_time_once_however_many_workers_look(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    late = NINE + 24 * HOUR

    at_once(*[partial(activation.time_out, make.act(at=late), role_request.pk)] * 4)

    assert seen.events(at=late) == ["request.timed_out"]
    assert seen.emails(at=late) == [("request_closed", approver.email), ("your_request_timed_out", user.email)]


def test_settings_tightened_at_the_moment_of_asking_come_before_or_after(user, approver):
    role = make.role()
    eligibility = make.eligibility(of=user, role=role)

    outcomes = at_once(
        partial(activation.submit, make.act(by=user), eligibility, make.ask(), form_key=uuid4()),
        partial(make.change_terms, of=role, to=ActivationTerms(needs_approval=True), approvers=(approver,), at=LATER),
    )

    granted = Assignment.objects.filter(user=user).exists()
    assert outcomes[0].status == (Status.GRANTED if granted else Status.PENDING)
    assert seen.emails() == (
        [("your_role_is_active", user.email)] if granted else [("approval_wanted", approver.email)]
    )


# --- stages and quorum


def test_in_a_stage_that_needs_two_both_count_and_the_role_is_granted_once(user, approver, other_approver):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2))
    role_request = make.role_request(by=user, approval=rounds)

    outcomes = at_once(*(decide(approval.approve, one, role_request) for one in (approver, other_approver)))

    assert refusals(outcomes) == []
    assert seen.events(at=LATER) == ["request.approved", "request.approved", "role.activated"]
    assert Assignment.objects.filter(user=user).count() == 1


def test_of_four_where_two_are_needed_two_count(user):
    approvers = tuple(make.user() for _ in range(4))
    role_request = make.role_request(by=user, approval=make.stages(make.stage(*approvers, quorum=2)))

    outcomes = at_once(*(decide(approval.approve, one, role_request) for one in approvers))

    assert (len(done(outcomes)), refusals(outcomes)) == (2, [("closed",)] * 2)
    assert Assignment.objects.filter(user=user).count() == 1


def test_of_two_in_the_first_stage_one_counts_and_the_second_stage_is_asked_once(user, approver, other_approver, admin):
    rounds = make.stages(make.stage(approver, other_approver), make.stage(admin))
    role_request = make.role_request(by=user, approval=rounds)

    outcomes = at_once(*(decide(approval.approve, one, role_request) for one in (approver, other_approver)))

    assert refusals(outcomes) == [("stage_over",)]
    assert seen.events(at=LATER) == ["request.approved"]
    assert seen.emails(at=LATER) == [("approval_wanted", admin.email)]


def test_who_is_in_both_stages_and_presses_twice_counts_once(user, approver, other_approver):
    rounds = make.stages(make.stage(approver), make.stage(approver, other_approver))
    role_request = make.role_request(by=user, approval=rounds)

    outcomes = at_once(*[decide(approval.approve, approver, role_request) for _ in range(3)])

    assert (len(done(outcomes)), refusals(outcomes)) == (1, [("decided",)] * 2)
    assert read_again(role_request).status == Status.PENDING


def test_one_proof_counts_for_one_activation_however_fast_one_asks(user):
    terms = ActivationTerms(second_factor=SecondFactor.FRESH)
    roles = [make.role(name=name, terms=terms) for name in ("Teams Reader", "User Administrator")]
    held = [make.eligibility(of=user, role=role) for role in roles]
    act = make.act(by=user)

    outcomes = at_once(*(partial(activation.submit, act, one, make.ask(), form_key=uuid4()) for one in held))

    assert refusals(outcomes) == [("second_factor_spent",)]


# --- several workers


def test_reminder_escalation_and_lapse_are_told_once_however_many_workers_look(user, stranger, approver, admin):
    role = make.role(approval=make.stages(make.stage(approver), escalation=(admin,)))
    waits, gone = (make.role_request(by=one, for_=make.eligibility(of=one, role=role)) for one in (user, stranger))
    grants.remove_eligibility(make.act(), gone.eligibility, because="New job")
    act = make.act(at=NINE + 13 * HOUR)

    for look in (partial(waiting.escalate, act, waits.pk), partial(waiting.remind, act, waits.pk)):
        at_once(*[look] * 4)
    at_once(*[partial(waiting.lapse, act, gone.pk)] * 4)

    assert seen.events(at=act.at) == ["request.escalated", "request.reminded", "request.lapsed"]
    assert seen.emails(at=act.at) == [
        ("approval_escalated", admin.email),
        ("approval_reminder", admin.email),
        ("approval_reminder", approver.email),
        ("request_closed", approver.email),
        ("your_request_lapsed", stranger.email),
    ]


def test_a_request_is_approved_or_lapses_never_both(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    outcomes = at_once(
        decide(approval.approve, approver, role_request),
        partial(grants.remove_eligibility, make.act(at=LATER), role_request.eligibility, because="New job"),
        partial(waiting.lapse, make.act(at=LATER), role_request.pk),
    )
    waiting.lapse(make.act(at=LATER), role_request.pk)

    was_approved = isinstance(outcomes[0], Decision)
    assert read_again(role_request).status == (Status.GRANTED if was_approved else Status.LAPSED)
    assert seen.events(at=LATER).count("request.lapsed") == (0 if was_approved else 1)
    assert not Assignment.objects.not_over(LATER).exists()
