"""What asking and approving share: locking, making somebody active, closing a request."""

from datetime import datetime

from accounts.act import Act, Proof
from accounts.models import User
from audit.log import record
from kernel.period import Period, earliest
from kernel.refusal import Refusal, Refused
from requests_app.events import RoleActivated, RoleExtended
from requests_app.lifecycle import REQUEST, Status
from requests_app.log import about
from requests_app.models import Decision, RoleRequest
from requests_app.policy import ActivationAsk
from requests_app.queries.allowing import allowed
from requests_app.queries.standing import stands_until
from roles.email.grants import activated, extended, scheduled
from roles.models import Assignment, Eligibility
from roles.operations import activation
from roles.queries.endings import clock_words


def settle(act: Act, role_request: RoleRequest, *, decision: Decision | None) -> Assignment:
    """Give what was asked for: a new activation, or more time for one that runs."""
    give = prolong if role_request.extends_id else grant
    return give(act, role_request, decision=decision)


def prolong(act: Act, role_request: RoleRequest, *, decision: Decision | None) -> Assignment:
    """Make a running activation end later, never earlier. Needs a transaction in which the rules were asked and the
    activation is locked."""
    eligibility = role_request.eligibility
    assignment = extended_by(role_request)
    old_end_at = assignment.end_at
    stays_until = stands_until(eligibility, role_request.user, act.at)
    end_at = earliest(act.at + allowed(role_request).ask.duration, stays_until) or act.at
    activation.prolong(assignment, to=end_at)
    close(act, role_request, Status.GRANTED)
    role_request.extends = assignment
    event = RoleExtended(
        old_end_at=old_end_at,
        end_at=assignment.end_at,
        because=role_request.justification,
        ticket_number=role_request.ticket_number,
        ticket_system=role_request.ticket_system,
        approver_name=decision.approver.name if decision else "",
    )
    record(act, event, about=about(role_request))
    if decision is None:
        extended(act, assignment, old_end_at=old_end_at, because=role_request.justification)
    return assignment


def extended_by(role_request: RoleRequest) -> Assignment:
    """The activation that is to last longer, as it is now."""
    return Assignment.objects.select_related("role__policy", "scope", "user").get(extensions=role_request)


def grant(act: Act, role_request: RoleRequest, *, decision: Decision | None) -> Assignment:
    """Make the asker active. Needs a transaction in which the rules were asked and the eligibility is locked."""
    eligibility, found = role_request.eligibility, allowed(role_request)
    period = period_of(found.ask, act.at)
    stays_until = stands_until(eligibility, role_request.user, act.at)
    end_at = earliest(period.end, stays_until) or period.start
    assignment = activation.begin(
        act,
        eligibility,
        for_=role_request.user,
        start_at=period.start,
        end_at=end_at,
        because=role_request.justification,
        request_number=role_request.pk,
        on=found.scope,
    )
    close(act, role_request, Status.GRANTED, assignment=assignment)
    event = RoleActivated(
        start_at=assignment.start_at,
        end_at=end_at,
        because=role_request.justification,
        ticket_number=role_request.ticket_number,
        ticket_system=role_request.ticket_system,
        approver_name=decision.approver.name if decision else "",
    )
    record(act, event, about=about(role_request))
    if decision is None:
        tell_holder = activated if assignment.start_told_at else scheduled
        tell_holder(act, assignment)
    return assignment


def close(act: Act, role_request: RoleRequest, status: Status, *, assignment: Assignment | None = None) -> None:
    """Move a pending request to its end. Raises `Refused` if somebody was faster."""
    moved = RoleRequest.objects.filter(pk=role_request.pk, status__in=REQUEST.before(status)).update(
        status=status, closed_at=act.at, assignment=assignment
    )
    if not moved:
        role_request.refresh_from_db()
        raise Refused(already_closed(act, role_request))
    role_request.status, role_request.closed_at, role_request.assignment = status, act.at, assignment


def already_closed(act: Act, role_request: RoleRequest) -> Refusal:
    """What happened to a request that is no longer pending, by whom and when."""
    decision = role_request.decisions.select_related("approver").last()
    at = f" at {clock_words(role_request.closed_at, act.at)}" if role_request.closed_at else ""
    if decision and role_request.status in (Status.GRANTED, Status.DENIED):
        verdict = decision.get_verdict_display().lower()
        what = f"{_who(act, decision.approver)} {verdict} this request{at} already."
    elif role_request.status == Status.CANCELLED:
        what = f"{_who(act, role_request.user)} cancelled this request{at} already."
    elif role_request.status == Status.GRANTED:
        what = f"This request was granted{at} already."
    elif role_request.status == Status.LAPSED:
        what = f"{role_request.user.name} can no longer activate this role, so this request has ended."
    else:
        what = "Nobody decided this request in time, so it has ended."
    return Refusal("closed", what, is_conflict=True)


def _who(act: Act, person: User) -> str:
    return "You have" if person == act.actor else f"{person.name} has"


def lock_pending(act: Act, role_request: RoleRequest) -> RoleRequest:
    """Lock what a request locks, then the request itself, then read. Raises `Refused` if it is no longer pending."""
    lock(role_request.eligibility, asker=role_request.user, extending=role_request.extends_id)
    RoleRequest.objects.select_for_update().get(pk=role_request.pk)
    locked = RoleRequest.objects.with_names().get(pk=role_request.pk)
    if locked.status != Status.PENDING or locked.decide_until <= act.at:
        raise Refused(already_closed(act, locked))
    return locked


def lock(eligibility: Eligibility, *, asker: User, extending: int | None = None) -> Eligibility:
    """Lock the asker, the eligibility, and what is to last longer, then read: two requests of one person, or a request
    and a removal, come one after the other, and whoever comes second sees what the first one did."""
    # "No key": others may go on naming the asker in rows of theirs, or two who approve each other would deadlock.
    User.objects.select_for_update(no_key=True).get(pk=asker.pk)
    Eligibility.objects.select_for_update().get(pk=eligibility.pk)
    if extending:
        Assignment.objects.select_for_update().get(pk=extending)
    return Eligibility.objects.select_related("role__policy", "role__resource", "scope").get(pk=eligibility.pk)


def period_of(ask: ActivationAsk, at: datetime) -> Period:
    """From when until when, if it is granted at this moment: the clock starts now, or at the later start."""
    start_at = max(ask.start_at or at, at)
    return Period(start_at, start_at + ask.duration)


def asked_by(role_request: RoleRequest) -> Act:
    """The act of asking, as it was."""
    proof = None
    if role_request.proof_at:
        proof = Proof(role_request.proof_method, role_request.proof_device, role_request.proof_at)
    return Act(role_request.user, role_request.asked_at, role_request.ip, proof)
