"""Asking to activate, and taking it back."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from accounts.act import Act
from audit.log import record
from kernel.period import earliest, in_words
from kernel.refusal import Refusal, Refused, refuse_if_any
from requests_app.email import requests as email
from requests_app.events import (
    ActivationRequested,
    RequestCancelled,
    RequestTimedOut,
)
from requests_app.lifecycle import Status
from requests_app.log import about
from requests_app.models import RoleRequest
from requests_app.operations.granting import close, grant, lock, period_of
from requests_app.operations.waiting import lapse
from requests_app.policy import ActivationAsk, assess
from requests_app.queries.deciding import turn_of
from requests_app.queries.standing import (
    nobody_to_ask,
    out_of_scope,
    pending_already,
    period_in_the_way,
    proof_is_spent,
    sent_already,
    standing,
    stands_until,
)
from roles.models import Assignment, Eligibility, Resource
from roles.terms import ActivationTerms


@transaction.atomic
def submit(
    act: Act,
    eligibility: Eligibility,
    ask: ActivationAsk,
    *,
    form_key: UUID,
    on: Resource | None = None,
    basket: UUID | None = None,
) -> RoleRequest:
    """Ask to activate, where one is eligible or below; granted at once unless somebody must approve. The same form
    sent twice is one request. What is asked for in one basket shares one proof."""
    locked = lock(eligibility, asker=act.person)
    if sent := sent_already(act, locked, form_key):
        return sent
    terms, scope = locked.role.policy.activation_terms(), on or locked.scope
    refuse_if_any(
        standing(act, locked, act.person),
        out_of_scope(locked, scope),
        assess(terms, ask, act),
        proof_is_spent(terms, act, basket),
    )
    refuse_if_any(period_in_the_way(act, locked, act.person, period_of(ask, act.at), scope))
    clear_ended(act, locked, scope)
    refuse_if_any(pending_already(act, locked, scope), nobody_to_ask(act, locked))
    # A form found again with the back button asks anew, once what it asked for before is over.
    key = uuid4() if RoleRequest.objects.filter(form_key=form_key).exists() else form_key
    role_request = create(act, locked, ask, terms, scope, form_key=key, basket=basket)
    if terms.needs_approval:
        email.approval_wanted(act, role_request, turn_of(role_request, act.at))
    else:
        grant(act, role_request, decision=None)
    return role_request


def clear_ended(act: Act, eligibility: Eligibility, scope: Resource) -> None:
    """What ran out of time, or is no longer possible, does not stand in the way, even while the worker is off."""
    pending = RoleRequest.objects.filter(user=act.person, role=eligibility.role, scope=scope, status=Status.PENDING)
    for request_id in pending.values_list("pk", flat=True):
        time_out(Act(None, act.at), request_id)
        lapse(Act(None, act.at), request_id)


def create(
    act: Act,
    eligibility: Eligibility,
    ask: ActivationAsk,
    terms: ActivationTerms,
    scope: Resource,
    *,
    form_key: UUID,
    basket: UUID | None = None,
    extends: Assignment | None = None,
) -> RoleRequest:
    """Write down what is asked for, and tell the history. Raises `Refused` if the same waits already."""
    decide_until = _decide_until(act, eligibility, terms, extends)
    try:
        with transaction.atomic():
            role_request = RoleRequest.objects.create(
                eligibility=eligibility,
                user=act.person,
                role=eligibility.role,
                scope=scope,
                form_key=form_key,
                basket=basket,
                extends=extends,
                asked_at=act.at,
                decide_until=decide_until,
                remind_at=act.at + (decide_until - act.at) / 2 if terms.needs_approval else None,
                ip=act.ip,
                proof_method=act.proof.method if act.proof else "",
                proof_device=act.proof.device if act.proof else "",
                proof_at=act.proof.at if act.proof else None,
                **asdict(ask),
            )
    except IntegrityError as error:
        sentence = "This form was sent at this moment already. Open the page again."
        raise Refused(Refusal("sent", sentence, is_conflict=True)) from error
    event = ActivationRequested(
        because=ask.justification,
        ticket_number=ask.ticket_number,
        ticket_system=ask.ticket_system,
        duration=in_words(ask.duration),
        start_at=ask.start_at,
        decide_until=decide_until if terms.needs_approval else None,
    )
    record(act, event, about=about(role_request))
    return role_request


def _decide_until(act: Act, eligibility: Eligibility, terms: ActivationTerms, extends: Assignment | None) -> datetime:
    """The window of the role, but no longer than there is something to activate from, or to extend."""
    stays_until = stands_until(eligibility, act.person, act.at)
    return earliest(act.at + terms.decision_window, stays_until, extends.end_at if extends else None) or act.at


@transaction.atomic
def cancel(act: Act, role_request: RoleRequest) -> None:
    """The asker takes a pending request back."""
    if role_request.user != act.person:
        raise Refused(Refusal("not_yours", "Only the person who asked can cancel a request."))
    if role_request.status == Status.PENDING and role_request.decide_until <= act.at:
        raise Refused(Refusal("closed", "Nobody decided this request in time, so it has ended.", is_conflict=True))
    close(act, role_request, Status.CANCELLED)
    record(act, RequestCancelled(), about=about(role_request))
    email.closed(act, role_request, because=f"{role_request.user.name} cancelled it")


@transaction.atomic
def time_out(act: Act, request_id: int) -> None:
    """Move a request nobody decided in time to its end, and tell. Harmless if it is not overdue."""
    role_request = RoleRequest.objects.overdue(act.at).with_names().filter(pk=request_id).first()
    if role_request is None:
        return
    moved = RoleRequest.objects.overdue(act.at).filter(pk=request_id).update(status=Status.TIMED_OUT, closed_at=act.at)
    if not moved:
        return
    record(act, RequestTimedOut(), about=about(role_request))
    email.timed_out(act, role_request)
    email.closed(act, role_request, because="nobody decided it in time")
