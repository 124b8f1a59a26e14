"""Extensions and renewals: what may be asked for, what waits, and how it stands."""

from datetime import datetime, timedelta

from django.db.models import Q

from accounts.act import Act
from accounts.models import User
from audit.models import Entry
from kernel.period import DAY
from kernel.powers import Power
from kernel.refusal import Refusal
from requests_app.lifecycle import Badge, Status, badge_of_request
from requests_app.models import RenewalRequest, RenewalRequestQuerySet
from roles.models import Assignment, Eligibility, G, GrantQuerySet
from roles.queries.access import powers_of
from roles.queries.giving import unfit

EXTENDABLE = 14 * DAY
"""So long before its end something may be extended."""

RENEWABLE = 30 * DAY
"""So long after its end something may be renewed."""

MOST_SHOWN = 100


def of_grant(grant: Eligibility | Assignment) -> RenewalRequestQuerySet:
    """What was asked for about a grant."""
    if isinstance(grant, Eligibility):
        return RenewalRequest.objects.filter(eligibility=grant)
    return RenewalRequest.objects.filter(assignment=grant)


def pending(grant: Eligibility | Assignment, at: datetime) -> RenewalRequest | None:
    """What waits about a grant, and can still be decided."""
    return of_grant(grant).undecided(at).possible().first()


def action_of(grant: Eligibility | Assignment, at: datetime) -> RenewalRequest.Action:
    """Extended before its end, renewed afterwards."""
    return RenewalRequest.Action.RENEW if grant.is_over(at) else RenewalRequest.Action.EXTEND


def not_renewable(act: Act, grant: Eligibility | Assignment) -> list[Refusal]:
    """Why the actor may not ask to keep this at this moment."""
    if isinstance(grant, Assignment) and grant.activated_from_id:
        sentence = "This was activated. Activate it again, or ask to extend the eligibility it comes from."
        return [Refusal("activated", sentence)]
    if grant.user_id != act.person.pk:
        return [Refusal("not_yours", "Only the person it was assigned to can ask for that, not members of a group.")]
    if grant.end_at is None:
        return [Refusal("permanent", "This has no end, so that there is nothing to extend.")]
    if grant.removed_at:
        return [Refusal("removed", "This was taken away. Ask an administrator to assign it again.")]
    return [*_out_of_time(grant.end_at, act.at), *unfit(grant.role, grant.holder, grant.kind)]


def _out_of_time(end_at: datetime, at: datetime) -> list[Refusal]:
    if at < end_at - EXTENDABLE:
        return [Refusal("too_early", "You can ask to extend this in its last 14 days.")]
    if at >= end_at + RENEWABLE:
        return [Refusal("too_late", "This ended more than 30 days ago. Ask an administrator to assign it again.")]
    return []


def why_lapsed(renewal: RenewalRequest) -> str:
    """Why it can no longer be granted; empty if it can."""
    if RenewalRequest.objects.filter(pk=renewal.pk).possible().exists():
        return ""
    grant = renewal.grant
    if grant.removed_at:
        return "it was taken away, or changed to another type"
    if grant.role.retired_at:
        return "the role is retired"
    if not renewal.user.is_enabled:
        return "the account is disabled"
    return "an administrator has given it another end, or assigned it again"


def badge(renewal: RenewalRequest, *, at: datetime) -> Badge:
    """How it stands at this moment, told by the worker or not."""
    ran_out = renewal.decide_until <= at
    lapsed = renewal.status == Status.PENDING and bool(why_lapsed(renewal))
    return badge_of_request(renewal.status, ran_out=ran_out, lapsed=lapsed)


def mine(user: User, *, at: datetime) -> list[tuple[RenewalRequest, Badge]]:
    """A person's own, newest first."""
    found = list(RenewalRequest.objects.with_names().filter(user=user)[:MOST_SHOWN])
    possible = set(
        RenewalRequest.objects.filter(pk__in=[one.pk for one in found]).possible().values_list("pk", flat=True)
    )
    return [
        (one, badge_of_request(one.status, ran_out=one.decide_until <= at, lapsed=one.pk not in possible))
        for one in found
    ]


def waiting(user: User, *, at: datetime) -> RenewalRequestQuerySet:
    """What an administrator can decide on, oldest first; nothing for others, and nobody's own."""
    if Power.ROLES_MANAGE not in powers_of(user, at=at):
        return RenewalRequest.objects.none()
    return undecided_for(user, at=at)


def undecided_for(user: User, *, at: datetime) -> RenewalRequestQuerySet:
    """What waits and is not this person's own, oldest first."""
    return RenewalRequest.objects.undecided(at).possible().exclude(user=user).order_by("asked_at", "pk")


def visible(user: User, renewal_id: int, *, at: datetime) -> RenewalRequest | None:
    """One, for whoever asked and for whoever may read what is assigned."""
    found = RenewalRequest.objects.with_names().filter(pk=renewal_id).first()
    if found is None or found.user_id == user.pk or Power.ROLES_READ in powers_of(user, at=at):
        return found
    return None


def offers(user: User, tab: str, *, at: datetime) -> list[tuple[Eligibility | Assignment, RenewalRequest | None]]:
    """What a person may keep: assigned to themself, near its end or just over, each with what waits about it."""
    soon = Q(end_at__lte=at + EXTENDABLE)
    late = Q(end_at__gt=at - RENEWABLE)
    eligible, active = Eligibility.objects.filter(user=user), Assignment.objects.filter(user=user, activated_from=None)
    eligibilities: list[Eligibility] = []
    assignments: list[Assignment] = []
    if tab == "expired":
        eligibilities, assignments = _named(eligible.over(at).filter(late)), _named(active.over(at).filter(late))
    elif tab == "active":
        assignments = _named(active.not_over(at).filter(soon))
    else:
        eligibilities = _named(eligible.not_over(at).filter(soon))
    found: list[Eligibility | Assignment] = [*eligibilities, *assignments]
    asked = RenewalRequest.objects.undecided(at).possible().filter(user=user)
    by_grant = {(one.eligibility_id, one.assignment_id): one for one in asked}
    return [(grant, by_grant.get(_key(grant))) for grant in sorted(found, key=lambda grant: grant.end_at or at)]


def _key(grant: Eligibility | Assignment) -> tuple[int | None, int | None]:
    return (grant.pk, None) if isinstance(grant, Eligibility) else (None, grant.pk)


def _named(grants: GrantQuerySet[G]) -> list[G]:
    fit = grants.filter(removed_at=None, role__retired_at=None, user__is_enabled=True)
    return list(fit.select_related("role", "scope", "user").order_by("end_at", "pk")[:MOST_SHOWN])


def journey(renewal: RenewalRequest) -> list[Entry]:
    """What the history says about it."""
    theirs = Entry.objects.filter(person_id=renewal.user_id, role_id=renewal.grant.role_id)
    return list(theirs.filter(kind__startswith="renewal.", facts__renewal=renewal.pk).order_by("at", "pk"))


def decide_until(end_at: datetime, window: timedelta = RENEWABLE) -> datetime:
    """How long it can be decided."""
    return end_at + window
