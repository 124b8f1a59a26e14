"""Who is behind a grant, who is in a group, who administers."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import Group, Membership, User
from notifications.operations.outbox import Address
from roles.models import Assignment, G, GrantQuerySet, joined
from roles.powers import ADMINISTRATORS, WATCHERS


def in_groups(groups: QuerySet[Group], at: datetime) -> Q:
    """Of people: in one of these groups at that moment, added to it or active as its Member."""
    added = Membership.objects.filter(group__in=groups)
    active = joined(at).filter(role__resource__group__in=groups)
    return Q(pk__in=added.values("user")) | Q(pk__in=active.values("user"))


def members(group: Group, at: datetime) -> QuerySet[User]:
    """The enabled people in a group at that moment, each once."""
    found: QuerySet[User] = User.objects.enabled().filter(in_groups(Group.objects.filter(pk=group.pk), at))
    return found


def groups_of(user: User, at: datetime) -> QuerySet[Group]:
    """The groups a person is in at that moment, added to them or active as their Member."""
    added = Membership.objects.filter(user=user)
    active = joined(at).filter(user=user)
    return Group.objects.filter(Q(pk__in=added.values("group")) | Q(pk__in=active.values("role__resource__group")))


def holders(grants: GrantQuerySet[G], at: datetime) -> QuerySet[User]:
    """The enabled people behind grants: direct, and through groups, each once."""
    # Read first: what makes grants hold is asked once, and groups only where there are any.
    pairs = list(grants.order_by().values_list("user", "group").distinct())
    behind = Q(pk__in=[user for user, _group in pairs if user])
    if groups := [group for _user, group in pairs if group]:
        behind |= in_groups(Group.objects.filter(pk__in=groups), at)
    people: QuerySet[User] = User.objects.enabled().filter(behind)
    return people


def standing_holders(grants: GrantQuerySet[G], at: datetime) -> QuerySet[User]:
    """The enabled people behind grants who need not activate anything: not those who are in a group for a time."""
    groups = Group.objects.filter(pk__in=grants.exclude(group=None).values("group"))
    assigned = joined(at).filter(activated_from=None, role__resource__group__in=groups)
    direct = Q(pk__in=grants.exclude(user=None).values("user"))
    added = Q(pk__in=Membership.objects.filter(group__in=groups).values("user"))
    people: QuerySet[User] = User.objects.enabled().filter(direct | added | Q(pk__in=assigned.values("user")))
    return people


def administrators(at: datetime) -> list[User]:
    """Who is active as Global or Privileged Role Administrator."""
    return _active_in(ADMINISTRATORS, at)


def watchers(at: datetime) -> list[User]:
    """Who is told of activations: the administrators, and who is active as Security Administrator."""
    return _active_in(WATCHERS, at)


def _active_in(templates: tuple[str, ...], at: datetime) -> list[User]:
    return list(holders(Assignment.objects.in_force(at).unnarrowed().filter(role__template_id__in=templates), at))


def readers(addresses: Sequence[str]) -> list[User | Address]:
    """Who reads at these addresses: people who sign in here are themselves, and so are told once, and as they chose."""
    known = {user.email: user for user in User.objects.filter(email__in=[one.lower() for one in addresses])}
    return [known.get(one.lower()) or Address(one) for one in addresses]


def some_of(people: Sequence[User], most: int = 5) -> str:
    """The first few of these people by name, and how many more there are."""
    names = [person.name for person in people[:most]]
    more = len(people) - len(names)
    if more:
        return f"{', '.join(names)} and {more} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
