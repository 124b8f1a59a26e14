"""Deciding on a request: by somebody else, once, with a reason."""

from django.db import transaction

from accounts.act import Act
from audit.log import record
from kernel.refusal import Refusal, Refused, refuse_if_any
from requests_app import email
from requests_app.events import RequestApproved, RequestDenied
from requests_app.lifecycle import Status
from requests_app.log import about
from requests_app.models import Decision, RoleRequest
from requests_app.operations.activation import already_closed, ask_of, asked_by, close, grant, lock, period_of
from requests_app.policy import LONGEST_TEXT, assess_again
from requests_app.queries import period_in_the_way, standing
from roles.queries import approvers

OWN_REQUEST = Refusal("own_request", "Nobody decides on their own request. Another approver has to.")
NO_APPROVER = Refusal("no_approver", "You are not an approver of this role, so you cannot decide this request.")
LOST_APPROVER = Refusal("no_approver", "You are no longer an approver of this role, so you cannot decide this request.")


@transaction.atomic
def approve(act: Act, role_request: RoleRequest, *, because: str) -> Decision:
    """Grant what was asked for. The rules and the asker's standing are asked once more, under today's settings."""
    locked = _lock(act, role_request)
    refuse_if_any(may_decide(act, locked), _reason_given(because), _still_allowed(act, locked))
    decision = _decide(act, locked, Decision.Verdict.APPROVE, because)
    record(act, RequestApproved(**_told(locked, decision)), about=about(locked))
    grant(act, locked, decision=decision)
    email.decided(act, locked, decision)
    return decision


@transaction.atomic
def deny(act: Act, role_request: RoleRequest, *, because: str) -> Decision:
    """Refuse what was asked for."""
    locked = _lock(act, role_request)
    refuse_if_any(may_decide(act, locked), _reason_given(because))
    decision = _decide(act, locked, Decision.Verdict.DENY, because)
    close(act, locked, Status.DENIED)
    record(act, RequestDenied(**_told(locked, decision)), about=about(locked))
    email.decided(act, locked, decision)
    return decision


def _lock(act: Act, role_request: RoleRequest) -> RoleRequest:
    """Lock what a request locks, then the request itself, then read."""
    lock(role_request.eligibility, asker=role_request.user)
    RoleRequest.objects.select_for_update().get(pk=role_request.pk)
    locked = RoleRequest.objects.with_names().get(pk=role_request.pk)
    if locked.status != Status.PENDING or locked.decide_until <= act.at:
        raise Refused(already_closed(locked))
    return locked


def may_decide(act: Act, role_request: RoleRequest) -> list[Refusal]:
    """Why the actor may not decide on this request."""
    if role_request.user == act.person:
        return [OWN_REQUEST]
    if act.person not in approvers(role_request.role, act.at, asker=role_request.user):
        was_asked = role_request.asked_approvers.filter(pk=act.person.pk).exists()
        return [LOST_APPROVER if was_asked else NO_APPROVER]
    return []


def _reason_given(because: str) -> list[Refusal]:
    if not because.strip():
        return [Refusal("justification", "Say why you approve or deny.", "justification")]
    if len(because) > LONGEST_TEXT:
        return [Refusal("justification_long", f"Use at most {LONGEST_TEXT} characters.", "justification")]
    return []


def _still_allowed(act: Act, role_request: RoleRequest) -> list[Refusal]:
    """A policy tightened, or an eligibility ended, between asking and approving wins."""
    ask, asker = ask_of(role_request), role_request.user
    terms = role_request.role.policy.settings().activation
    ended = standing(act, role_request.eligibility, asker)
    changed = assess_again(terms, ask, asked_by(role_request), at=act.at)
    sentence = "The settings of this role have changed since, so that this can no longer be approved: "
    return [
        *(ended or period_in_the_way(role_request.eligibility, asker, period_of(ask, act.at))),
        *(Refusal(refusal.code, sentence + refusal.sentence) for refusal in changed),
    ]


def _decide(act: Act, role_request: RoleRequest, verdict: Decision.Verdict, because: str) -> Decision:
    return Decision.objects.create(
        role_request=role_request,
        approver=act.person,
        verdict=verdict,
        justification=because.strip(),
        decided_at=act.at,
    )


def _told(role_request: RoleRequest, decision: Decision) -> dict[str, str]:
    return {
        "because": decision.justification,
        "approver_name": decision.approver.name,
        "ticket_number": role_request.ticket_number,
        "ticket_system": role_request.ticket_system,
    }
