"""What the pages show: my requests, what I can activate, have and had."""

from collections.abc import Iterable
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Q

from accounts.models import User
from requests_app.lifecycle import Badge, Status, badge_of_grant, badge_of_request
from requests_app.models import RoleRequest, RoleRequestQuerySet
from roles.models import Assignment, Eligibility, Role
from roles.queries.memberships import show_until


def mine(user: User, page_number: str | None, *, state: str = "", at: datetime) -> Page[RoleRequest]:
    """A page of one's own requests, newest first; those in one state, if one is named."""
    found = RoleRequest.objects.with_names().filter(user=user)
    if state in Status.values:
        found = found.filter(pk__in=_in_state(found, Status(state), at).values("pk"))
    asked = found.prefetch_related("asked_approvers", "decisions")
    return Paginator(asked, 30).get_page(page_number)


def _in_state(requests: RoleRequestQuerySet, state: Status, at: datetime) -> RoleRequestQuerySet:
    """As `badges` shows them: what ran out of time, or is no longer possible, is no longer pending."""
    lapsed = RoleRequest.objects.lapsed(at).values("pk")
    if state == Status.PENDING:
        return requests.undecided(at).exclude(pk__in=lapsed)
    meanwhile = {Status.TIMED_OUT: RoleRequest.objects.overdue(at).values("pk"), Status.LAPSED: lapsed}
    return (
        requests.filter(Q(status=state) | Q(pk__in=meanwhile[state]))
        if state in meanwhile
        else requests.filter(status=state)
    )


def asked_of(role_request: RoleRequest) -> list[User]:
    """Who was asked and has not decided. Costs nothing where both were prefetched."""
    decided = {one.approver_id for one in role_request.decisions.all()}
    return [one for one in role_request.asked_approvers.all() if one.pk not in decided]


def badges(requests: Iterable[RoleRequest], *, at: datetime) -> list[tuple[RoleRequest, Badge]]:
    """Requests, each with how it stands at this moment."""
    shown = list(requests)
    lapsed = set(RoleRequest.objects.lapsed(at).filter(pk__in=[one.pk for one in shown]).values_list("pk", flat=True))
    return [
        (one, badge_of_request(one.status, ran_out=one.decide_until <= at, lapsed=one.pk in lapsed)) for one in shown
    ]


def grant_badge(assignment: Assignment, *, at: datetime) -> Badge:
    """How what was granted stands at this moment."""
    stands = Assignment.objects.standing(at).filter(pk=assignment.pk).exists()
    is_ahead = assignment.start_at > at
    return badge_of_grant(
        is_over=assignment.is_over(at), is_ahead=stands and is_ahead, is_in_force=stands and not is_ahead
    )


def eligible(user: User, *, at: datetime) -> list[Eligibility]:
    """What a person can activate now: for each role and scope the eligibility that lasts longest."""
    grants = Eligibility.objects.of(user, at).in_force(at).filter(role__retired_at=None)
    longest: dict[tuple[int, int], Eligibility] = {}
    found = list(grants.select_related("role__policy", "scope", "group").order_by("role__name", "pk"))
    for grant in show_until(found, user, at):
        known = longest.get((grant.role_id, grant.scope_id))
        if known is None or (known.end_at and (grant.end_at is None or grant.end_at > known.end_at)):
            longest[grant.role_id, grant.scope_id] = grant
    return list(longest.values())


def active(user: User, *, at: datetime) -> list[Assignment]:
    """What a person has now, whatever ends first on top."""
    grants = Assignment.objects.held_by(user, at)
    return sorted(
        show_until(list(grants.select_related("role", "scope", "group", "role_request")), user, at),
        key=lambda grant: (grant.end_at is None, grant.end_at or at, grant.pk),
    )


def ending_soon(user: User, *, at: datetime) -> list[Assignment]:
    """What a person activated and is to be warned of, whatever ends first on top."""
    return list(Assignment.objects.filter(user=user).ending_soon(at).select_related("role").order_by("end_at", "pk"))


def activated(user: User, *, at: datetime) -> list[Assignment]:
    """What a person has activated and has now; memberships last: what was activated through one ends with it."""
    mine = Assignment.objects.filter(user=user).exclude(activated_from=None).in_force(at).filter(removed_at=None)
    found = mine.select_related("role", "scope").order_by("pk")
    return sorted(found, key=lambda grant: grant.role.membership == Role.Membership.MEMBER)


def scheduled(user: User, *, at: datetime) -> list[Assignment]:
    """What a person will have later."""
    grants = Assignment.objects.of(user, at).standing(at).not_over(at).filter(start_at__gt=at)
    return list(grants.select_related("role", "scope", "group", "role_request").order_by("start_at"))


def expired(user: User, *, since: datetime, at: datetime) -> list[Eligibility | Assignment]:
    """What a person had and no longer has, latest end first."""
    held: list[Eligibility | Assignment] = []
    for model in (Eligibility, Assignment):
        grants = model.objects.of(user, at).over(at).filter(end_at__gt=since)
        held += grants.select_related("role", "scope", "group").order_by("-end_at")[:100]
    return sorted(held, key=lambda grant: grant.end_at or at, reverse=True)


def pending(user: User, *, at: datetime) -> dict[tuple[int, int], RoleRequest]:
    """The person's undecided requests that are still possible, by role and scope."""
    undecided = RoleRequest.objects.undecided(at).standing(at).with_names().filter(user=user)
    return {(found.role_id, found.scope_id): found for found in undecided}
