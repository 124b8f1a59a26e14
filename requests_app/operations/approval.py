"""Deciding on a request: by others, each once, stage by stage."""

from typing import TypedDict

from django.db import transaction

from accounts.act import Act
from audit.log import record
from kernel.period import Period
from kernel.refusal import Refusal, refuse_if_any
from requests_app.email import requests as email
from requests_app.events import RequestApproved, RequestDenied
from requests_app.lifecycle import Status
from requests_app.log import about
from requests_app.models import Decision, RoleRequest
from requests_app.operations.granting import asked_by, close, extended_by, lock_pending, period_of, settle
from requests_app.policy import assess_again, assess_decision
from requests_app.queries.allowing import Allowance, Allowed, allowed, in_short, too_much
from requests_app.queries.deciding import Turn, turn_of
from requests_app.queries.standing import not_running, period_in_the_way, standing
from roles.models import Assignment
from roles.queries.endings import clock_words

OWN_REQUEST = Refusal("own_request", "Nobody decides on their own request. Another approver has to.")
NO_APPROVER = Refusal("no_approver", "You are not an approver of this role, so you cannot decide this request.")
LOST_APPROVER = Refusal(
    "no_approver", "You are no longer an approver of this role, so you cannot decide this request.", is_conflict=True
)
ALL_OF_IT = Allowance()


@transaction.atomic
def approve(act: Act, role_request: RoleRequest, *, because: str, allowing: Allowance | None = None) -> Decision:
    """Approve what was asked for, or less of it; the last approval needed grants it. The rules and the asker's
    standing are asked each time, under today's settings."""
    locked, less = lock_pending(act, role_request), allowing or ALL_OF_IT
    turn, so_far = turn_of(locked, act.at), allowed(locked)
    refuse_if_any(may_decide(act, locked, turn))
    refuse_if_any(
        may_approve(act, turn),
        assess_decision(turn.terms, because, act),
        too_much(locked, so_far, less, at=act.at) or _still_allowed(act, locked, so_far.narrowed(less)),
    )
    decision = _decide(act, locked, turn, Decision.Verdict.APPROVE, because, less)
    event = RequestApproved(
        **_told(locked, decision),
        stage=turn.stage,
        stages=len(turn.quorums),
        approvals=turn.approvals + 1,
        quorum=turn.quorum,
        allowed=in_short(locked, so_far.narrowed(less)),
    )
    record(act, event, about=about(locked))
    if turn.is_settled_by_one_more():
        settle(act, locked, decision=decision)
        email.decided(act, locked, decision)
    else:
        _ask_next_stage(act, locked, turn)
    return decision


def _ask_next_stage(act: Act, role_request: RoleRequest, before: Turn) -> None:
    """Write to those whose turn it is now, if a stage has just become complete."""
    turn = turn_of(role_request, act.at)
    if turn.stage != before.stage:
        email.approval_wanted(act, role_request, turn)


@transaction.atomic
def deny(act: Act, role_request: RoleRequest, *, because: str) -> Decision:
    """Refuse what was asked for. One denial is enough, in whatever stage."""
    locked = lock_pending(act, role_request)
    turn = turn_of(locked, act.at)
    refuse_if_any(may_decide(act, locked, turn))
    refuse_if_any(assess_decision(turn.terms, because, act))
    decision = _decide(act, locked, turn, Decision.Verdict.DENY, because, ALL_OF_IT)
    close(act, locked, Status.DENIED)
    record(act, RequestDenied(**_told(locked, decision)), about=about(locked))
    email.decided(act, locked, decision)
    return decision


def may_decide(act: Act, role_request: RoleRequest, turn: Turn) -> list[Refusal]:
    """Why the actor may not decide on this request now."""
    if role_request.user == act.person:
        return [OWN_REQUEST]
    for mine in (one for one in turn.decisions if one.approver_id == act.person.pk):
        when = clock_words(mine.decided_at, act.at)
        sentence = f"You have approved this request at {when} already. Somebody else has to decide it now."
        return [Refusal("decided", sentence, is_conflict=True)]
    if act.person in turn.deciders:
        return []
    if refusals := _another_sits_there(act, turn):
        return refusals
    if any(act.person in panel for panel in turn.panels):
        return [_not_your_turn(act, turn)]
    was_asked = role_request.asked_approvers.filter(pk=act.person.pk).exists()
    return [LOST_APPROVER if was_asked else NO_APPROVER]


