"""Who would be in a review that begins at this moment, line by line, with the evidence and the recommendation."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from django.db.models import Q

from accounts.models import Group, Membership, User
from kernel.period import DAY
from reviews.policy import recommend
from reviews.queries.evidence import Groups, Uses, groups, uses_of
from reviews.terms import Evidence, Holding, Recommendation
from roles.models import Assignment, Eligibility, Role

NAMES = ("user__manager", "group", "made_by")
Grant = Eligibility | Assignment
ANY = Q()


@dataclass
class Line:
    """One line to be: who, what they hold, and what is known of them."""

    holder: User | Group
    grants: list[Grant] = field(default_factory=list)
    member_since: datetime | None = None
    evidence: Evidence = field(init=False)
    recommendation: Recommendation = field(init=False)
    through: str = ""
    size: int = 1

    @property
    def user(self) -> User | None:
        """The person; None where it is a group."""
        return self.holder if isinstance(self.holder, User) else None

    @property
    def group(self) -> Group | None:
        """The group; None where it is a person."""
        return self.holder if isinstance(self.holder, Group) else None

    @property
    def user_id(self) -> int | None:
        """The number of the person."""
        return self.user.pk if self.user else None

    @property
    def group_id(self) -> int | None:
        """The number of the group."""
        return self.group.pk if self.group else None

    @property
    def manager_id(self) -> int | None:
        """The number of the person's manager, if there is one."""
        return self.user.manager_id if self.user else None

    @property
    def granted_at(self) -> datetime | None:
        """When the newest of what they hold was given."""
        return max(filter(None, [self.member_since, *(grant.made_at for grant in self.grants)]), default=None)

    @property
    def granted_by_name(self) -> str:
        """Who gave the newest of it; empty where that is not known."""
        newest = max(self.grants, key=lambda grant: grant.made_at, default=None)
        return newest.made_by.name if newest and newest.made_by else ""


def lines(
    subject: Role | Group, *, holding: Holding, inactive_days: int | None, at: datetime, who: Groups | None = None
) -> list[Line]:
    """The lines of a review of a role, or of a group, by name. Break-glass accounts are looked after elsewhere.

    `who` is in which group, if that was read already.
    """
    found = [line for line in _held(subject, holding, at) if not (line.user and line.user.is_break_glass)]
    _look_into(found, _roles_of(subject), who or groups(at), at)
    if inactive_days is not None:
        found = [line for line in found if _is_inactive(line, at, inactive_days * DAY)]
    return sorted(found, key=lambda line: (line.holder.name.casefold(), line.holder.pk))


def given_since(subject: Role | Group, *, holding: Holding, since: datetime, at: datetime) -> list[Line]:
    """What people and groups were given of it from that moment on and hold now, without evidence, in no order."""
    return _held(subject, holding, at, Q(made_at__gte=since), Q(added_at__gte=since))


def _held(subject: Role | Group, holding: Holding, at: datetime, grants: Q = ANY, memberships: Q = ANY) -> list[Line]:
    by_holder: dict[User | Group, Line] = {}
    for grant in _grants(Q(role__in=_roles_of(subject)) & grants, holding, at):
        by_holder.setdefault(grant.holder, Line(grant.holder)).grants.append(grant)
    if isinstance(subject, Group) and holding != Holding.ELIGIBLE:
        for membership in Membership.objects.filter(memberships, group=subject).select_related("user__manager"):
            line = by_holder.setdefault(membership.user, Line(membership.user))
            line.member_since = membership.added_at
    return list(by_holder.values())


def _roles_of(subject: Role | Group) -> list[Role]:
    if isinstance(subject, Role):
        return [subject]
    return list(Role.objects.filter(resource__group=subject, membership=Role.Membership.MEMBER))


def _grants(which: Q, holding: Holding, at: datetime) -> Iterable[Grant]:
    """What is in force or still ahead. Activations end by themselves, and with what they were activated from."""
    eligible = Eligibility.objects.not_over(at).filter(which, removed_at=None)
    active = Assignment.objects.not_over(at).filter(which, removed_at=None, activated_from=None)
    wanted: list[Iterable[Grant]] = []
    if holding != Holding.ACTIVE:
        wanted.append(eligible.select_related(*NAMES))
    if holding != Holding.ELIGIBLE:
        wanted.append(active.select_related(*NAMES))
    return chain(*wanted)


# --- evidence


def _look_into(found: list[Line], roles: list[Role], who: Groups, at: datetime) -> None:
    uses = uses_of([role.pk for role in roles], at)
    inside = {member for line in found if line.group for member in who.members[line.group.pk]}
    people = {user.pk: user for user in User.objects.filter(pk__in=inside)} if inside else {}
    holding = {line.holder.pk for line in found if line.user} | inside
    through = _through(found)
    for line in found:
        if line.user:
            _look_at_person(line, line.user, who, holding, uses.get(line.user.pk, Uses()), at)
            line.through = ", ".join(
                sorted(through[group] for group in who.of.get(line.user.pk, ()) if group in through)
            )
        else:
            members = [people[member] for member in who.members[line.holder.pk]]
            _look_at_group(line, members, uses, at)
        line.recommendation = recommend(line.evidence)


def _through(found: list[Line]) -> dict[int, str]:
    return {line.holder.pk: line.holder.name for line in found if line.group}


def _look_at_person(line: Line, user: User, who: Groups, holding: set[int], uses: Uses, at: datetime) -> None:
    colleagues = who.colleagues(user.pk)
    line.evidence = Evidence(
        at=at,
        is_enabled=user.is_enabled,
        is_eligible_only=_is_eligible_only(line),
        granted_at=line.granted_at,
        last_sign_in_at=user.last_login,
        last_used_at=uses.last_at,
        uses=uses.count,
        peers=len(colleagues),
        peers_holding=len(colleagues & holding),
    )


def _look_at_group(line: Line, members: list[User], uses: dict[int, Uses], at: datetime) -> None:
    theirs = [uses[member.pk] for member in members if member.pk in uses]
    line.size = len(members)
    line.evidence = Evidence(
        at=at,
        is_enabled=True,
        is_eligible_only=_is_eligible_only(line),
        granted_at=line.granted_at,
        last_sign_in_at=max((one.last_login for one in members if one.last_login), default=None),
        last_used_at=max((one.last_at for one in theirs if one.last_at), default=None),
        uses=sum(one.count for one in theirs),
    )


def _is_eligible_only(line: Line) -> bool:
    return line.member_since is None and all(isinstance(grant, Eligibility) for grant in line.grants)


def _is_inactive(line: Line, at: datetime, window: timedelta) -> bool:
    """Did not sign in for so long. Who is younger than that is skipped; so are groups, in which people differ."""
    if line.user is None or line.user.created_at > at - window:
        return False
    seen_at = line.evidence.last_sign_in_at
    return seen_at is None or seen_at <= at - window
