"""What the pages about roles and assignments show."""

from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import Group
from roles.models import Assignment, Eligibility, G, GrantQuerySet, Role
from roles.terms import DEFAULTS, GROUP_DEFAULTS

KEPT_IN_SIGHT = timedelta(days=30)


def roles_list(text: str) -> QuerySet[Role]:
    """Roles by name, with their settings."""
    roles = Role.objects.select_related("resource", "policy__changed_by").prefetch_related(
        "policy__approvers__user", "policy__approvers__group"
    )
    roles = roles.order_by(Lower("name"), "pk")
    return roles.filter(Q(name__icontains=text) | Q(description__icontains=text)) if text else roles


def differs_from_defaults(role: Role) -> bool:
    """Whether somebody set this role otherwise than it came. Read the approvers along for many."""
    return role.policy.settings() != (GROUP_DEFAULTS if role.membership else DEFAULTS)


def grants_list(grants: GrantQuerySet[G], text: str) -> GrantQuerySet[G]:
    """Grants for a page, searched by person, group or role."""
    found = grants.select_related("role", "scope", "user", "group").order_by(F("end_at").asc(nulls_last=True), "pk")
    if not text:
        return found
    wanted = Q(role__name__icontains=text) | Q(group__name__icontains=text)
    return found.filter(wanted | Q(user__display_name__icontains=text) | Q(user__email__icontains=text))


def through(grant: Eligibility | Assignment) -> str:
    """Through which group somebody holds this; empty if directly."""
    return grant.group.name if isinstance(grant.group, Group) else ""
