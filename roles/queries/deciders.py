"""Who may decide on activations of a role: stage by stage, never the asker, never a break-glass account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.db.models import QuerySet

from accounts.models import Membership, User
from roles.models import Eligibility, Role, joined
from roles.policy import enough
from roles.queries.absences import Away, Seat, away
from roles.queries.people import administrators, holders
from roles.terms import MANAGER, ApprovalTerms, ApproverKind, Named, Settings

NOBODY_AWAY = Away()


@dataclass(frozen=True)
class Panel:
    """Who may decide in one stage, whoever asks; `has_manager` adds the manager of whoever asks.

    Whoever is away has a deputy in their place meanwhile.
    """

    people: tuple[User, ...]
    has_manager: bool = False
    quorum: int = 1
    away: Away = NOBODY_AWAY

    def seats(self, asker: User) -> list[Seat]:
        """The places of those who may decide on a request of this person. Nobody sits in the asker's own place, and
        the asker in no other."""
        manager = self._manager_of(asker)
        holders = [person for person in self.people if person != asker]
        if manager is not None and manager not in holders:
            holders.append(manager)
        seats = (self.away.seat(holder) for holder in holders)
        return [replace(seat, decider=None) if seat.decider == asker else seat for seat in seats]

    def for_(self, asker: User) -> list[User]:
        """Who may decide on a request of this person, each once. Read the asker's manager along for many."""
        return deciders(self.seats(asker))

    def numbers_for(self, asker: User) -> set[int]:
        """The same as `for_`, as primary keys: quick for many askers."""
        if self.away.absences:
            return {person.pk for person in self.for_(asker)}
        manager = self._manager_of(asker)
        return (self._numbers | ({manager.pk} if manager else set())) - {asker.pk}

    @cached_property
    def present(self) -> list[User]:
        """Who decides now, whoever asks: those named, or their deputies."""
        return deciders([self.away.seat(person) for person in self.people])

    @cached_property
    def _numbers(self) -> set[int]:
        return {person.pk for person in self.people}

    def _manager_of(self, asker: User) -> User | None:
        manager = asker.manager if self.has_manager else None
        may = manager is not None and manager.is_enabled and not manager.is_break_glass and manager != asker
        return manager if may else None


def deciders(seats: Iterable[Seat]) -> list[User]:
    """Who sits in these places, each once."""
    return list(dict.fromkeys(seat.decider for seat in seats if seat.decider is not None))


def panels(approval: ApprovalTerms, at: datetime, absent: Away | None = None) -> tuple[Panel, ...]:
    """The panel of each stage, at most five queries for all of them together."""
    return panels_of_many([approval], at, absent)[0]


def panels_of_many(
    approvals: Sequence[ApprovalTerms], at: datetime, absent: Away | None = None
) -> list[tuple[Panel, ...]]:
    """The panels of each of these, still at most five queries; none for none."""
    if not approvals:
        return []
    people = iter(_people([stage.approvers for approval in approvals for stage in approval.stages], at))
    who_is_away = absent or away(at)
    return [
        tuple(Panel(next(people), MANAGER in stage.approvers, stage.quorum, who_is_away) for stage in approval.stages)
        for approval in approvals
    ]


def escalation_panel(approval: ApprovalTerms, at: datetime, absent: Away | None = None) -> Panel:
    """Who may decide as well once a request was escalated."""
    if not approval.escalation:
        return Panel(())
    (people,) = _people([approval.escalation], at)
    return Panel(people, MANAGER in approval.escalation, away=absent or away(at))


def _people(stages: list[tuple[Named, ...]], at: datetime) -> list[tuple[User, ...]]:
    emails = _names(stages, ApproverKind.USER)
    groups = _names(stages, ApproverKind.GROUP)
    able = User.objects.enabled().filter(is_break_glass=False)
    by_email = {user.email: user for user in able.filter(email__in=emails)} if emails else {}
    by_group = _members(groups, at) if groups else {}
    by_default = [user for user in administrators(at) if not user.is_break_glass] if () in stages else []
    found = []
    for named in stages:
        people = {user.pk: user for user in (by_default if not named else ())}
        for one in named:
            if one.kind is ApproverKind.USER and one.name in by_email:
                people[by_email[one.name].pk] = by_email[one.name]
            for member in by_group.get(one.name, ()) if one.kind is ApproverKind.GROUP else ():
                people[member.pk] = member
        found.append(tuple(sorted(people.values(), key=lambda user: (user.display_name, user.pk))))
    return found


def _members(groups: set[str], at: datetime) -> dict[str, list[User]]:
    """The able in these groups at that moment, by the group's name; two queries, however many groups there are."""
    added = Membership.objects.filter(group__name__in=groups, user__is_enabled=True, user__is_break_glass=False)
    active = joined(at).filter(role__resource__group__name__in=groups, user__is_break_glass=False)
    found: dict[str, list[User]] = {name: [] for name in groups}
    for membership in added.select_related("user", "group"):
        found[membership.group.name].append(membership.user)
    for grant in active.select_related("user", "role__resource__group"):
        if grant.user and grant.role.resource.group:
            found[grant.role.resource.group.name].append(grant.user)
    return found


def _names(stages: list[tuple[Named, ...]], kind: ApproverKind) -> set[str]:
    return {one.name for named in stages for one in named if one.kind is kind}


def stranded(stages: tuple[Panel, ...], askers: Iterable[User]) -> list[User]:
    """Those of the askers for whom not enough others could approve. Read the askers' managers along."""
    quorums = [panel.quorum for panel in stages]
    return [asker for asker in askers if not enough([panel.numbers_for(asker) for panel in stages], quorums)]


def eligible_people(role: Role, at: datetime) -> QuerySet[User]:
    """The enabled people who may activate a role now or later, directly or through a group, with their managers."""
    return holders(Eligibility.objects.filter(role=role).not_over(at), at).select_related("manager")


def unapprovable(settings: Settings, askers: Iterable[User], at: datetime) -> list[User]:
    """Those of the askers for whom, under these settings, not enough others could approve."""
    if not settings.activation.needs_approval:
        return []
    return stranded(panels(settings.approval, at), askers)


def approvers(role: Role, at: datetime, *, asker: User, stage: int = 1) -> list[User]:
    """Who may decide in a stage on a request of this person. Empty if there is no such stage."""
    found = panels(role.policy.settings().approval, at)
    return found[stage - 1].for_(asker) if stage <= len(found) else []
