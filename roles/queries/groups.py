"""Groups: who looks after them, who is in them, what they hold."""

from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.act import Act
from accounts.models import Group, Membership, Ownership, User
from kernel.powers import Power
from kernel.refusal import Refusal
from roles.models import Assignment, AssignmentQuerySet, Eligibility, Resource, Role, joined
from roles.models.selections import groups_of
from roles.queries.access import powers_of
from roles.queries.lists import grants_list

ROWS = 50
NOT_YOURS = Refusal("power", "Only who owns this group, or manages people, can do this. Ask one of them.")


def owned(user: User, at: datetime) -> QuerySet[Group]:
    """The groups a person looks after: as their owner, or active in their role Owner."""
    active = _owner_roles(Assignment.objects.held_by(user, at).unnarrowed()).values("role__resource__group")
    owner = Ownership.objects.filter(user=user, user__is_enabled=True).values("group")
    return Group.objects.filter(Q(pk__in=owner) | Q(pk__in=active))


def _owner_roles(assignments: AssignmentQuerySet) -> AssignmentQuerySet:
    return assignments.filter(role__membership=Role.Membership.OWNER)


def ones_own(user: User, at: datetime) -> Q:
    """Of what has a `group`: one this person is in, owns, or is eligible to be in or to own. What it holds, they hold,
    or can have a minute later.

    The questions stand side by side: one within another is deeper than SQLite reads.
    """
    own = Q(group__in=groups_of(user, at)) | Q(group__in=Ownership.objects.filter(user=user).values("group"))
    # A null among the groups would make "none of these" unknown.
    of_groups = Q(role__membership__in=Role.Membership.values, role__resource__group__isnull=False)
    for given in (Eligibility.objects.of(user, at), Assignment.objects.of(user, at).filter(activated_from=None)):
        roles = given.covering(at).unnarrowed().filter(of_groups)
        own |= Q(group__in=roles.values("role__resource__group"))
    return own


def visible(user: User, at: datetime) -> QuerySet[Group]:
    """The groups a person can open: all for who manages people, one's own for others."""
    manages = Power.PEOPLE_MANAGE in user.get_all_permissions()
    return Group.objects.all() if manages else owned(user, at)


def not_looked_after(act: Act, group: Group) -> list[Refusal]:
    """Why the actor may not say who is in this group. The portal itself may."""
    if act.actor is None or Power.PEOPLE_MANAGE in powers_of(act.actor, at=act.at):
        return []
    return [] if owned(act.actor, act.at).filter(pk=group.pk).exists() else [NOT_YOURS]


def page_of(groups: QuerySet[Group], at: datetime, page_number: str | None) -> Page[Any]:
    """A page of groups, with how many were added to each, how many are in it for a time, and whether it has roles."""
    for_a_time = joined(at).filter(role__resource__group=OuterRef("pk")).order_by().values("role__resource__group")
    counted = groups.annotate(
        member_count=Count("memberships"),
        joined_count=Coalesce(Subquery(for_a_time.annotate(number=Count("user", distinct=True)).values("number")), 0),
        has_roles=Exists(Resource.objects.filter(group=OuterRef("pk"))),
    )
    return Paginator(counted.order_by("name"), ROWS).get_page(page_number)


def added(group: Group, page_number: str | None) -> Page[Membership]:
    """A page of those who were added to a group, by name."""
    found = group.memberships.select_related("user").order_by("user__display_name", "user")
    return Paginator(found, ROWS).get_page(page_number)


def for_a_time(group: Group, at: datetime) -> AssignmentQuerySet:
    """Who is in a group through its role Member, and until when."""
    return joined(at).filter(role__resource__group=group).select_related("user", "role").order_by("end_at", "pk")


def owners_by_role(group: Group, at: datetime) -> AssignmentQuerySet:
    """Who is active in the role Owner of a group, and until when."""
    active = _owner_roles(Assignment.objects.in_force(at).unnarrowed()).filter(role__resource__group=group)
    return active.select_related("user", "group", "role").order_by("end_at", "pk")


def holdings(group: Group, at: datetime) -> list[Eligibility | Assignment]:
    """What a group is eligible for and active in, now or later."""
    eligible = grants_list(Eligibility.objects.not_over(at).filter(group=group), "")
    return [*eligible, *grants_list(Assignment.objects.not_over(at).filter(group=group), "")]


def approves(group: Group) -> QuerySet[Role]:
    """The roles whose activations a group may decide on."""
    return Role.objects.filter(policy__approvers__group=group).select_related("resource").distinct()


def roles_of(group: Group) -> QuerySet[Role]:
    """Member and Owner of a group that is managed with roles; none for another."""
    return Role.objects.filter(resource__group=group).select_related("resource").order_by("name")


def keeps_from_deletion(group: Group) -> list[Refusal]:
    """What stands in the way of deleting a group."""
    refusals = []
    if Resource.objects.filter(group=group).exists():
        sentence = f"{group} is managed with roles, which cannot be undone, so it stays."
        refusals.append(Refusal("resource", sentence))
    if any(model.objects.filter(group=group).exists() for model in (Eligibility, Assignment)):
        sentence = f"{group} holds a role, or held one, so it stays: who held what must remain readable."
        refusals.append(Refusal("holds", f"{sentence} You can take everybody out."))
    if names := ", ".join(role.name for role in approves(group)):
        refusals.append(Refusal("approves", f"{group} approves {names}. Name other approvers there first."))
    return refusals
