"""In which groups a person is, and for how long."""

from datetime import datetime

from accounts.models import Membership, User
from kernel.period import earliest
from roles.models import G, joined


def until(user: User, at: datetime) -> dict[int, datetime | None]:
    """The groups a person is in at that moment, by number, each with when that ends; None where it does not.

    Who is in a group in two ways is in it until the last of them ends.
    """
    ends: dict[int, datetime | None] = {}
    for group_id, end_at in joined(at).filter(user=user).values_list("role__resource__group", "end_at"):
        known = ends.get(group_id, at)
        ends[group_id] = None if end_at is None or known is None else max(known, end_at)
    return ends | dict.fromkeys(Membership.objects.filter(user=user).values_list("group", flat=True))


def held_until(grants: list[tuple[int | None, datetime | None]], user: User, at: datetime) -> list[datetime | None]:
    """When each grant ends for this person, given its group and its end: with the membership at the latest."""
    ends = until(user, at) if any(group for group, _end in grants) else {}
    return [earliest(end_at, ends.get(group)) if group else end_at for group, end_at in grants]


def show_until(grants: list[G], user: User, at: datetime) -> list[G]:
    """The same grants, for a page of this person: each ends no later than their membership in its group."""
    ends = held_until([(grant.group_id, grant.end_at) for grant in grants], user, at)
    for grant, end_at in zip(grants, ends, strict=True):
        grant.end_at = end_at
    return grants
