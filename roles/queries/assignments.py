"""What the page of assignments shows: filtered, sorted, and as a table."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce, Lower

from accounts.models import User
from kernel.csv import cell
from kernel.period import DAY
from roles.models import Assignment, Eligibility, G, GrantQuerySet, Resource, Role
from roles.queries.lists import KEPT_IN_SIGHT

SORTS = ("member", "role", "scope", "start", "end")


@dataclass(frozen=True)
class Filters:
    """Which assignments are wanted, and in which order; a minus turns the order round."""

    text: str = ""
    role: Role | None = None
    scope: Resource | None = None
    member: str = ""
    time: str = ""
    how: str = ""
    days: int | None = None
    sort: str = "end"


Found = Sequence[Eligibility | Assignment] | QuerySet[Eligibility] | QuerySet[Assignment]


def found(tab: str, filters: Filters, *, at: datetime) -> Found:
    """What fits, on one of the three tabs; on the third what was assigned and ended in the last 30 days."""
    if tab == "eligible":
        return _sorted(_filtered(Eligibility.objects.not_over(at), filters, at), filters)
    if tab == "active":
        active = Assignment.objects.not_over(at)
        if filters.how:
            active = active.filter(activated_from__isnull=filters.how == "assigned")
        return _sorted(_filtered(active, filters, at), filters)
    lately = Q(end_at__gt=at - KEPT_IN_SIGHT)
    eligible = _filtered(Eligibility.objects.over(at).filter(lately), filters, at)
    assigned = _filtered(Assignment.objects.over(at).filter(lately, activated_from=None), filters, at)
    both: list[Eligibility | Assignment] = [*eligible, *assigned]
    name = filters.sort.removeprefix("-")
    return sorted(both, key=lambda grant: (_key(grant, name), grant.pk), reverse=filters.sort.startswith("-"))


def _filtered(grants: GrantQuerySet[G], filters: Filters, at: datetime) -> GrantQuerySet[G]:
    wanted = grants.with_kept(at).select_related("role", "scope", "user", "group")
    if filters.text:
        names = ("role__name", "group__name", "user__display_name", "user__email")
        anywhere = Q()
        for name in names:
            anywhere |= Q(**{f"{name}__icontains": filters.text})
        wanted = wanted.filter(anywhere)
    if filters.role:
        wanted = wanted.filter(role=filters.role)
    if filters.scope:
        wanted = wanted.filter(scope=filters.scope)
    if filters.member:
        wanted = wanted.filter(group__isnull=filters.member == "person")
    if filters.time:
        wanted = wanted.filter(end_at__isnull=filters.time == "permanent")
    if filters.days:
        wanted = wanted.filter(end_at__lte=at + filters.days * DAY)
    return wanted


def _sorted(grants: GrantQuerySet[G], filters: Filters) -> GrantQuerySet[G]:
    """Permanent ends last, and first the other way round."""
    expressions: dict[str, F | Lower] = {
        "member": Lower(Coalesce("user__display_name", "group__name")),
        "role": Lower("role__name"),
        "scope": Lower("scope__name"),
        "start": F("start_at"),
        "end": F("end_at"),
    }
    by = expressions[filters.sort.removeprefix("-")]
    if filters.sort.startswith("-"):
        return grants.order_by(OrderBy(by, descending=True, nulls_first=True), "-pk")
    return grants.order_by(OrderBy(by, nulls_last=True), "pk")


def _key(grant: Eligibility | Assignment, name: str) -> str | datetime:
    if name in ("start", "end"):
        return grant.start_at if name == "start" else grant.end_at or grant.start_at
    names = {"member": grant.holder.name, "role": grant.role.name, "scope": grant.scope.name}
    return names[name].lower()


IMPORTED = ("member", "role", "scope", "type", "start", "end", "justification")
"""The columns a table may be imported with; the rest of an export tells more."""

TOLD = ("name", "state", "made", "removed")


def rows(grants: Iterable[Eligibility | Assignment]) -> Iterator[list[str]]:
    """Lines for a spreadsheet, or to be imported again: times in UTC."""
    yield [*IMPORTED, *TOLD]
    for grant in grants:
        holder = grant.holder
        columns = (
            holder.email if isinstance(holder, User) else holder.name,
            grant.role.name,
            grant.scope.name,
            grant.kind,
            grant.start_at,
            grant.end_at or "permanent",
            grant.justification,
            holder.name,
            "activated" if isinstance(grant, Assignment) and grant.activated_from_id else "assigned",
            grant.made_at,
            grant.removed_at,
        )
        yield [cell(column) for column in columns]


def streamed(found: Found) -> Iterable[Eligibility | Assignment]:
    """All of it, without holding all of it at once where the database can give it bit by bit."""
    return found.iterator(chunk_size=2000) if isinstance(found, QuerySet) else found


def state_of(grant: Eligibility | Assignment, *, at: datetime) -> tuple[str, str]:
    """How it stands at this moment, in words and as a tone."""
    if grant.is_over(at):
        return ("Removed" if grant.removed_at else "Ended"), "quiet"
    if grant.start_at > at:
        return "Not begun", "waiting"
    # An activation may have lost what it stands on.
    lapsed = isinstance(grant, Assignment) and not Assignment.objects.in_force(at).filter(pk=grant.pk).exists()
    return ("Not in force", "quiet") if lapsed else ("In force", "good")
