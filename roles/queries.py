"""Reads: who is active, who decides, who is told, and what the pages show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet

from accounts.act import Act
from accounts.models import Group, User
from kernel.period import earliest
from kernel.powers import Power
from kernel.refusal import Refusal
from roles.models import Assignment, Eligibility, G, GrantQuerySet, Resource, Role
from roles.policy import DEFAULTS
from roles.powers import ADMINISTRATORS

KEPT_IN_SIGHT = timedelta(days=30)
MOST_AT_ONCE = 2000


@dataclass(frozen=True)
class Access:
    """Somebody is active in a role. `until` is None for permanent."""

    user: User
    role: Role
    until: datetime | None


def access(user: User, role: Role, *, at: datetime) -> Access | None:
    """The decision: is this person active in this role now? Overlapping grants are a union: the last end counts."""
    grants = Assignment.objects.of(user).in_force(at).filter(role=role, scope__in=lineage(role.resource))
    ends = list(grants.values_list("end_at", flat=True))
    if not ends:
        return None
    known = [end for end in ends if end is not None]
    return Access(user, role, until=max(known) if len(known) == len(ends) else None)


def lineage(resource: Resource) -> list[Resource]:
    """The resource and all above it: where a grant has to stand to hold here."""
    line = [resource]
    while (parent := line[-1].parent) is not None:
        line.append(parent)
    return line


def powers_of(user: User, *, at: datetime) -> set[str]:
    """What the roles in which this person is active give in the portal itself."""
    lists = Assignment.objects.of(user).in_force(at).values_list("role__powers", flat=True)
    return {power for powers in lists for power in powers}


def lacks(act: Act, power: Power) -> list[Refusal]:
    """Why the actor may not do what needs this power. The portal itself may."""
    if act.actor is None or power in powers_of(act.actor, at=act.at):
        return []
    return [Refusal("power", "You no longer hold a role that allows this. Activate it, then try again.")]


def holders(grants: GrantQuerySet[G]) -> QuerySet[User]:
    """The enabled people behind grants: direct, and through groups, each once."""
    direct = Q(pk__in=grants.exclude(user=None).values("user"))
    in_group = Q(memberships__group__in=grants.exclude(group=None).values("group"))
    people: QuerySet[User] = User.objects.enabled().filter(direct | in_group).distinct()
    return people


def administrators(at: datetime) -> list[User]:
    """Who is active as Global or Privileged Role Administrator."""
    return list(holders(Assignment.objects.in_force(at).filter(role__template_id__in=ADMINISTRATORS)))


def approvers(role: Role, at: datetime, *, asker: User | None = None) -> list[User]:
    """Who may decide on an activation: those named, or the administrators if nobody is; never the asker."""
    named = list(role.policy.approvers.values_list("user", "group"))
    if not named:
        return [user for user in administrators(at) if user != asker]
    users = [user for user, _group in named if user]
    groups = [group for _user, group in named if group]
    people = User.objects.enabled().filter(Q(pk__in=users) | Q(memberships__group__in=groups)).distinct()
    return list(people.exclude(pk=asker.pk) if asker else people)


def roles_list(text: str) -> QuerySet[Role]:
    """Roles by name, with their settings."""
    roles = Role.objects.select_related("resource", "policy__changed_by")
    found = roles.filter(Q(name__icontains=text) | Q(description__icontains=text)) if text else roles
    return found.annotate(approver_count=Count("policy__approvers"))


def differs_from_defaults(role: Role) -> bool:
    """Whether somebody set this role otherwise than it came. Expects a role of `roles_list`."""
    return role.policy.settings() != DEFAULTS or bool(getattr(role, "approver_count", 0))


def grants_list(grants: GrantQuerySet[G], text: str) -> GrantQuerySet[G]:
    """Grants for a page, searched by person, group or role."""
    found = grants.select_related("role", "scope", "user", "group").order_by(F("end_at").asc(nulls_last=True), "pk")
    if not text:
        return found
    wanted = Q(role__name__icontains=text) | Q(group__name__icontains=text)
    return found.filter(wanted | Q(user__display_name__icontains=text) | Q(user__email__icontains=text))


def lately_over(at: datetime) -> list[Eligibility | Assignment]:
    """Assigned grants that ended in the last 30 days, latest first."""
    since = at - KEPT_IN_SIGHT
    eligible = grants_list(Eligibility.objects.over(at).filter(end_at__gt=since), "")
    active = grants_list(Assignment.objects.over(at).filter(end_at__gt=since, activated_from=None), "")
    return sorted([*eligible, *active], key=lambda grant: grant.end_at or at, reverse=True)


def through(grant: Eligibility | Assignment) -> str:
    """Through which group somebody holds this; empty if directly."""
    return grant.group.name if isinstance(grant.group, Group) else ""


def next_due(after: datetime) -> datetime | None:
    """When the next untold start or end comes."""
    ends = (
        model.objects.filter(end_told_at=None, end_at__gt=after).order_by("end_at").values_list("end_at", flat=True)
        for model in (Assignment, Eligibility)
    )
    starts = (
        Assignment.objects.filter(start_told_at=None, start_at__gt=after)
        .order_by("start_at")
        .values_list("start_at", flat=True)
    )
    return earliest(*(moments.first() for moments in (*ends, starts)))


def due(at: datetime) -> dict[str, list[int]]:
    """What has begun, ended or lapsed and was not told yet, by the task that tells it."""
    untold = Assignment.objects.filter(end_told_at=None)
    standing = Assignment.objects.in_force(at).values("pk")
    return {
        "tell_start": _ids(Assignment.objects.filter(start_told_at=None, start_at__lte=at)),
        "tell_assignment_end": _ids(untold.filter(end_at__lte=at)),
        "tell_eligibility_end": _ids(Eligibility.objects.filter(end_told_at=None, end_at__lte=at)),
        "end_lapsed": _ids(untold.covering(at).exclude(activated_from=None).exclude(pk__in=standing)),
    }


def _ids(grants: GrantQuerySet[G]) -> list[int]:
    return list(grants.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


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


def _is_uuid(said: str) -> bool:
    parts = said.split("-")
    return [len(part) for part in parts] == [8, 4, 4, 4, 12] and all(
        set(part.lower()) <= set("0123456789abcdef") for part in parts
    )
