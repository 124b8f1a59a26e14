"""The tree of resources: read at once, whatever its depth."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.db.models import Count

from audit.models import Entry
from audit.queries import archives
from kernel.refusal import Refusal
from roles.events import RoleAdded, RoleEdited
from roles.models import Assignment, Eligibility, G, GrantQuerySet, Resource, Role
from roles.queries.lists import grants_list

ROWS = 50
DEEPEST = 5
FIRST_FEW = 20
OWN_TALE = (RoleAdded.kind, RoleEdited.kind)
"""What the history tells of a role before anything happens with it."""


class Tree:
    """All resources, and what stands above and below each. One query."""

    def __init__(self) -> None:
        self.all = {resource.pk: resource for resource in Resource.objects.order_by("name")}

    @cached_property
    def _below(self) -> dict[int | None, list[Resource]]:
        below: dict[int | None, list[Resource]] = {}
        for resource in self.all.values():
            below.setdefault(resource.parent_id, []).append(resource)
        return below

    def line(self, resource: Resource) -> list[Resource]:
        """The resource and all above it, the nearest first."""
        line = [self.all[resource.pk]]
        while (parent_id := line[-1].parent_id) is not None:
            line.append(self.all[parent_id])
        return line

    def branch(self, top: Resource | None = None) -> list[tuple[Resource, int]]:
        """Everything below a resource, or everything there is, each with its depth, as one reads a tree."""
        found: list[tuple[Resource, int]] = []
        waiting = [(child, 0) for child in reversed(self._below.get(top.pk if top else None, []))]
        while waiting:
            resource, depth = waiting.pop()
            found.append((resource, depth))
            waiting += [(child, depth + 1) for child in reversed(self._below.get(resource.pk, []))]
        return found

    def can_take(self, moved: Resource | None) -> list[tuple[Resource, int]]:
        """Where a resource can be put: below everything that is no group, and neither itself nor below it."""
        barred = {moved.pk, *(below.pk for below, _depth in self.branch(moved))} if moved else set()
        return [
            (resource, depth)
            for resource, depth in self.branch()
            if resource.pk not in barred and resource.kind != Resource.Kind.GROUP
        ]


@dataclass(frozen=True)
class Row:
    """One line of the page of resources."""

    resource: Resource
    depth: int
    roles: int
    eligible: int
    active: int

    @property
    def level(self) -> int:
        """How far it is set in; what is deeper than five levels is set in no further."""
        return min(self.depth, DEEPEST)


def rows(at: datetime) -> list[Row]:
    """The tree with how many roles each resource has, and how many grants were made at it that hold now."""
    roles = dict(Role.objects.in_use().order_by().values_list("resource").annotate(number=Count("pk")))
    eligible = _number_at(Eligibility.objects.in_force(at))
    active = _number_at(Assignment.objects.in_force(at))
    return [
        Row(resource, depth, roles.get(resource.pk, 0), eligible.get(resource.pk, 0), active.get(resource.pk, 0))
        for resource, depth in Tree().branch()
    ]


def _number_at(grants: GrantQuerySet[G]) -> dict[int, int]:
    return dict(grants.order_by().values_list("scope").annotate(number=Count("pk")))


def holding(grants: GrantQuerySet[G], line: list[Resource], page_number: str | None) -> Page[G]:
    """A page of the grants that hold on a resource: made at it, or above it."""
    return Paginator(grants_list(grants.filter(scope__in=line), ""), ROWS).get_page(page_number)


@dataclass(frozen=True)
class Some:
    """The first few of many grants, and how many there are."""

    first: list[Eligibility | Assignment]
    number: int

    @property
    def more(self) -> int:
        """How many are not among the first few."""
        return self.number - len(self.first)


@dataclass(frozen=True)
class Consequence:
    """What moving a resource changes: which grants hold there from now on, and which no longer do."""

    gained: Some
    lost: Some


def consequence(tree: Tree, moved: Resource, to: Resource | None, at: datetime) -> Consequence:
    """What would change if a resource were moved below another one, or to the top."""
    before = set(tree.line(moved)[1:])
    after = set(tree.line(to)) if to else set()
    return Consequence(_standing_at(after - before, at), _standing_at(before - after, at))


def _standing_at(resources: set[Resource], at: datetime) -> Some:
    eligible = Eligibility.objects.not_over(at).filter(scope__in=resources)
    active = Assignment.objects.not_over(at).filter(scope__in=resources)
    first: list[Eligibility | Assignment] = [*grants_list(active, "")[:FIRST_FEW]]
    first += grants_list(eligible, "")[:FIRST_FEW]
    return Some(first[:FIRST_FEW], eligible.count() + active.count())


def left_behind(tree: Tree, moved: Resource, to: Resource | None, at: datetime) -> list[Refusal]:
    """Grants at or below a resource, of roles that belong above it and would not do so any more."""
    inside = {moved.pk, *(below.pk for below, _depth in tree.branch(moved))}
    lost = {resource.pk for resource in tree.line(moved)[1:]} - {one.pk for one in (tree.line(to) if to else [])}
    refusals = []
    for model in (Eligibility, Assignment):
        narrowed = model.objects.not_over(at).filter(scope__in=inside, role__resource__in=lost)
        names = sorted(set(narrowed.values_list("role__name", flat=True)))
        if names:
            word = "eligible for" if model is Eligibility else "active in"
            sentence = f"Somebody is {word} {', '.join(names)} just here, a role of a resource that would not be above"
            refusals.append(Refusal("left_behind", f"{sentence} any more. Remove that assignment first.", "parent"))
    return refusals


def keeps_from_deletion(resource: Resource) -> list[Refusal]:
    """What stands in the way of deleting a resource."""
    refusals = []
    if resource.kind == Resource.Kind.GROUP:
        refusals.append(Refusal("group", "A group that is managed with roles stays so."))
    if Resource.objects.filter(parent=resource).exists():
        refusals.append(Refusal("below", f"There are resources below {resource}. Move or delete them first."))
    if Role.objects.filter(resource=resource).exists():
        refusals.append(Refusal("roles", f"{resource} has roles. Delete them first; a retired role keeps it for good."))
    if any(model.objects.filter(scope=resource).exists() for model in (Eligibility, Assignment)):
        sentence = f"Roles are held on {resource}, or were, so it stays: who held what must remain readable."
        refusals.append(Refusal("held", sentence))
    return refusals


def has_history(role: Role) -> bool:
    """Whether anything ever happened with a role, beyond being added and edited; or may have, and was archived."""
    if any(model.objects.filter(role=role).exists() for model in (Eligibility, Assignment)):
        return True
    told = Entry.objects.filter(role_id=role.pk)
    if told.exclude(kind__in=OWN_TALE).exists():
        return True
    return archives.since(None) is not None and not told.filter(kind=RoleAdded.kind).exists()
