"""Assigning roles, eligible or active, and taking them back."""

from contextlib import AbstractContextManager
from datetime import datetime

from django.db import transaction

from accounts.act import Act
from accounts.models import Group, User
from audit.events import Event
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, refuse_if_any
from roles.email import grants as email
from roles.events import (
    ActivationRevoked,
    AssignmentMade,
    AssignmentRemoved,
    EligibilityAssigned,
    EligibilityRemoved,
)
from roles.log import about_grant
from roles.models import Assignment, Eligibility, Resource, Role, RolePolicy
from roles.operations.activation import end_now, ending_membership, makes_member
from roles.operations.guard import administrators_stay, somebody_stays
from roles.policy import SHORTEST_ASSIGNMENT, GrantAsk, Kind
from roles.queries import access, giving
from roles.queries.endings import ended_already
from roles.queries.giving import Wish

NAMES = ("role__policy", "role__resource", "scope", "user", "group")


@transaction.atomic
def make_eligible(act: Act, role: Role, ask: GrantAsk, *, to: User | Group, on: Resource | None = None) -> Eligibility:
    """Let somebody activate the role during a period, on its resource or on one below."""
    (locked,) = lock_roles([role])
    refuse_if_any(refusals_of(act, locked, ask, to=to, on=on, kind=Kind.ELIGIBLE))
    eligibility = create_eligibility(act, Wish(locked, to, on or locked.resource, Kind.ELIGIBLE, ask))
    record_made(act, eligibility)
    email.assigned(act, eligibility)
    return eligibility


@transaction.atomic
def assign(act: Act, role: Role, ask: GrantAsk, *, to: User | Group, on: Resource | None = None) -> Assignment:
    """Give somebody the role during a period, without activation, on its resource or on one below."""
    (locked,) = lock_roles([role])
    refuse_if_any(refusals_of(act, locked, ask, to=to, on=on, kind=Kind.ACTIVE))
    assignment = create_assignment(act, Wish(locked, to, on or locked.resource, Kind.ACTIVE, ask))
    record_made(act, assignment)
    email.assigned(act, assignment)
    return assignment


def refusals_of(
    act: Act, role: Role, ask: GrantAsk, *, to: User | Group, on: Resource | None = None, kind: Kind
) -> list[Refusal]:
    """Every reason why the role may not be given so, as things stand. Writes nothing, so that pages ask it, too."""
    return giving.refusals(act, [Wish(role, to, on or role.resource, kind, ask)])[0]


def lock_roles(roles: list[Role]) -> list[Role]:
    """The roles read again while their settings are locked, so that two administrators do not assign the same twice.

    Locked in one order, whatever the order of the list.
    """
    list(RolePolicy.objects.select_for_update().filter(role__in=roles).order_by("pk"))
    fresh = Role.objects.select_related("policy", "resource").in_bulk([role.pk for role in roles])
    return [fresh[role.pk] for role in roles]


def create(act: Act, wish: Wish) -> Eligibility | Assignment:
    """Write down what was granted. The caller asked the rules, and tells the history and the people."""
    return create_eligibility(act, wish) if wish.kind is Kind.ELIGIBLE else create_assignment(act, wish)


def create_eligibility(act: Act, wish: Wish) -> Eligibility:
    """Write down an eligibility that was granted."""
    return Eligibility.objects.create(**_columns(act, wish))


def create_assignment(act: Act, wish: Wish) -> Assignment:
    """Write down an assignment that was granted; nothing is left to do at its start."""
    return Assignment.objects.create(**_columns(act, wish), start_told_at=act.at)


def record_made(act: Act, grant: Eligibility | Assignment) -> None:
    """Tell the history what was given."""
    event = EligibilityAssigned if isinstance(grant, Eligibility) else AssignmentMade
    record(
        act,
        event(start_at=grant.start_at, end_at=grant.end_at, because=grant.justification),
        about=about_grant(grant),
    )


def _columns(act: Act, wish: Wish) -> dict[str, object]:
    return {
        "role": wish.role,
        "scope": wish.scope,
        "user": wish.to if isinstance(wish.to, User) else None,
        "group": wish.to if isinstance(wish.to, Group) else None,
        "start_at": wish.ask.start_at,
        "end_at": wish.ask.end_at,
        "justification": wish.ask.justification,
        "made_at": act.at,
        "made_by": act.actor,
    }


