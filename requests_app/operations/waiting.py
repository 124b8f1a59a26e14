"""What becomes of a request while it waits, by time alone: its approvers are reminded, others are asked as well, or it
is no longer possible. Each is done once, however many workers look."""

from django.db import transaction

from accounts.act import Act
from audit.log import record
from requests_app.email import requests as email
from requests_app.events import ApproversReminded, RequestEscalated, RequestLapsed
from requests_app.lifecycle import Status
from requests_app.log import about
from requests_app.models import RoleRequest
from requests_app.queries.deciding import turn_of
from requests_app.queries.standing import why_lapsed
from roles.queries.deciders import escalation_panel


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
