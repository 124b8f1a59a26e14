"""Making a running activation last longer, in place and without a gap."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from accounts.act import Act
from kernel.period import MINUTE, Period, earliest
from kernel.refusal import Refusal, Refused, refuse_if_any
from requests_app.email import requests as email
from requests_app.models import RoleRequest
from requests_app.operations.activation import clear_ended, create
from requests_app.operations.granting import lock, settle
from requests_app.policy import ActivationAsk, assess
from requests_app.queries.deciding import turn_of
from requests_app.queries.standing import (
    nobody_to_ask,
    not_running,
    pending_already,
    period_in_the_way,
    proof_is_spent,
    sent_already,
    standing,
    stands_until,
)
from roles.models import Assignment, Eligibility
from roles.queries.endings import clock_words


@transaction.atomic
def extend(act: Act, assignment: Assignment, ask: ActivationAsk, *, form_key: UUID) -> RoleRequest:
    """Ask for a running activation of one's own to end later: so long from now; granted at once unless somebody must
    approve. The same form sent twice is one request."""
    if assignment.activated_from is None or assignment.user != act.person:
        raise Refused(Refusal("not_yours", "Only the person who activated a role can extend it."))
    eligibility = lock(assignment.activated_from, asker=act.person, extending=assignment.pk)
    if sent := sent_already(act, eligibility, form_key):
        return sent
    fresh = Assignment.objects.select_related("role__policy", "scope", "user").get(pk=assignment.pk)
    refuse_if_any(not_running(act, fresh))
    terms = eligibility.role.policy.activation_terms()
    refuse_if_any(
        standing(act, eligibility, act.person),
        _starts_later(ask),
        assess(terms, ask, act),
        proof_is_spent(terms, act),
    )
    refuse_if_any(_ends_no_later(act, fresh, eligibility, ask), _next_in_the_way(act, fresh, eligibility, ask))
    clear_ended(act, eligibility, fresh.scope)
    refuse_if_any(pending_already(act, eligibility, fresh.scope), nobody_to_ask(act, eligibility))
    key = uuid4() if RoleRequest.objects.filter(form_key=form_key).exists() else form_key
    role_request = create(act, eligibility, ask, terms, fresh.scope, form_key=key, extends=fresh)
    if terms.needs_approval:
        email.approval_wanted(act, role_request, turn_of(role_request, act.at))
    else:
        settle(act, role_request, decision=None)
    return role_request


def new_end(act: Act, eligibility: Eligibility, ask: ActivationAsk) -> datetime:
    """When it would end, if it were extended at this moment: so long from now, but no longer than one is eligible."""
    stays_until = stands_until(eligibility, act.person, act.at)
    return earliest(act.at + ask.duration, stays_until) or act.at


def _starts_later(ask: ActivationAsk) -> list[Refusal]:
    if ask.start_at is None:
        return []
    return [Refusal("start", "An extension counts from now. Leave the start empty.", "start_at")]


def _ends_no_later(act: Act, assignment: Assignment, eligibility: Eligibility, ask: ActivationAsk) -> list[Refusal]:
    end_at, old_end_at = new_end(act, eligibility, ask), assignment.end_at
    # A minute at least: of two tabs at the same moment one extends, whichever began first, and the other is told.
    if old_end_at is None or end_at >= old_end_at + MINUTE:
        return []
    is_extended = end_at > old_end_at - MINUTE
    now, then = clock_words(old_end_at, act.at), clock_words(end_at, act.at)
    sentence = f"It ends at {now} already, and would end at {then} so."
    if end_at < act.at + ask.duration:
        return [Refusal("not_later", f"{sentence} You are not eligible for longer.")]
    advice = "Choose a longer duration: it counts from now."
    return [Refusal("not_later", f"{sentence} {advice}", "duration", is_conflict=is_extended)]


def _next_in_the_way(act: Act, assignment: Assignment, eligibility: Eligibility, ask: ActivationAsk) -> list[Refusal]:
    period = Period(act.at, new_end(act, eligibility, ask))
    return period_in_the_way(act, eligibility, act.person, period, assignment.scope, extending=assignment)