def guarded(act: Act, grant: Eligibility | Assignment) -> AbstractContextManager[None]:
    """Where it can take away what somebody administers with, directly or as member of a group: not from the last."""
    if makes_member(grant.role):
        return ending_membership(act, grant.role, *_members_through(grant))
    stays = somebody_stays if isinstance(grant, Eligibility) else administrators_stay
    return stays(act, of=grant.role)


def _members_through(grant: Eligibility | Assignment) -> list[int]:
    """Who is, or may be, in a group because of this grant."""
    if isinstance(grant, Assignment):
        return [grant.user_id] if grant.user_id else []
    running = Assignment.objects.filter(activated_from=grant, user__isnull=False)
    return list(running.values_list("user", flat=True))


def lock_eligibility(eligibility: Eligibility) -> Eligibility:
    """The eligibility read again under a lock."""
    locked = Eligibility.objects.select_for_update(of=("self",))
    return locked.select_related(*NAMES).get(pk=eligibility.pk)


def lock_assignment(assignment: Assignment) -> Assignment:
    """The assignment read again under a lock."""
    locked = Assignment.objects.select_for_update(of=("self",))
    return locked.select_related(*NAMES).get(pk=assignment.pk)


@transaction.atomic
def remove_eligibility(act: Act, eligibility: Eligibility, *, because: str) -> None:
    """Take an eligibility away, and with it whatever was activated from it; but not the last administrator's."""
    with guarded(act, eligibility):
        fresh = lock_eligibility(eligibility)
        refuse_if_any(access.lacks(act, Power.ROLES_MANAGE), removable(act, fresh, because))
        take_away(act, fresh, because=because)


@transaction.atomic
def remove_assignment(act: Act, assignment: Assignment, *, because: str) -> None:
    """Take an active role away, whether it was assigned or activated; but not the last administrator's."""
    with guarded(act, assignment):
        fresh = lock_assignment(assignment)
        refuse_if_any(access.lacks(act, Power.ROLES_MANAGE), removable(act, fresh, because))
        take_away(act, fresh, because=because)


def take_away(act: Act, grant: Eligibility | Assignment, *, because: str) -> None:
    """End a grant and what was activated from it; record and tell. Needs a transaction in which it is locked."""
    old_end_at = grant.end_at
    end_now(act, grant)
    record(act, _taken(grant, old_end_at, because), about=about_grant(grant))
    email.removed(act, grant, because=because)
    if isinstance(grant, Eligibility):
        revoke_activations(act, grant, because=because)


def _taken(grant: Eligibility | Assignment, old_end_at: datetime | None, because: str) -> Event:
    if isinstance(grant, Eligibility):
        return EligibilityRemoved(old_end_at=old_end_at, because=because)
    if grant.activated_from_id and old_end_at:
        return ActivationRevoked(old_end_at=old_end_at, because=because)
    return AssignmentRemoved(old_end_at=old_end_at, because=because)


def revoke_activations(act: Act, eligibility: Eligibility, *, because: str) -> None:
    """End what was activated from an eligibility, running or scheduled. Needs a transaction."""
    running = Assignment.objects.to_be_ended(act.at).filter(activated_from=eligibility).order_by("pk")
    # One by one, each read afresh: ending a membership may have ended some of the others.
    while activation := running.select_for_update(of=("self",)).select_related("role__policy", "scope", "user").first():
        take_away(act, activation, because=because)


def removable(act: Act, grant: Eligibility | Assignment, because: str) -> list[Refusal]:
    """Why this may not be taken away at this moment."""
    refusals = []
    if grant.is_over(act.at):
        refusals.append(ended_already(act, grant))
    refusals += too_early(act, grant, "remove it")
    if not because.strip():
        refusals.append(Refusal("justification", "Say why you remove it.", "justification"))
    return refusals


def too_early(act: Act, grant: Eligibility | Assignment, verb: str) -> list[Refusal]:
    """What was made stays for five minutes, unless the portal itself takes it away."""
    if act.actor is None or act.at >= grant.made_at + SHORTEST_ASSIGNMENT:
        return []
    return [Refusal("too_early", f"This was made less than 5 minutes ago. Wait, then {verb}.")]