def _another_sits_there(act: Act, turn: Turn) -> list[Refusal]:
    """Why somebody cannot decide because of an absence: their own now, or one in which their deputy has decided."""
    for one in turn.decisions:
        if one.deputy_for_id == act.person.pk:
            sentence = (
                f"{one.approver.name} has {one.get_verdict_display().lower()} this request in your stead already."
            )
            return [Refusal("decided", sentence, is_conflict=True)]
        if any((seat.decider, seat.holder) == (act.person, one.approver) for seat in turn.seats[turn.stage - 1]):
            done = f"{one.approver.name} has {one.get_verdict_display().lower()} this request"
            return [Refusal("decided", f"{done} already, and you would decide in their stead.", is_conflict=True)]
    seat = turn.absence_of(act.person)
    if seat is None or seat.until is None:
        return []
    who = f"{seat.decider.name} decides in your stead" if seat.decider else "nobody decides in your stead"
    until = clock_words(seat.until, act.at)
    return [Refusal("away", f"You are away until {until}; {who}. End your absence to decide yourself.")]


def _not_your_turn(act: Act, turn: Turn) -> Refusal:
    """Somebody of another stage: too early, or too late."""
    if any(act.person in panel for panel in turn.panels[turn.stage :]):
        return Refusal("too_early", f"Stage {turn.stage} decides first. You get an email when it is your turn.")
    first = [one for one in turn.decisions if one.stage < turn.stage]
    names, when = " and ".join(one.approver.name for one in first), clock_words(first[-1].decided_at, act.at)
    sentence = f"{names} approved your stage of this request at {when} already. Now stage {turn.stage} decides."
    return Refusal("stage_over", sentence, is_conflict=True)


def may_approve(act: Act, turn: Turn) -> list[Refusal]:
    """Why the actor may deny, but not approve: without them a later stage would find too few people."""
    if not turn.is_needed_later(act.person):
        return []
    sentence = "Stage 2 would find too few approvers without you, and nobody decides twice. Let another approver"
    return [Refusal("needed_later", f"{sentence} of stage 1 go first.")]


def _still_allowed(act: Act, role_request: RoleRequest, wanted: Allowed) -> list[Refusal]:
    """A policy tightened, or an eligibility ended, between asking and approving wins."""
    asker = role_request.user
    terms = role_request.role.policy.activation_terms()
    extending = extended_by(role_request) if role_request.extends_id else None
    ended = [*(not_running(act, extending) if extending else []), *standing(act, role_request.eligibility, asker)]
    changed = assess_again(terms, wanted.ask, asked_by(role_request), at=act.at)
    period = period_of(wanted.ask, act.at)
    sentence = "The settings of this role have changed since, so that this can no longer be approved: "
    return [
        *(
            ended
            or _no_longer(extending, period)
            or period_in_the_way(act, role_request.eligibility, asker, period, wanted.scope, extending=extending)
        ),
        *(Refusal(refusal.code, sentence + refusal.sentence, is_conflict=True) for refusal in changed),
    ]


def _no_longer(extending: Assignment | None, period: Period) -> list[Refusal]:
    """Whether an extension, counted from now and shortened, would extend nothing."""
    if extending is None or extending.end_at is None or period.end is None or period.end > extending.end_at:
        return []
    sentence = "The activation lasts longer than that already. Allow a longer time, or deny it."
    return [Refusal("not_later", sentence, "duration")]


def _decide(
    act: Act, role_request: RoleRequest, turn: Turn, verdict: Decision.Verdict, because: str, allowing: Allowance
) -> Decision:
    return Decision.objects.create(
        role_request=role_request,
        stage=turn.stage,
        approver=act.person,
        verdict=verdict,
        justification=because.strip(),
        decided_at=act.at,
        deputy_for=turn.in_whose_stead(act.person),
        allowed_duration=allowing.duration,
        allowed_start_at=allowing.start_at,
        allowed_scope=allowing.scope,
    )


class Told(TypedDict):
    """What the events of a decision have in common."""

    because: str
    approver_name: str
    ticket_number: str
    ticket_system: str
    deputy_for: str


def _told(role_request: RoleRequest, decision: Decision) -> Told:
    return {
        "because": decision.justification,
        "approver_name": decision.approver.name,
        "ticket_number": role_request.ticket_number,
        "ticket_system": role_request.ticket_system,
        "deputy_for": decision.deputy_for.name if decision.deputy_for else "",
    }
