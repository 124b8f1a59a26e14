"""The emails about requests: who gets them, with which facts."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from accounts.act import Act
from accounts.models import User
from kernel.period import in_words
from notifications.models import Email
from notifications.operations.outbox import Letter, post
from requests_app.models import Decision, RoleRequest
from requests_app.queries.allowing import allowed, in_short
from requests_app.queries.deciding import Turn
from roles.email.telling import ADMINISTERS, WATCHES, calendar_of, tell
from roles.models import Eligibility
from roles.queries import people
from roles.terms import Audience, Occasion

APPROVES = "you may approve activations of this role"
ASKED = "you asked for it"
TO_ASKER = (Occasion.ACTIVATION, Audience.HOLDER)
TO_APPROVERS = (Occasion.ACTIVATION, Audience.APPROVERS)
TO_ADMINISTRATORS = (Occasion.ACTIVATION, Audience.ADMINISTRATORS)


def facts_of(role_request: RoleRequest) -> dict[str, Any]:
    """What every email about a request can tell."""
    return {
        "request_number": role_request.pk,
        "person_name": role_request.user.name,
        "person_email": role_request.user.email,
        "person_title": role_request.user.job_title,
        "role_name": role_request.role.name,
        "scope_name": role_request.scope.name,
        "duration": in_words(role_request.duration),
        "start_at": role_request.start_at,
        "asked_at": role_request.asked_at,
        "decide_by_at": role_request.decide_until,
        "justification": role_request.justification,
        "ticket": " ".join(filter(None, (role_request.ticket_system, role_request.ticket_number))),
    }


def _letter(role_request: RoleRequest, template: str, *, only_informs: bool = False, **facts: Any) -> Letter:
    return Letter(
        template=template,
        key=f"{template}:{role_request.pk}",
        facts={**facts_of(role_request), **facts},
        path=f"/requests/{role_request.pk}/",
        only_informs=only_informs,
    )


# --- to those who can decide


def approval_wanted(act: Act, role_request: RoleRequest, turn: Turn, *, to: list[User] | None = None) -> None:
    """To each approver of the open stage, never the asker: who wants what, where, how long, from when, why.

    Name those to write to, if the others know already.
    """
    letter = _letter(role_request, "approval_wanted", **_whose(turn))
    # Somebody named in both stages is asked in each of them.
    again = letter if turn.stage == 1 else replace(letter, key=f"{letter.key}:{turn.stage}")
    _ask(act, role_request, again, turn.deciders if to is None else to)


def approval_reminder(act: Act, role_request: RoleRequest, turn: Turn) -> None:
    """To each who can decide and has not: half of the time is over."""
    _ask(act, role_request, _letter(role_request, "approval_reminder", **_whose(turn)), turn.deciders)


def approval_escalated(act: Act, role_request: RoleRequest, turn: Turn, *, to: list[User]) -> None:
    """To each who may decide as well from now on: the approvers have not."""
    _ask(act, role_request, _letter(role_request, "approval_escalated", **_whose(turn)), to)


def approval_wanted_again(act: Act, role_request: RoleRequest, turn: Turn) -> None:
    """To each who can decide now: the asker has them written to once more."""
    letter = _letter(role_request, "approval_wanted", **_whose(turn))
    again = replace(letter, key=f"{letter.key}:again:{act.at.isoformat()}")
    _ask(act, role_request, again, turn.deciders)


def _whose(turn: Turn) -> dict[str, Any]:
    stead = {seat.decider: seat.holder.name for seat in turn.stands_in()}
    names = ", ".join(
        f"{person.name} (for {stead[person]})" if person in stead else person.name for person in turn.deciders
    )
    return {"progress": turn.progress, "waits_for": names}


def _ask(act: Act, role_request: RoleRequest, letter: Letter, approvers: list[User]) -> None:
    role_request.asked_approvers.add(*approvers)
    tell(act, letter, role=role_request.role, on=TO_APPROVERS, to=approvers, why=APPROVES, is_critical=True)


# --- what became of it


def decided(act: Act, role_request: RoleRequest, decision: Decision) -> None:
    """To the asker, whatever the role's settings say; and to the other approvers and the administrators: what was
    decided, by whom, why."""
    assignment, role = role_request.granted, role_request.role
    before = role_request.decisions.select_related("approver").exclude(pk=decision.pk)
    facts: dict[str, Any] = {
        "verdict": decision.verdict,
        "approver_name": decision.approver.name,
        "because": decision.justification,
        "allowed": in_short(role_request, allowed(role_request)),
        "approved_before": ", ".join(one.approver.name for one in before),
        "active_from_at": assignment.start_at if assignment else None,
        "active_until_at": assignment.end_at if assignment else None,
    }
    planned = calendar_of(act, assignment) if assignment else {}
    mine = _letter(role_request, "your_request_decided", **facts, **planned)
    theirs = _letter(role_request, "request_decided", only_informs=True, **facts)
    _tell_asker(act, role_request, mine, theirs)
    told = {role_request.user_id, decision.approver_id}
    approvers = _others(role_request.asked_approvers.filter(is_enabled=True), told)
    tell(act, theirs, role=role, on=TO_APPROVERS, to=approvers, why=APPROVES)
    watchers = _others(people.watchers(act.at), told)
    knows = [role_request.user, decision.approver]
    tell(act, theirs, role=role, on=TO_ADMINISTRATORS, to=watchers, why=WATCHES, copy=theirs, but=knows)


def _others(people_: Iterable[User], told: set[int]) -> list[User]:
    """Those who are not told yet. A person with two reasons is told once: promising the same twice is one email."""
    return [person for person in people_ if person.pk not in told]


def closed(act: Act, role_request: RoleRequest, *, because: str) -> None:
    """To the approvers: nothing is left to decide."""
    letter = _closed(role_request, because)
    asked = role_request.asked_approvers.filter(is_enabled=True)
    tell(act, letter, role=role_request.role, on=TO_APPROVERS, to=asked, why=APPROVES)


def timed_out(act: Act, role_request: RoleRequest) -> None:
    """To the asker: nobody decided in time."""
    mine = _letter(role_request, "your_request_timed_out")
    _tell_asker(act, role_request, mine, _closed(role_request, "nobody decided it in time"))


def lapsed(act: Act, role_request: RoleRequest, *, because: str) -> None:
    """To the asker: it is no longer possible, and why."""
    mine = _letter(role_request, "your_request_lapsed", because=because)
    _tell_asker(act, role_request, mine, _closed(role_request, because))


def _closed(role_request: RoleRequest, because: str) -> Letter:
    return _letter(role_request, "request_closed", only_informs=True, because=because)


def _tell_asker(act: Act, role_request: RoleRequest, mine: Letter, theirs: Letter) -> None:
    """What became of it, they always learn; what additional addresses read with them, is as the role is set."""
    asker = role_request.user
    post(mine, to=asker, why=ASKED, at=act.at)
    tell(act, theirs, role=role_request.role, on=TO_ASKER, to=[], why=ASKED, copy=theirs, but=[asker])


# --- when nobody can


def nobody_can_decide(act: Act, role_request: RoleRequest) -> None:
    """To every active administrator and to the asker, whatever settings say: it waits, and nobody can decide it."""
    told_at = f"{act.at:%Y%m%d%H%M%S}"
    letter = _letter(role_request, "nobody_can_decide")
    theirs = replace(letter, key=f"{letter.key}:{told_at}")
    for person in people.administrators(act.at):
        if person != role_request.user:
            post(theirs, to=person, why=ADMINISTERS, at=act.at)
    mine = _letter(role_request, "your_request_is_stuck")
    post(replace(mine, key=f"{mine.key}:{told_at}"), to=role_request.user, why=ASKED, at=act.at)


def nobody_available(act: Act, eligibility: Eligibility) -> bool:
    """To every active administrator: somebody asked in vain. False if they know already, or there is nobody to tell."""
    asker, role = act.person, eligibility.role
    key = f"nobody_available:{role.pk}:{asker.pk}:{act.at:%Y%m%d}"
    others = [person for person in people.administrators(act.at) if person != asker]
    known = set(Email.objects.filter(key__startswith=f"{key}:").values_list("key", flat=True))
    facts = {
        "person_name": asker.name,
        "person_email": asker.email,
        "role_name": role.name,
        "scope_name": eligibility.scope.name,
    }
    letter = Letter(template="nobody_available", key=key, facts=facts, path=f"/roles/{role.pk}/settings/")
    for person in others:
        post(letter, to=person, why=ADMINISTERS, at=act.at)
    return bool(others) and not known
