"""The emails about who holds which role: who gets them, with which facts."""

from typing import Any

from accounts.act import Act
from accounts.models import User
from notifications.operations.outbox import Letter, post
from roles import queries
from roles.models import Assignment, Eligibility

ADMINISTERS = "you are Global or Privileged Role Administrator"
HOLDS = "the role is or was assigned to you"


def facts_of(grant: Eligibility | Assignment) -> dict[str, Any]:
    """What every email about a grant can tell."""
    return {
        "person_name": grant.holder.name,
        "role_name": grant.role.name,
        "scope_name": grant.scope.name,
        "start_at": grant.start_at,
        "end_at": grant.end_at,
        "group_name": queries.through(grant),
    }


def holders_of(grant: Eligibility | Assignment) -> list[User]:
    """The enabled people a grant is for."""
    if isinstance(grant, Eligibility):
        return list(queries.holders(Eligibility.objects.filter(pk=grant.pk)))
    return list(queries.holders(Assignment.objects.filter(pk=grant.pk)))


def assigned(act: Act, grant: Eligibility | Assignment) -> None:
    """To the assignee, and to the administrators: somebody was made eligible or active."""
    kind = "eligible" if isinstance(grant, Eligibility) else "active"
    facts = {
        **facts_of(grant),
        "kind": kind,
        "actor_name": act.actor_name,
        "justification": grant.justification,
    }
    key = f"assigned:{kind}:{grant.pk}"
    holders = holders_of(grant)
    for person in holders:
        letter = Letter(template="assigned_to_you", key=key, facts=facts, path="/my-roles/")
        post(letter, to=person, why=HOLDS, at=act.at)
    for administrator in queries.administrators(act.at):
        if administrator not in holders:
            letter = Letter(template="assigned", key=key, facts=facts, path=f"/assignments/?tab={kind}")
            post(letter, to=administrator, why=ADMINISTERS, at=act.at)


def removed(act: Act, grant: Eligibility | Assignment, *, because: str) -> None:
    """To the holder: an administrator took it away."""
    kind = "eligible" if isinstance(grant, Eligibility) else "active"
    facts = {**facts_of(grant), "kind": kind, "actor_name": act.actor_name, "because": because}
    for person in holders_of(grant):
        letter = Letter(template="removed_from_you", key=f"removed:{kind}:{grant.pk}", facts=facts, path="/my-roles/")
        post(letter, to=person, why=HOLDS, at=act.at)


def activated(act: Act, assignment: Assignment) -> None:
    """To the person and the administrators: an activation began."""
    facts = {**facts_of(assignment), "justification": assignment.justification}
    key = f"activated:{assignment.pk}"
    mine = Letter(template="your_role_is_active", key=key, facts=facts, path="/my-roles/?tab=active")
    theirs = Letter(template="role_activated", key=key, facts=facts, path="/history/")
    for person in holders_of(assignment):
        post(mine, to=person, why=HOLDS, at=act.at)
    for administrator in queries.administrators(act.at):
        if administrator != assignment.user:
            post(theirs, to=administrator, why=ADMINISTERS, at=act.at)


def ended(act: Act, grant: Eligibility | Assignment, *, because: str) -> None:
    """To the person: what they held is over."""
    kind = "eligible" if isinstance(grant, Eligibility) else "active"
    facts = {**facts_of(grant), "kind": kind, "because": because}
    for person in holders_of(grant):
        letter = Letter(template="your_role_ended", key=f"ended:{kind}:{grant.pk}", facts=facts, path="/my-roles/")
        post(letter, to=person, why=HOLDS, at=act.at)
