"""Asking and deciding at the same moment."""

from functools import partial
from uuid import uuid4

from kernel.period import HOUR, MINUTE
from requests_app.lifecycle import Status
from requests_app.models import Decision, RoleRequest
from requests_app.operations import activation, approval
from roles.models import Assignment
from roles.operations import grants
from roles.policy import ActivationTerms
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
    assert str(refused) == f"{decision.approver.name} has approved this request already."


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
        assert not Assignment.objects.of(user).in_force(at).exists()
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
