"""Groups: made, filled, looked after, and brought under roles. Taking people out is in `departures`."""

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from accounts.act import Act
from accounts.models import Group, User
from accounts.operations import groups as writing
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, Refused, refuse_if_any
from roles.events import GroupBroughtUnderRoles
from roles.log import about_resource
from roles.models import Resource, Role, RolePolicy
from roles.queries.access import lacks
from roles.queries.groups import keeps_from_deletion, not_looked_after
from roles.terms import GROUP_DEFAULTS

LONGEST_NAME = 120


def make(act: Act, *, name: str, description: str = "") -> Group:
    """A new group, without members."""
    refuse_if_any(lacks(act, Power.PEOPLE_MANAGE))
    return writing.make(act, name=name, description=description)


def add_member(act: Act, group: Group, user: User) -> None:
    """Make a person a member; what the group holds, they hold from now on."""
    refuse_if_any(not_looked_after(act, group), _disabled(user))
    writing.add(act, group, user)


def add_owner(act: Act, group: Group, user: User) -> None:
    """Let a person say who is in the group. It does not make them a member."""
    refuse_if_any(lacks(act, Power.PEOPLE_MANAGE), _disabled(user))
    writing.add_owner(act, group, user)


def remove_owner(act: Act, group: Group, user: User) -> None:
    """End an ownership. Who manages people can always name another owner."""
    refuse_if_any(lacks(act, Power.PEOPLE_MANAGE))
    writing.remove_owner(act, group, user)


def _disabled(user: User) -> list[Refusal]:
    return [] if user.is_enabled else [Refusal("disabled", f"{user.name} is disabled. Enable them first.", "email")]


@transaction.atomic
def delete(act: Act, group: Group) -> None:
    """Take away a group that never held anything, approves nothing and has no roles of its own."""
    refuse_if_any(lacks(act, Power.PEOPLE_MANAGE))
    locked = Group.objects.select_for_update().filter(pk=group.pk).first()
    if locked is None:
        raise Refused(Refusal("gone", f"{group.name} is deleted already."))
    refuse_if_any(keeps_from_deletion(locked))
    try:
        with transaction.atomic():
            writing.delete(act, locked)
    except ProtectedError as error:
        # What stands above this floor may know the group, too: an access review of who was in it.
        sentence = f"{group.name} is or was looked at by an access review, or reviews in one, so it stays."
        raise Refused(Refusal("reviewed", sentence)) from error


@transaction.atomic
def bring_under_roles(act: Act, group: Group) -> Resource:
    """Make the group a resource with the roles Member and Owner. Cannot be undone, so that nobody sheds the rules."""
    refuse_if_any(lacks(act, Power.ROLES_MANAGE))
    above = Resource.objects.filter(kind=Resource.Kind.DIRECTORY, parent=None).order_by("pk").first()
    try:
        with transaction.atomic():
            resource = Resource.objects.create(name=group.name, kind=Resource.Kind.GROUP, group=group, parent=above)
    except IntegrityError as error:
        raise Refused(_in_the_way(group)) from error
    for membership in Role.Membership:
        _add_role(resource, membership)
    record(act, GroupBroughtUnderRoles(group=group.name), about=about_resource(resource))
    return resource


def _in_the_way(group: Group) -> Refusal:
    if Resource.objects.filter(group=group).exists():
        return Refusal("resource", f"{group.name} is managed with roles already.")
    return Refusal("taken", f"There is a resource called {group.name} already. Rename that one first.")


DESCRIPTIONS = {
    Role.Membership.MEMBER: "Whoever is active is in the group for that time, and holds what the group holds.",
    Role.Membership.OWNER: "Whoever is active says who is in the group, for that time.",
}


def _add_role(resource: Resource, membership: Role.Membership) -> None:
    name = f"{membership.label} of {resource.name}"
    role = Role.objects.create(
        resource=resource,
        # Says by itself of what, in lists, emails and the history.
        name=name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…",
        description=DESCRIPTIONS[membership],
        membership=membership,
    )
    policy = RolePolicy(role=role)
    policy.take(GROUP_DEFAULTS)
    policy.save()
