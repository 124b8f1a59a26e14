"""Groups, and who is in them."""

from django.db import IntegrityError, transaction

from accounts.act import Act
from accounts.events import GroupMade, MemberAdded, MemberRemoved
from accounts.log import about
from accounts.models import Group, Membership, User
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
    _membership, is_new = Membership.objects.get_or_create(group=group, user=user, defaults={"added_at": act.at})
    if not is_new:
        raise Refused(Refusal("member", f"{user.name} is in {group.name} already.", "email"))
    record(act, MemberAdded(group=group.name), about=about(user))


@transaction.atomic
def remove(act: Act, group: Group, user: User) -> None:
    """End a membership, and at once whatever came through it."""
    removed, _rows = Membership.objects.filter(group=group, user=user).delete()
    if not removed:
        raise Refused(Refusal("no_member", f"{user.name} is not in {group.name}."))
    record(act, MemberRemoved(group=group.name), about=about(user))
