"""What is offered to whoever activates: favourites first, then what was used lately, sets, and what was typed last."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from kernel.powers import Power
from kernel.refusal import Refusal
from requests_app.models import Favourite, RoleRequest, RoleSet
from requests_app.queries import lists
from requests_app.queries.standing import stages_of, too_few
from roles.models import Assignment, Eligibility, Role

LONGEST_NUMBER = 18
"""Digits: a longer one is nobody's request."""
LATELY = 50
"""So many of the latest requests say what was used lately."""

SHOWN = ("role__policy", "role__resource__group", "scope", "group", "user")
"""What pages show of an eligibility."""

Place = tuple[int, int]
"""A role, and where."""


@dataclass(frozen=True)
class Offer:
    """Something one may activate, and what stands in the way of that now."""

    eligibility: Eligibility
    pending: RoleRequest | None
    active: Assignment | None
    is_favourite: bool
    # Why nobody could approve it now, whatever one asks for.
    refusals: Sequence[Refusal] = ()

    @property
    def is_free(self) -> bool:
        """Neither asked for nor active."""
        return self.pending is None and self.active is None


@dataclass(frozen=True)
class SetOffer:
    """A set of somebody's: what of it can be activated now, and what cannot, with the reason."""

    role_set: RoleSet
    free: list[Eligibility]
    missing: list[str]


def offers(user: User, *, at: datetime) -> list[Offer]:
    """What a person can activate: favourites first, then what they used lately, then the rest by name."""
    active = {(grant.role_id, grant.scope_id): grant for grant in lists.active(user, at=at)}
    pending = lists.pending(user, at=at)
    favourites = set(Favourite.objects.filter(user=user).values_list("role", "scope"))
    eligible = lists.eligible(user, at=at)
    stages = stages_of(eligible, at)
    found = [
        Offer(grant, pending.get(place), active.get(place), place in favourites, too_few(stages[grant.pk], user))
        for grant in eligible
        for place in [_place(grant)]
    ]
    used = _used(user)
    return sorted(found, key=lambda offer: (not offer.is_favourite, used.get(_place(offer.eligibility), LATELY)))


def sets(user: User, offered: Sequence[Offer]) -> list[SetOffer]:
    """The sets of a person, held against what is offered to them now."""
    known = {_place(offer.eligibility): offer for offer in offered}
    found = RoleSet.objects.filter(user=user).prefetch_related("lines__role", "lines__scope")
    return [_set_offer(role_set, known) for role_set in found]


def last_typed(user: User, roles: Collection[Role]) -> RoleRequest | None:
    """The last request of this person in which a reason or a ticket was given: for one of these roles, or for any."""
    typed = RoleRequest.objects.filter(user=user).exclude(justification="", ticket_number="")
    return typed.filter(role__in=roles).first() or typed.first()


def again(user: User, number: str) -> RoleRequest | None:
    """A request of one's own, whose reason and ticket are to be used once more."""
    known = number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER
    return RoleRequest.objects.filter(user=user, pk=int(number)).first() if known else None


def gives(eligibility: Eligibility, *, at: datetime) -> list[str]:
    """What the role gives here, in words that end a sentence: powers over this portal, roles of its group."""
    return gives_each([eligibility], at=at)[eligibility.pk]


def gives_each(eligibilities: Sequence[Eligibility], *, at: datetime) -> dict[int, list[str]]:
    """The same for each of these, by their numbers; two queries where groups can be joined."""
    groups = {one.pk: one.role.resource.group_id for one in eligibilities if _joins(one)}
    through = _through(set(groups.values()), at) if groups else {}
    return {one.pk: _powers(one) + through.get(groups.get(one.pk), []) for one in eligibilities}


def _joins(eligibility: Eligibility) -> bool:
    role = eligibility.role
    return eligibility.scope_id == role.resource_id and role.membership == Role.Membership.MEMBER


def _powers(eligibility: Eligibility) -> list[str]:
    role = eligibility.role
    if eligibility.scope_id != role.resource_id:
        return []
    owns = [POWERS[Power.GROUPS_OWN]] if role.membership == Role.Membership.OWNER else []
    return sorted([POWERS[Power(power)] for power in role.powers] + owns)


def _through(groups: set[int | None], at: datetime) -> dict[int | None, list[str]]:
    """What these groups hold, and may activate, by their numbers."""
    found: dict[int | None, list[str]] = {group: [] for group in groups}
    held = Assignment.objects.filter(group__in=groups).in_force(at).select_related("role", "scope", "group")
    for one in held.order_by("role__name"):
        found[one.group_id].append(f"{one.role} on {one.scope} through {one.group}")
    may = Eligibility.objects.filter(group__in=groups).in_force(at).select_related("role", "scope")
    for other in may.order_by("role__name"):
        found[other.group_id].append(f"{other.role} on {other.scope}, to activate")
    return found


POWERS = {
    Power.AUDIT_READ: "read the audit history of this portal",
    Power.GROUPS_OWN: "manage the members of the group",
    Power.PEOPLE_MANAGE: "manage people and groups of this portal",
    Power.ROLES_MANAGE: "assign roles in this portal",
    Power.ROLES_READ: "see roles and who holds them in this portal",
    Power.SETTINGS_MANAGE: "change the settings of roles in this portal",
}


def picked(user: User, numbers: Collection[int], *, at: datetime) -> list[Eligibility]:
    """Of these eligibilities, those of this person: in force, or ended."""
    mine = Eligibility.objects.filter(pk__in=numbers, start_at__lte=at).of(user, at)
    return list(mine.select_related(*SHOWN).order_by("role__name", "pk"))


def _set_offer(role_set: RoleSet, known: dict[Place, Offer]) -> SetOffer:
    free, missing = [], []
    for line in role_set.lines.all():
        offer = known.get((line.role_id, line.scope_id))
        if offer and offer.is_free:
            free.append(offer.eligibility)
        elif offer is None:
            missing.append(f"{line}: you are no longer eligible for it")
        else:
            missing.append(f"{line}: " + ("waits for approval" if offer.pending else "is active already"))
    return SetOffer(role_set, free, missing)


def _used(user: User) -> dict[Place, int]:
    """What was asked for lately, with the number of the latest time; the latest is 0."""
    latest = RoleRequest.objects.filter(user=user).values_list("role", "eligibility__scope")[:LATELY]
    return {place: number for number, place in reversed(list(enumerate(latest)))}


def _place(eligibility: Eligibility) -> Place:
    return eligibility.role_id, eligibility.scope_id
