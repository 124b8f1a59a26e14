"""The decision: who is active, and what that allows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import JSONField, Value

from accounts.act import Act
from accounts.models import Ownership, User
from kernel.powers import Power
from kernel.refusal import Refusal
from roles.models import Assignment, Resource, Role
from roles.queries.memberships import held_until


@dataclass(frozen=True)
class Access:
    """Somebody is active in a role. `until` is None for permanent, and where the last administrator is kept."""

    user: User
    role: Role
    until: datetime | None


def access(user: User, role: Role, *, at: datetime, on: Resource | None = None) -> Access | None:
    """The decision: is this person active in this role now, on the role's resource or on one below it?

    Overlapping grants are a union: the last end counts. What comes through a group ends with the membership.
    """
    grants = Assignment.objects.held_by(user, at).filter(role=role, scope__in=lineage(on or role.resource))
    ends = held_until(list(grants.values_list("group", "end_at")), user, at)
    if not ends:
        return None
    # What is in force beyond its end is kept, and nobody knows until when.
    known = [end for end in ends if end is not None and end > at]
    return Access(user, role, until=max(known) if len(known) == len(ends) else None)


def lineage(resource: Resource) -> list[Resource]:
    """The resource and all above it: where a grant has to stand to hold here."""
    line = [resource]
    while (parent := line[-1].parent) is not None:
        line.append(parent)
    return line


def below(resource: Resource) -> list[Resource]:
    """Everything below a resource, from the top down, by name: where a grant that stands here holds as well."""
    return below_each([resource])[resource.pk]


def below_each(resources: Iterable[Resource]) -> dict[int, list[Resource]]:
    """The same for each of these, by their numbers; one query."""
    children: dict[int | None, list[Resource]] = {}
    for one in Resource.objects.order_by("name"):
        children.setdefault(one.parent_id, []).append(one)
    return {resource.pk: _descendants(resource, children) for resource in resources}


def _descendants(resource: Resource, children: dict[int | None, list[Resource]]) -> list[Resource]:
    found, ahead = [], [*children.get(resource.pk, ())]
    while ahead:
        found.append(ahead.pop(0))
        ahead = [*children.get(found[-1].pk, ()), *ahead]
    return found


def powers_of(user: User, *, at: datetime) -> set[str]:
    """What the roles in which this person is active give in the portal itself, and what owning a group does."""
    active = Assignment.objects.held_by(user, at).unnarrowed().values_list("role__powers", "role__membership")
    owned = Ownership.objects.filter(user=user, user__is_enabled=True)
    as_owner = owned.values_list(Value([], JSONField()), Value(Role.Membership.OWNER.value))
    held = list(active.union(as_owner, all=True))
    owns = {Power.GROUPS_OWN.value for _powers, membership in held if membership == Role.Membership.OWNER}
    return owns | {power for powers, _membership in held for power in powers}


def lacks(act: Act, power: Power) -> list[Refusal]:
    """Why the actor may not do what needs this power. The portal itself may."""
    if act.actor is None or power in powers_of(act.actor, at=act.at):
        return []
    return [Refusal("power", "You no longer hold a role that allows this. Activate it, then try again.")]


def find_role(said: str) -> Role | None:
    """A role by template id, by its number here, or by its exact name."""
    roles = Role.objects.select_related("resource__parent")
    if "\x00" in said:
        return None
    if said.isdecimal() and len(said) < 10:
        return roles.filter(pk=int(said)).first()
    by_template = roles.filter(template_id=said) if _is_uuid(said) else roles.none()
    named: Iterable[Role] = by_template or roles.filter(name__iexact=said)[:2]
    found = list(named)
    return found[0] if len(found) == 1 else None


def find_below(said: str, above: Resource) -> Resource | None:
    """A resource by its number here or its exact name, if it is the one above or below it."""
    if "\x00" in said:
        return None
    resources = Resource.objects.select_related("parent")
    is_number = said.isdecimal() and len(said) < 10
    found = resources.filter(pk=int(said)) if is_number else resources.filter(name__iexact=said)
    return next((resource for resource in found[:1] if above in lineage(resource)), None)


def _is_uuid(said: str) -> bool:
    parts = said.split("-")
    return [len(part) for part in parts] == [8, 4, 4, 4, 12] and all(
        set(part.lower()) <= set("0123456789abcdef") for part in parts
    )
