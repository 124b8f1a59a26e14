"""Groups, who is in them, and who looks after them: the bare writing.

Who is in a group decides what they hold, so nothing but `roles.operations` calls what takes people out of it.
"""

from django.db import IntegrityError, transaction

from accounts.act import Act
from accounts.events import GroupDeleted, GroupMade, MemberAdded, MemberRemoved, OwnerAdded, OwnerRemoved
from accounts.log import about
from accounts.models import Group, Membership, Ownership, User
from audit.log import record
from kernel.refusal import Refusal, Refused


@transaction.atomic
def make(act: Act, *, name: str, description: str = "") -> Group:
    """A new group, without members."""
    try:
        with transaction.atomic():
            group = Group.objects.create(name=name.strip(), description=description.strip())
    except IntegrityError as error:
        raise Refused(Refusal("taken", f"There is a group called {name.strip()} already.", "name")) from error
    record(act, GroupMade(group=group.name))
    return group


@transaction.atomic
def add(act: Act, group: Group, user: User) -> None:
    """Make a person a member; what the group holds, they hold from now on."""
    if user.is_break_glass:
        raise Refused(Refusal("break_glass", f"{user.name} is a break-glass account. It is in no group.", "email"))
    _membership, is_new = Membership.objects.get_or_create(group=group, user=user, defaults={"added_at": act.at})
    if not is_new:
        raise Refused(Refusal("member", f"{user.name} is in {group.name} already.", "email"))
    record(act, MemberAdded(group=group.name), about=about(user))


@transaction.atomic
def remove(act: Act, group: Group, user: User, *, because: str = "") -> None:
    """End a membership, and at once whatever came through it."""
    removed, _rows = Membership.objects.filter(group=group, user=user).delete()
    if not removed:
        raise Refused(Refusal("no_member", f"{user.name} is not in {group.name}."))
    record(act, MemberRemoved(group=group.name, because=because), about=about(user))


@transaction.atomic
def add_owner(act: Act, group: Group, user: User) -> None:
    """Let a person say who is in the group. It does not make them a member."""
    _ownership, is_new = Ownership.objects.get_or_create(group=group, user=user, defaults={"added_at": act.at})
    if not is_new:
        raise Refused(Refusal("owner", f"{user.name} owns {group.name} already.", "email"))
    record(act, OwnerAdded(group=group.name), about=about(user))


@transaction.atomic
def remove_owner(act: Act, group: Group, user: User) -> None:
    """End an ownership."""
    removed, _rows = Ownership.objects.filter(group=group, user=user).delete()
    if not removed:
        raise Refused(Refusal("no_owner", f"{user.name} does not own {group.name}."))
    record(act, OwnerRemoved(group=group.name), about=about(user))


@transaction.atomic
def delete(act: Act, group: Group) -> None:
    """Take a group away, with its members and owners. Raises `ProtectedError` while something stands on it."""
    group.delete()
    record(act, GroupDeleted(group=group.name))
