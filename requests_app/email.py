"""The emails about requests: who gets them, with which facts."""

from typing import Any

from accounts.act import Act
from accounts.models import User
from kernel.period import in_words
from notifications.operations.outbox import Letter, post
from requests_app.models import Decision, RoleRequest
from roles import queries

APPROVES = "you may approve activations of this role"
ASKED = "you asked for it"
ADMINISTERS = "you are Global or Privileged Role Administrator"


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


def _letter(role_request: RoleRequest, template: str, **facts: Any) -> Letter:
    return Letter(
        template=template,
        key=f"{template}:{role_request.pk}",
        facts={**facts_of(role_request), **facts},
        path=f"/requests/{role_request.pk}/",
    )


def approval_wanted(act: Act, role_request: RoleRequest, approvers: list[User]) -> None:
    """To each approver, never the asker: who wants what, where, how long, from when, why."""
    for approver in approvers:
        post(_letter(role_request, "approval_wanted"), to=approver, why=APPROVES, at=act.at)


def decided(act: Act, role_request: RoleRequest, decision: Decision) -> None:
    """To the asker; and to the other approvers and the administrators: what was decided, by whom, why."""
    assignment = role_request.assignment
    facts = {
        "verdict": decision.verdict,
        "approver_name": decision.approver.name,
        "because": decision.justification,
        "active_from_at": assignment.start_at if assignment else None,
        "active_until_at": assignment.end_at if assignment else None,
    }
    post(_letter(role_request, "your_request_decided", **facts), to=role_request.user, why=ASKED, at=act.at)
    told = {role_request.user_id, decision.approver_id}
    approvers = [(person, APPROVES) for person in role_request.asked_approvers.filter(is_enabled=True)]
    administrators = [(person, ADMINISTERS) for person in queries.administrators(act.at)]
    for person, why in [*approvers, *administrators]:
        if person.pk not in told:
            told.add(person.pk)
            post(_letter(role_request, "request_decided", **facts), to=person, why=why, at=act.at)


def closed(act: Act, role_request: RoleRequest, *, because: str) -> None:
    """To the approvers: nothing is left to decide."""
    for approver in role_request.asked_approvers.filter(is_enabled=True):
        post(_letter(role_request, "request_closed", because=because), to=approver, why=APPROVES, at=act.at)


def timed_out(act: Act, role_request: RoleRequest) -> None:
    """To the asker: nobody decided in time."""
    post(_letter(role_request, "your_request_timed_out"), to=role_request.user, why=ASKED, at=act.at)
