"""Keeping what was assigned: asked by its holder, decided by another administrator."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.act import Act
from accounts.models import User
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, Refused, refuse_if_any
from requests_app.email import renewals as email
from requests_app.events import (
    RenewalAsked,
    RenewalCancelled,
    RenewalDenied,
    RenewalGranted,
    RenewalLapsed,
    RenewalTimedOut,
)
from requests_app.lifecycle import Status
from requests_app.models import RenewalRequest
from requests_app.queries import renewals as queries
from roles.log import about_grant
from roles.models import Assignment, Eligibility
from roles.operations import amendments, grants
from roles.policy import GrantAsk, Kind, assess_grant
from roles.queries.access import lacks
from roles.queries.giving import terms_of

Grant = Eligibility | Assignment
OWN = Refusal("own_request", "Nobody decides on their own request. Another administrator has to.")


@dataclass(frozen=True)
class Given:
    """What an administrator gives. The start counts only where what is renewed has ended; empty: now."""

    kind: Kind
    end_at: datetime | None
    start_at: datetime | None = None


@transaction.atomic
def ask(act: Act, grant: Grant, ask: GrantAsk, *, form_key: UUID) -> RenewalRequest:
    """Ask to keep what is assigned to oneself. The same form sent twice is one request."""
    User.objects.select_for_update(no_key=True).get(pk=act.person.pk)
    locked = _lock(grant)
    if sent := queries.of_grant(locked).filter(form_key=form_key, user=act.person).first():
        return sent
    refuse_if_any(queries.not_renewable(act, locked))
    refuse_if_any(_clear_ended(act, locked), assess(act, locked, ask))
    renewal = _create(act, locked, ask, form_key)
    event = RenewalAsked(renewal=renewal.pk, end_at=ask.end_at, because=renewal.justification)
    record(act, event, about=about_grant(locked))
    email.wanted(act, renewal)
    return renewal


def assess(act: Act, grant: Grant, ask: GrantAsk) -> list[Refusal]:
    """Why nobody could grant what is asked for, as the role is set."""
    refusals = []
    if not ask.justification.strip():
        refusals.append(Refusal("justification", "Say why you still need it.", "justification"))
    if ask.end_at and grant.end_at and ask.end_at <= grant.end_at:
        refusals.append(Refusal("no_longer", "Choose an end later than the one it has.", "end_at"))
    # What an assigner shows and says is asked of whoever decides.
    terms = replace(terms_of(grant.role, grant.kind), needs_second_factor=False, needs_justification=False)
    return [*refusals, *assess_grant(terms, replace(ask, start_at=act.at), act)]


def _clear_ended(act: Act, grant: Grant) -> list[Refusal]:
    """What nobody can grant any more does not stand in the way, even while the worker is off; what waits does."""
    for renewal_id in queries.of_grant(grant).filter(status=Status.PENDING).values_list("pk", flat=True):
        time_out(Act(None, act.at), renewal_id)
        lapse(Act(None, act.at), renewal_id)
    return [_pending()] if queries.of_grant(grant).filter(status=Status.PENDING).exists() else []


def _pending() -> Refusal:
    sentence = "You have asked for this already, and it waits for an administrator. See My requests."
    return Refusal("pending", sentence, is_conflict=True)


def _create(act: Act, grant: Grant, ask: GrantAsk, form_key: UUID) -> RenewalRequest:
    end_at = grant.end_at
    assert end_at is not None  # noqa: S101 - asked before
    try:
        with transaction.atomic():
            return RenewalRequest.objects.create(
                action=queries.action_of(grant, act.at),
                eligibility=grant if isinstance(grant, Eligibility) else None,
                assignment=grant if isinstance(grant, Assignment) else None,
                user=act.person,
                form_key=form_key,
                asked_at=act.at,
                end_at=ask.end_at,
                held_until=end_at,
                justification=ask.justification.strip(),
                ip=act.ip,
                decide_until=queries.decide_until(end_at),
            )
    except IntegrityError as error:
        raise Refused(_pending()) from error


@transaction.atomic
def grant(act: Act, renewal: RenewalRequest, given: Given, *, because: str) -> Grant:
    """Give what was asked for, or another end, start or type, by the rules of assigning it oneself."""
    refuse_if_any(may_decide(act, renewal))
    with grants.guarded(act, renewal.grant):
        grants.lock_roles([renewal.grant.role])
        held = _lock(renewal.grant)
        locked = _lock_open(act, renewal)
        made = _give(act, held, given, because.strip())
    decided = {
        "decided_by": act.person,
        "decision_reason": because.strip(),
        "given_kind": made.kind.value,
        "given_start_at": made.start_at,
        "given_end_at": made.end_at,
    }
    _close(act, locked, Status.GRANTED, **decided)
    event = RenewalGranted(
        renewal=locked.pk,
        given_kind=made.kind.value,
        start_at=made.start_at,
        end_at=made.end_at,
        because=because.strip(),
        approver_name=act.person.name,
    )
    record(act, event, about=about_grant(held))
    email.granted(act, locked, made)
    return made


def _give(act: Act, held: Grant, given: Given, because: str) -> Grant:
    """The operations administrators use; they ask the rules, tell the history and write the emails."""
    if held.is_over(act.at):
        ask = GrantAsk(given.start_at or act.at, given.end_at, because)
        make = grants.make_eligible if given.kind is Kind.ELIGIBLE else grants.assign
        return make(act, held.role, ask, to=held.holder, on=held.scope)
    ask = GrantAsk(held.start_at, given.end_at, because)
    if given.kind is not held.kind:
        return amendments.convert(act, held, ask)
    amendments.update(act, held, ask)
    held.refresh_from_db(fields=["start_at", "end_at"])
    return held


@transaction.atomic
def deny(act: Act, renewal: RenewalRequest, *, because: str) -> None:
    """Leave what was assigned to its end."""
    refuse_if_any(may_decide(act, renewal))
    locked = _lock_open(act, renewal)
    if not because.strip():
        raise Refused(Refusal("justification", "Say why. The person who asked reads it.", "justification"))
    _close(act, locked, Status.DENIED, decided_by=act.person, decision_reason=because.strip())
    event = RenewalDenied(renewal=locked.pk, because=because.strip(), approver_name=act.person.name)
    record(act, event, about=about_grant(locked.grant))
    email.decided(act, locked)
    email.closed(act, locked, because=f"{act.person.name} has denied it", but=[act.person])


@transaction.atomic
def cancel(act: Act, renewal: RenewalRequest) -> None:
    """Whoever asked takes it back."""
    if renewal.user != act.person:
        raise Refused(Refusal("not_yours", "Only the person who asked can cancel a request."))
    locked = _lock_open(act, renewal)
    _close(act, locked, Status.CANCELLED)
    record(act, RenewalCancelled(renewal=locked.pk), about=about_grant(locked.grant))
    email.closed(act, locked, because=f"{locked.user.name} cancelled it", but=[locked.user])


@transaction.atomic
def time_out(act: Act, renewal_id: int) -> None:
    """End what nobody decided in time, and tell. Harmless if it is not overdue."""
    overdue = RenewalRequest.objects.overdue(act.at).filter(pk=renewal_id)
    if not overdue.update(status=Status.TIMED_OUT, closed_at=act.at):
        return
    renewal = RenewalRequest.objects.with_names().get(pk=renewal_id)
    record(act, RenewalTimedOut(renewal=renewal.pk), about=about_grant(renewal.grant))
    email.closed(act, renewal, because="nobody decided it in time")


@transaction.atomic
def lapse(act: Act, renewal_id: int) -> None:
    """End what can no longer be granted, and tell. Harmless if it still can."""
    pending = RenewalRequest.objects.undecided(act.at).filter(pk=renewal_id)
    renewal = pending.with_names().first()
    because = queries.why_lapsed(renewal) if renewal else ""
    if renewal is None or not because or not pending.update(status=Status.LAPSED, closed_at=act.at):
        return
    record(act, RenewalLapsed(renewal=renewal.pk, because=because), about=about_grant(renewal.grant))
    email.closed(act, renewal, because=because)


def may_decide(act: Act, renewal: RenewalRequest) -> list[Refusal]:
    """Why the actor may not decide on this."""
    return [OWN] if renewal.user == act.person else lacks(act, Power.ROLES_MANAGE)


def _lock(grant: Grant) -> Grant:
    return grants.lock_eligibility(grant) if isinstance(grant, Eligibility) else grants.lock_assignment(grant)


def _lock_open(act: Act, renewal: RenewalRequest) -> RenewalRequest:
    """The request read again under a lock. Raises `Refused` if there is nothing left to decide."""
    RenewalRequest.objects.select_for_update().get(pk=renewal.pk)
    locked = RenewalRequest.objects.with_names().get(pk=renewal.pk)
    if locked.status != Status.PENDING or locked.decide_until <= act.at or queries.why_lapsed(locked):
        raise Refused(already_closed(locked))
    return locked


def already_closed(renewal: RenewalRequest) -> Refusal:
    """What happened to it, by whom and when."""
    if renewal.decided_by and renewal.closed_at:
        verb = "granted" if renewal.status == Status.GRANTED else "denied"
        what = f"{renewal.decided_by.name} has {verb} this request already, {renewal.closed_at:%d %b %Y, %H:%M} UTC."
    elif renewal.status == Status.CANCELLED:
        what = f"{renewal.user.name} has cancelled this request."
    elif why := queries.why_lapsed(renewal):
        what = f"This request has ended: {why}."
    else:
        what = "Nobody decided this request in time, so it has ended."
    return Refusal("closed", what, is_conflict=True)


def _close(act: Act, renewal: RenewalRequest, status: Status, **decided: object) -> None:
    """Move a pending request to its end. Needs it locked and found pending."""
    for name, value in {"status": status, "closed_at": act.at, **decided}.items():
        setattr(renewal, name, value)
    renewal.save(update_fields=["status", "closed_at", *decided])
