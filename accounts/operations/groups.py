"""Who is in which group."""

from django.db import transaction

from accounts.act import Act
from accounts.events import MemberAdded, MemberRemoved
from accounts.log import about
from accounts.models import Group, Membership, User
from audit.log import record


@transaction.atomic
def add(act: Act, group: Group, user: User) -> None:
    """Make a person a member; what the group holds, they hold from now on."""
    _membership, is_new = Membership.objects.get_or_create(group=group, user=user, defaults={"added_at": act.at})
    if is_new:
        record(act, MemberAdded(group=group.name), about=about(user))


@transaction.atomic
def remove(act: Act, group: Group, user: User) -> None:
    """End a membership, and at once whatever came through it."""
    removed, _rows = Membership.objects.filter(group=group, user=user).delete()
    if removed:
        record(act, MemberRemoved(group=group.name), about=about(user))
