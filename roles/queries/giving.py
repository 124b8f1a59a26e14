"""Whether something may be given: every reason against it as things stand, for one wish or for hundreds of them.

Any number of wishes costs the same few queries.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.act import Act
from accounts.models import Group, User
from kernel.powers import Power
from kernel.refusal import Refusal
from roles.models import Assignment, Eligibility, Resource, Role
from roles.policy import GrantAsk, Kind, assess_grant
from roles.queries import approvability
from roles.queries.access import lacks
from roles.queries.named import line_of
from roles.terms import GrantTerms


@dataclass(frozen=True)
class Wish:
    """Something to be given: which role, to whom, where, how, for how long and why."""

    role: Role
    to: User | Group
    scope: Resource
    kind: Kind
    ask: GrantAsk

    @property
    def key(self) -> str:
        """What tells this wish from the others on one page."""
        return f"{key_of(self.to)}/{self.role.pk}/{self.scope.pk}"


@dataclass(frozen=True)
class Span:
    """Where and when somebody holds a role already."""

    scope_id: int
    start_at: datetime
    end_at: datetime | None

    def covers(self, ask: GrantAsk, line: set[int]) -> bool:
        """Whether what is asked for would add nothing, at a scope with these resources above it."""
        if self.scope_id not in line or self.start_at > ask.start_at:
            return False
        return self.end_at is None or (ask.end_at is not None and ask.start_at < self.end_at >= ask.end_at)


Holding = tuple[Kind, int, str]
"""How, which role, who."""


def refusals(act: Act, wishes: Sequence[Wish]) -> list[list[Refusal]]:
    """For each wish every reason why it may not be granted, in its place. What comes first counts as held for what
    comes after it."""
    lacking = lacks(act, Power.ROLES_MANAGE)
    parents = dict(Resource.objects.values_list("pk", "parent"))
    held, stranded = _held(wishes), _stranded(act, wishes)
    found = []
    for wish in wishes:
        line = line_of(wish.scope.pk, parents)
        why = [
            *lacking,
            *unfit(wish.role, wish.to, wish.kind),
            *_out_of_place(wish, line),
            *assess_grant(terms_of(wish.role, wish.kind), wish.ask, act),
            *_covered(wish, held[_holding(wish)], line),
            *stranded.get((wish.role.pk, key_of(wish.to), wish.kind), ()),
        ]
        if not why:
            held[_holding(wish)].append(Span(wish.scope.pk, wish.ask.start_at, wish.ask.end_at))
        found.append(why)
    return found


def _stranded(act: Act, wishes: Sequence[Wish]) -> dict[tuple[int, str, Kind], list[Refusal]]:
    """Who could be made eligible for something nobody else could approve."""
    eligible = [wish for wish in wishes if wish.kind is Kind.ELIGIBLE]
    found = {}
    for role in {wish.role.pk: wish.role for wish in eligible}.values():
        holders = [wish.to for wish in eligible if wish.role.pk == role.pk]
        for to, why in approvability.of_holders(act, role, holders).items():
            found[role.pk, key_of(to), Kind.ELIGIBLE] = why
    return found


def terms_of(role: Role, kind: Kind) -> GrantTerms:
    """How long the role may be given so, at most, and what it takes."""
    return role.policy.eligible_terms() if kind is Kind.ELIGIBLE else role.policy.active_terms()


def unfit(role: Role, to: User | Group, kind: Kind) -> list[Refusal]:
    """Why this role and this holder do not go together, whenever and wherever."""
    found = []
    if role.retired_at:
        found.append(Refusal("retired", f"{role} is retired. Choose another role.", "role"))
    if isinstance(to, User) and not to.is_enabled:
        found.append(Refusal("disabled", f"{to} is disabled. Enable them first.", "holder"))
    if isinstance(to, User) and to.is_break_glass and kind is Kind.ELIGIBLE:
        sentence = f"{to} is a break-glass account: permanently active, and never eligible for anything."
        found.append(Refusal("break_glass", sentence, "holder"))
    if role.membership and isinstance(to, Group):
        if to.pk == role.resource.group_id:
            sentence = f"{to} cannot be {role} of itself. Choose people, or another group."
            found.append(Refusal("itself", sentence, "holder"))
        elif kind is Kind.ACTIVE:
            sentence = f"A group cannot be active as {role} of {role.resource}. Choose people, or make it eligible."
            found.append(Refusal("people_only", sentence, "holder"))
    return found


def _out_of_place(wish: Wish, line: set[int]) -> list[Refusal]:
    if wish.role.resource_id in line:
        return []
    sentence = f"{wish.role} belongs to {wish.role.resource}: choose that, or something below it."
    return [Refusal("scope", sentence, "scope")]


def _covered(wish: Wish, spans: Iterable[Span], line: set[int]) -> list[Refusal]:
    """What adds nothing is refused; what overlaps is allowed: together they are a union."""
    if not any(span.covers(wish.ask, line) for span in spans):
        return []
    what = "is eligible for" if wish.kind is Kind.ELIGIBLE else "is assigned"
    sentence = f"{wish.to} {what} {wish.role} for all of that time already."
    return [Refusal("exists", sentence, "holder")]


def _held(wishes: Sequence[Wish]) -> dict[Holding, list[Span]]:
    users = {wish.to.pk for wish in wishes if isinstance(wish.to, User)}
    groups = {wish.to.pk for wish in wishes if isinstance(wish.to, Group)}
    theirs = Q(role__in={wish.role.pk for wish in wishes}) & (Q(user__in=users) | Q(group__in=groups))
    held: dict[Holding, list[Span]] = defaultdict(list)
    columns = ("role_id", "user_id", "group_id", "scope_id", "start_at", "end_at")
    for kind, grants in (
        (Kind.ELIGIBLE, Eligibility.objects.filter(theirs)),
        (Kind.ACTIVE, Assignment.objects.filter(theirs, activated_from=None)),
    ):
        for role_id, user_id, group_id, *span in grants.values_list(*columns):
            held[kind, role_id, f"user-{user_id}" if user_id else f"group-{group_id}"].append(Span(*span))
    return held


def _holding(wish: Wish) -> Holding:
    return wish.kind, wish.role.pk, key_of(wish.to)


def key_of(holder: User | Group) -> str:
    """A person or a group as pages name them to each other."""
    return f"{'user' if isinstance(holder, User) else 'group'}-{holder.pk}"
