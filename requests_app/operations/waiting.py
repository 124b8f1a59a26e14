"""What becomes of a request while it waits, by time alone: its approvers are reminded, others are asked as well, or it
is no longer possible. Each is done once, however many workers look. And the asker may have them written to again."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.act import Act
from accounts.models import Absence, User
from audit.log import record
from kernel.period import MINUTE
from kernel.refusal import Refusal, Refused, refuse_if_any
from requests_app.email import requests as email
from requests_app.events import (
    ApproversReminded,
    NobodyAvailable,
    RequestEscalated,
    RequestHandedOver,
    RequestLapsed,
    RequestResent,
    RequestStranded,
)
from requests_app.lifecycle import Status
from requests_app.log import about
from requests_app.models import RoleRequest
from requests_app.operations.granting import already_closed
from requests_app.queries.deciding import inbox, turn_of
from requests_app.queries.standing import why_lapsed
from roles.log import about_grant
from roles.models import Eligibility
from roles.queries.deciders import escalation_panel, panels, stranded
from roles.queries.endings import clock_words

RESEND_AFTER = 15 * MINUTE
"""How long the asker waits before the approvers are written to again."""

ONLY_ASKER = Refusal("not_yours", "Only the person who asked can have the approvers written to again.")
NOBODY = Refusal("nobody", "Nobody can decide this request at the moment; tell an administrator.")


@transaction.atomic
def remind(act: Act, request_id: int) -> None:
    """Write once more, at half time, to those who can decide and have not. Harmless if it is not half time."""
    waiting = RoleRequest.objects.reminding(act.at)
    role_request = waiting.standing(act.at).with_names().filter(pk=request_id).first()
    if role_request is None or not role_request.role.policy.reminds_at_half_time:
        return
    if not waiting.filter(pk=request_id).update(reminded_at=act.at):
        return
    turn = turn_of(role_request, act.at)
    record(act, ApproversReminded(reminded=[one.name for one in turn.deciders]), about=about(role_request))
    email.approval_reminder(act, role_request, turn)


@transaction.atomic
def escalate(act: Act, request_id: int) -> None:
    """Ask those who may decide as well from now on. Harmless if it has not come to that."""
    untold = RoleRequest.objects.undecided(act.at).filter(pk=request_id, escalated_at=None)
    role_request = untold.standing(act.at).with_names().first()
    turn = turn_of(role_request, act.at) if role_request else None
    if role_request is None or turn is None or not turn.is_escalated:
        return
    if not untold.update(escalated_at=act.at):
        return
    panel = escalation_panel(turn.terms, act.at).for_(role_request.user)
    asked = [one for one in turn.deciders if one in panel]
    record(act, RequestEscalated(asked=[one.name for one in asked]), about=about(role_request))
    email.approval_escalated(act, role_request, turn, to=asked)


@transaction.atomic
def resend(act: Act, role_request: RoleRequest) -> None:
    """The asker has those who can decide now written to again, at most once in a quarter of an hour."""
    refuse_if_any([] if role_request.user == act.person else [ONLY_ASKER])
    fresh = RoleRequest.objects.with_names().get(pk=role_request.pk)
    if fresh.status != Status.PENDING or fresh.decide_until <= act.at:
        raise Refused(already_closed(act, fresh))
    turn = turn_of(fresh, act.at)
    refuse_if_any([] if turn.deciders else [NOBODY])
    long_ago = Q(resent_at=None) | Q(resent_at__lte=act.at - RESEND_AFTER)
    undecided = RoleRequest.objects.undecided(act.at).filter(long_ago, pk=fresh.pk, asked_at__lte=act.at - RESEND_AFTER)
    if not undecided.update(resent_at=act.at):
        fresh.refresh_from_db()
        raise Refused(_too_soon(act, fresh))
    record(act, RequestResent(asked=[one.name for one in turn.deciders]), about=about(fresh))
    email.approval_wanted_again(act, fresh, turn)


def resend_from(role_request: RoleRequest) -> datetime:
    """From when the approvers may be written to again."""
    return (role_request.resent_at or role_request.asked_at) + RESEND_AFTER


def _too_soon(act: Act, role_request: RoleRequest) -> Refusal:
    if role_request.status != Status.PENDING:
        return already_closed(act, role_request)
    when = clock_words(resend_from(role_request), act.at)
    return Refusal(
        "too_soon", f"They have an email that is not old yet. Send it again from {when} on.", is_conflict=True
    )


@transaction.atomic
def lapse(act: Act, request_id: int) -> None:
    """Close a pending request that is no longer possible, and tell. Harmless if it still is."""
    role_request = RoleRequest.objects.lapsed(act.at).with_names().filter(pk=request_id).first()
    if role_request is None:
        return
    pending = RoleRequest.objects.filter(pk=request_id, status=Status.PENDING)
    if not pending.update(status=Status.LAPSED, closed_at=act.at):
        return
    because = why_lapsed(role_request, act.at)
    record(act, RequestLapsed(because=because), about=about(role_request))
    email.lapsed(act, role_request, because=because)
    email.closed(act, role_request, because=because)


@transaction.atomic
def hand_over(act: Act, absence_id: int) -> None:
    """Write to a deputy, once an absence has begun, about all that waits for them. Harmless if it was done."""
    begun = Absence.objects.to_hand_over(act.at).filter(pk=absence_id)
    absence = begun.select_related("user", "deputy").first()
    if absence is None or not begun.update(handed_over_at=act.at):
        return
    for role_request in inbox(absence.deputy, at=act.at).exclude(asked_approvers=absence.deputy):
        turn = turn_of(role_request, act.at)
        if any((seat.decider, seat.holder) == (absence.deputy, absence.user) for seat in turn.stands_in()):
            event = RequestHandedOver(deputy=absence.deputy.name, deputy_for=absence.user.name)
            record(act, event, about=about(role_request))
            email.approval_wanted(act, role_request, turn, to=[absence.deputy])


@transaction.atomic
def tell_stranded(act: Act, request_id: int) -> None:
    """Tell the administrators and the asker that nobody is left who could decide. Harmless if somebody is."""
    untold = RoleRequest.objects.undecided(act.at).filter(pk=request_id, stranded_told_at=None)
    role_request = untold.standing(act.at).with_names().first()
    if role_request is None or turn_of(role_request, act.at).can_be_met():
        return
    if not untold.update(stranded_told_at=act.at):
        return
    record(act, RequestStranded(), about=about(role_request))
    email.nobody_can_decide(act, role_request)


@transaction.atomic
def note_decidable(act: Act, request_id: int) -> None:
    """Somebody can decide again: if that ends, it is told anew."""
    told = RoleRequest.objects.undecided(act.at).filter(pk=request_id, stranded_told_at__isnull=False)
    role_request = told.with_names().first()
    if role_request is not None and turn_of(role_request, act.at).can_be_met():
        told.update(stranded_told_at=None)


@transaction.atomic
def tell_nobody_available(act: Act, eligibility: Eligibility) -> None:
    """Tell the administrators that somebody asked and was refused, because nobody could approve. Once a day for each
    person and role; nothing if they could have asked after all."""
    # Two refusals of one person come one after the other, so that it is told once.
    User.objects.select_for_update(no_key=True).get(pk=act.person.pk)
    role = eligibility.role
    stages = panels(role.policy.settings().approval, act.at)
    if not role.policy.needs_approval or not stranded(stages, [act.person]):
        return
    if email.nobody_available(act, eligibility):
        event = NobodyAvailable(outcome="refused")
        record(
            act, event, about=replace(about_grant(eligibility), person_id=act.person.pk, person_name=act.person.name)
        )
