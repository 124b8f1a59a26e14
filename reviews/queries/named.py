"""The people and groups behind names, as forms read them."""

from collections.abc import Iterable

from accounts.models import Group, User
from roles.terms import ApproverKind, Named


def meant(named: Iterable[Named]) -> list[User | Group]:
    """Those who are known, people first."""
    wanted = set(named)
    emails = [one.name for one in wanted if one.kind is ApproverKind.USER]
    names = [one.name for one in wanted if one.kind is ApproverKind.GROUP]
    return [*User.objects.filter(email__in=emails), *Group.objects.filter(name__in=names)]
