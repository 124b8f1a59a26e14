"""Reads of requests: what one may see, and what the pages show."""

from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q

from accounts.act import Act
from accounts.models import User
from kernel.period import Period, earliest
from kernel.powers import Power
from kernel.refusal import Refusal
from requests_app.lifecycle import Badge, Status, badge_of_grant, badge_of_request
from requests_app.models import RoleRequest, RoleRequestQuerySet
from roles.models import Approver, Assignment, Eligibility
from roles.powers import ADMINISTRATORS
from roles.queries import approvers, powers_of


def standing(act: Act, eligibility: Eligibility, user: User) -> list[Refusal]:
    """Why this person cannot activate from this eligibility at this moment, whatever they ask for."""
    if not Eligibility.objects.of(user).in_force(act.at).filter(pk=eligibility.pk).exists():
        return [Refusal("not_eligible", "The eligibility for this role has ended, so it cannot be activated.")]
    return []


def period_in_the_way(eligibility: Eligibility, user: User, period: Period) -> list[Refusal]:
    """Whether the eligibility ends before the period wanted, or the same role is active, or will be, within it."""
    if eligibility.end_at is not None and period.start >= eligibility.end_at:
        sentence = "The eligibility for this role ends before that start. Choose an earlier one."
        return [Refusal("after_eligibility", sentence, "start_at")]
    others = Assignment.objects.filter(
        role=eligibility.role, scope=eligibility.scope, user=user, end_at__gt=period.start
    )
    activations = others.exclude(activated_from=None).filter(start_at__lt=period.end or eligibility.end_at)
    lapsed = Q(start_at__lte=period.start) & ~Q(pk__in=Assignment.objects.in_force(period.start))
    if not activations.not_over(period.start).exclude(lapsed).exists():
        return []
    sentence = f"{eligibility.role} is active, or will be, in that time. Deactivate it first, or choose another start."
    return [Refusal("active_already", sentence, "start_at")]


def visible(user: User, request_id: int, *, at: datetime) -> RoleRequest | None:
    """The request, if it is the person's own, theirs to decide (now or when it was asked), or theirs to oversee."""
    role_request = RoleRequest.objects.with_names().filter(pk=request_id).first()
    if role_request is None:
        return None
    mine = role_request.user_id == user.pk
    asked = role_request.asked_approvers.filter(pk=user.pk).exists()
    if mine or asked or powers_of(user, at=at) & {Power.ROLES_READ, Power.AUDIT_READ}:
        return role_request
    return role_request if user in approvers(role_request.role, at, asker=role_request.user) else None


def inbox(user: User, *, at: datetime) -> RoleRequestQuerySet:
    """What waits for this person's decision, oldest first; never their own requests."""
    undecided = RoleRequest.objects.undecided(at).exclude(user=user).exclude(eligibility__end_at__lte=at)
    undecided = undecided.with_names().order_by("asked_at", "pk")
    named = Approver.objects.filter(policy__role=OuterRef("role"))
    names_me = Exists(named.filter(Q(user=user) | Q(group__memberships__user=user)))
    if not is_administrator(user, at=at):
        return undecided.filter(names_me)
    return undecided.filter(names_me | ~Exists(named))


def is_administrator(user: User, *, at: datetime) -> bool:
    """Whether the person is active as Global or Privileged Role Administrator."""
    return Assignment.objects.of(user).in_force(at).filter(role__template_id__in=ADMINISTRATORS).exists()


def mine(user: User, page_number: str | None) -> Page[RoleRequest]:
    """A page of one's own requests, newest first."""
    return Paginator(RoleRequest.objects.with_names().filter(user=user), 30).get_page(page_number)


def badge(role_request: RoleRequest, *, at: datetime) -> Badge:
    """How a request stands at this moment."""
    return badge_of_request(role_request.status, ran_out=role_request.decide_until <= at)


def grant_badge(assignment: Assignment, *, at: datetime) -> Badge:
    """How what was granted stands at this moment."""
    return badge_of_grant(
        is_over=assignment.is_over(at),
        is_ahead=assignment.start_at > at,
        is_in_force=Assignment.objects.in_force(at).filter(pk=assignment.pk).exists(),
    )


def eligible(user: User, *, at: datetime) -> list[Eligibility]:
    """What a person can activate now: for each role and scope the eligibility that lasts longest."""
    grants = Eligibility.objects.of(user).in_force(at)
    longest: dict[tuple[int, int], Eligibility] = {}
    for grant in grants.select_related("role__policy", "scope", "group").order_by("role__name", "pk"):
        known = longest.get((grant.role_id, grant.scope_id))
        if known is None or (known.end_at and (grant.end_at is None or grant.end_at > known.end_at)):
            longest[grant.role_id, grant.scope_id] = grant
    return list(longest.values())


def active(user: User, *, at: datetime) -> list[Assignment]:
    """What a person has now, whatever ends first on top."""
    grants = Assignment.objects.of(user).in_force(at)
    return sorted(
        grants.select_related("role", "scope", "group", "role_request"),
        key=lambda grant: (grant.end_at is None, grant.end_at or at, grant.pk),
    )


def scheduled(user: User, *, at: datetime) -> list[Assignment]:
    """What a person will have later."""
    grants = Assignment.objects.of(user).not_over(at).filter(start_at__gt=at)
    return list(grants.select_related("role", "scope", "group", "role_request").order_by("start_at"))


def expired(user: User, *, since: datetime, at: datetime) -> list[Eligibility | Assignment]:
    """What a person had and no longer has, latest end first."""
    held: list[Eligibility | Assignment] = []
    for model in (Eligibility, Assignment):
        grants = model.objects.of(user).over(at).filter(end_at__gt=since)
        held += grants.select_related("role", "scope", "group").order_by("-end_at")[:100]
    return sorted(held, key=lambda grant: grant.end_at or at, reverse=True)


def pending_roles(user: User, *, at: datetime) -> dict[int, RoleRequest]:
    """The person's undecided requests, by role."""
    undecided = RoleRequest.objects.undecided(at).with_names().filter(user=user)
    return {found.role_id: found for found in undecided}


def overdue(at: datetime) -> list[int]:
    """The requests nobody decided in time."""
    return list(RoleRequest.objects.overdue(at).order_by("decide_until").values_list("pk", flat=True)[:2000])


def next_due(after: datetime) -> datetime | None:
    """When the next pending request runs out of time."""
    pending = RoleRequest.objects.filter(status=Status.PENDING, decide_until__gt=after).order_by("decide_until")
    return earliest(pending.values_list("decide_until", flat=True).first())
