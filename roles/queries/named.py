"""Roles and resources as administrators write them down, with a hint where nothing fits."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from roles.models import Resource, Role


class UnknownError(Exception):
    """Nothing is called so, or more than one thing is. Says what to write instead."""


class Catalogue:
    """Finds roles and resources by name, in whatever case; two queries for any number of them."""

    def __init__(self) -> None:
        self.roles: dict[str, list[Role]] = defaultdict(list)
        self.resources: dict[str, Resource] = {}
        for role in Role.objects.select_related("policy", "resource"):
            self.roles[role.name.lower()].append(role)
        for resource in Resource.objects.all():
            self.resources[resource.name.lower()] = resource
        self.parents = {resource.pk: resource.parent_id for resource in self.resources.values()}

    def find(self, role_said: str, scope_said: str) -> tuple[Role, Resource]:
        """The role, and where it shall hold: where it belongs, if nothing is said. Raises `UnknownError`."""
        scope = self._scope(scope_said) if scope_said else None
        named = self.roles.get(role_said.lower(), [])
        fitting = [role for role in named if scope is None or self._is_at_or_above(role.resource_id, scope)]
        found = [role for role in fitting if role.retired_at is None] or fitting
        if not named:
            names = [role.name for roles in self.roles.values() for role in roles]
            raise UnknownError(f"There is no role {role_said}.{_hint(role_said, names)}")
        if not found and scope is not None:
            place = " or ".join(sorted(role.resource.name for role in named))
            raise UnknownError(f"{role_said} cannot be held on {scope}: it belongs to {place}.")
        if len(found) > 1:
            raise UnknownError(f"{len(found)} roles are called {role_said}. Name the scope of the one you mean.")
        return found[0], scope or found[0].resource

    def _scope(self, said: str) -> Resource:
        scope = self.resources.get(said.lower())
        if scope is None:
            names = [resource.name for resource in self.resources.values()]
            raise UnknownError(f"There is no resource {said}.{_hint(said, names)}")
        return scope

    def _is_at_or_above(self, resource_id: int, scope: Resource) -> bool:
        return resource_id in line_of(scope.pk, self.parents)


def line_of(resource_id: int, parents: Mapping[int, int | None]) -> set[int]:
    """A resource and all above it, by number: where a grant has to stand to hold here."""
    line: set[int] = set()
    above: int | None = resource_id
    while above is not None and above not in line:
        line.add(above)
        above = parents.get(above)
    return line


def _hint(said: str, names: Iterable[str]) -> str:
    by_lower = {name.lower(): name for name in names}
    close = get_close_matches(said.lower(), by_lower, n=1, cutoff=0.8)
    return f" Did you mean {by_lower[close[0]]}?" if close else " Check how it is written."
