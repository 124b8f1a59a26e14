"""What is known of the people and groups of a review: sign-ins, activations, colleagues. Set-based: a query for each
kind of fact, however many lines there are."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, F, Max, Q

from accounts.models import Membership, Ownership
from reviews.policy import USE_BACK
from roles.models import Assignment, Eligibility, G, GrantQuerySet, Role, joined

LARGEST_OF_COLLEAGUES = 600
"""Groups larger than this say nothing of who works with whom. Source: `review-recommendations-access-reviews.md`."""


@dataclass(frozen=True)
class Uses:
    """Activations: how many in 90 days, and when the last one ever began."""

    count: int = 0
    last_at: datetime | None = None


def uses_of(roles: Iterable[int], at: datetime) -> dict[int, Uses]:
    """Who activated one of these roles, by person. What was taken back before it began does not count."""
    began = Assignment.objects.filter(role__in=roles, start_at__lte=at).exclude(activated_from=None)
    used = began.exclude(end_at=F("start_at")).values("user")
    recent = Count("pk", filter=Q(start_at__gt=at - USE_BACK))
    return {
        row["user"]: Uses(row["recent"], row["last_at"])
        for row in used.order_by("user").annotate(recent=recent, last_at=Max("start_at"))
    }


@dataclass
class Groups:
    """Who is in which group at a moment, and the other way round; who owns it, and who is eligible to be either."""

    members: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    of: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    owners: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    eligible: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def whose_own(self, group_id: int) -> frozenset[int]:
        """Whose own a group is; `roles.queries.groups.ones_own` is the other way round."""
        return frozenset().union(*(kind.get(group_id, ()) for kind in (self.members, self.owners, self.eligible)))

    def colleagues(self, user_id: int) -> set[int]:
        """Who is in one of this person's groups, if it is not too large, but for themself."""
        small = (self.members[group] for group in self.of.get(user_id, ()))
        near = (members for members in small if len(members) <= LARGEST_OF_COLLEAGUES)
        return set().union(*near) - {user_id}


def groups(at: datetime) -> Groups:
    """Every enabled person's groups: added to them, or active as their Member; with those they own or may come to."""
    found = Groups()
    added = Membership.objects.filter(user__is_enabled=True).values_list("group", "user")
    active = joined(at).values_list("role__resource__group", "user")
    for group_id, user_id in [*added, *active]:
        if group_id and user_id:
            found.members[group_id].add(user_id)
            found.of[user_id].add(group_id)
    active_owners = Assignment.objects.in_force(at).unnarrowed().filter(role__membership=Role.Membership.OWNER)
    for group_id, user_id in [*Ownership.objects.values_list("group", "user"), *_behind(active_owners, found)]:
        found.owners[group_id].add(user_id)
    eligible = Eligibility.objects.covering(at).unnarrowed().exclude(role__membership="")
    for group_id, user_id in _behind(eligible, found):
        found.eligible[group_id].add(user_id)
    return found


def _behind(grants: GrantQuerySet[G], who: Groups) -> Iterator[tuple[int, int]]:
    """Of grants of a group's roles: the group, with each person behind one, direct or through a group they are in."""
    for of, user_id, group_id in grants.values_list("role__resource__group", "user", "group"):
        yield from ((of, person) for person in ([user_id] if user_id else who.members.get(group_id, ())))
