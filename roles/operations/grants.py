"""Assigning roles, eligible or active, and taking them back."""

from django.db import transaction
from django.db.models import Q

from accounts.act import Act
from accounts.models import Group, User
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, Refused, refuse_if_any
from roles import email, queries
from roles.events import (
    ActivationRevoked,
    AssignmentMade,
    AssignmentRemoved,
    EligibilityAssigned,
    EligibilityRemoved,
)
from roles.log import about_grant
from roles.models import Assignment, Eligibility, G, GrantQuerySet, Role, RolePolicy
from roles.operations.activation import end_now
from roles.policy import SHORTEST_ASSIGNMENT, GrantAsk, GrantTerms, assess_grant


@transaction.atomic
def make_eligible(act: Act, role: Role, ask: GrantAsk, *, to: User | Group) -> Eligibility:
    """Let somebody activate the role during a period."""
    policy = _locked_policy(role)
    _refuse_unless_allowed(act, policy.settings().eligible, ask, to)
    _refuse_if_covered(Eligibility.objects.filter(role=role, **_principal(to)), ask, f"{to} is eligible for {role}")
    eligibility = Eligibility.objects.create(**_columns(act, role, ask, to))
    event = EligibilityAssigned(start_at=ask.start_at, end_at=ask.end_at, because=ask.justification)
    record(act, event, about=about_grant(eligibility))
    email.assigned(act, eligibility)
    return eligibility


@transaction.atomic
def assign(act: Act, role: Role, ask: GrantAsk, *, to: User | Group) -> Assignment:
    """Give somebody the role during a period, without activation."""
    policy = _locked_policy(role)
    _refuse_unless_allowed(act, policy.settings().active, ask, to)
    assigned = Assignment.objects.filter(role=role, activated_from=None, **_principal(to))
    _refuse_if_covered(assigned, ask, f"{to} is assigned {role}")
    assignment = Assignment.objects.create(**_columns(act, role, ask, to), start_told_at=act.at)
    event = AssignmentMade(start_at=ask.start_at, end_at=ask.end_at, because=ask.justification)
    record(act, event, about=about_grant(assignment))
    email.assigned(act, assignment)
    return assignment


def _locked_policy(role: Role) -> RolePolicy:
    """The role's settings under a lock, so that two administrators do not assign the same twice."""
    return RolePolicy.objects.select_for_update().get(role=role)


def _refuse_unless_allowed(act: Act, terms: GrantTerms, ask: GrantAsk, to: User | Group) -> None:
    disabled = isinstance(to, User) and not to.is_enabled
    unfit = [Refusal("disabled", f"{to} is disabled. Enable them first.", "holder")] if disabled else []
    refuse_if_any(queries.lacks(act, Power.ROLES_MANAGE), unfit, assess_grant(terms, ask, act))


def _refuse_if_covered(grants: GrantQuerySet[G], ask: GrantAsk, sentence: str) -> None:
    """What adds nothing is refused; what overlaps is allowed: together they are a union."""
    covering = grants.covering(ask.start_at)
    covered = (
        covering.filter(Q(end_at=None) | Q(end_at__gte=ask.end_at)) if ask.end_at else covering.filter(end_at=None)
    )
    if covered.exists():
        raise Refused(Refusal("exists", f"{sentence} for all of that time already. Nothing was changed.", "holder"))


def _principal(to: User | Group) -> dict[str, User | Group]:
    return {"user": to} if isinstance(to, User) else {"group": to}


def _columns(act: Act, role: Role, ask: GrantAsk, to: User | Group) -> dict[str, object]:
    return {
        "role": role,
        "scope": role.resource,
        "start_at": ask.start_at,
        "end_at": ask.end_at,
        "justification": ask.justification,
        "made_at": act.at,
        **_principal(to),
    }


@transaction.atomic
def remove_eligibility(act: Act, eligibility: Eligibility, *, because: str) -> None:
    """Take an eligibility away, and with it whatever was activated from it."""
    fresh = (
        Eligibility.objects.select_for_update(of=("self",))
        .select_related("role", "scope", "user", "group")
        .get(pk=eligibility.pk)
    )
    refuse_if_any(queries.lacks(act, Power.ROLES_MANAGE), _removable(act, fresh, because))
    old_end_at = fresh.end_at
    end_now(act, fresh)
    event = EligibilityRemoved(old_end_at=old_end_at, because=because)
    record(act, event, about=about_grant(fresh))
    email.removed(act, fresh, because=because)
    revoke_activations(act, fresh, because=because)


@transaction.atomic
def remove_assignment(act: Act, assignment: Assignment, *, because: str) -> None:
    """Take an active role away, whether it was assigned or activated."""
    fresh = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("role", "scope", "user", "group")
        .get(pk=assignment.pk)
    )
    refuse_if_any(queries.lacks(act, Power.ROLES_MANAGE), _removable(act, fresh, because))
    old_end_at = fresh.end_at
    end_now(act, fresh)
    event = (
        ActivationRevoked(old_end_at=old_end_at, because=because)
        if fresh.activated_from_id and old_end_at
        else AssignmentRemoved(old_end_at=old_end_at, because=because)
    )
    record(act, event, about=about_grant(fresh))
    email.removed(act, fresh, because=because)


def revoke_activations(act: Act, eligibility: Eligibility, *, because: str) -> None:
    """End what was activated from an eligibility, running or scheduled. Needs a transaction."""
    running = Assignment.objects.not_over(act.at).filter(activated_from=eligibility)
    for assignment in running.select_for_update(of=("self",)).select_related("role", "scope", "user"):
        old_end_at = assignment.end_at
        assert old_end_at is not None  # noqa: S101 - the database checks it
        end_now(act, assignment)
        event = ActivationRevoked(old_end_at=old_end_at, because=because)
        record(act, event, about=about_grant(assignment))
        email.removed(act, assignment, because=because)


def _removable(act: Act, grant: Eligibility | Assignment, because: str) -> list[Refusal]:
    refusals = []
    if grant.is_over(act.at):
        refusals.append(Refusal("over", "This has ended already. There is nothing left to remove."))
    if act.actor and act.at < grant.made_at + SHORTEST_ASSIGNMENT:
        refusals.append(Refusal("too_early", "This was made less than 5 minutes ago. Wait, then remove it."))
    if not because.strip():
        refusals.append(Refusal("justification", "Say why you remove it.", "justification"))
    return refusals
