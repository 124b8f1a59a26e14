"""Who could do what at a moment in the past, and why.

The tables of grants keep their rows for ever, and an end that is moved is moved at that moment or to a later one: so a
grant was in force at a past moment exactly if its period covers that moment today. What is not kept there, who was in
a group and who was disabled, is answered from the history: the first thing told of it *after* the moment says what
was so before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Q

from accounts.events import MemberAdded, MemberRemoved, PersonDisabled, PersonEnabled
from accounts.models import Group, Membership, User
from audit.models import Entry, EntryQuerySet
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from roles.events import AssignmentConverted, AssignmentMade, EligibilityAssigned, EligibilityConverted
from roles.models import Assignment, AssignmentQuerySet, Eligibility, G, GrantQuerySet, Role

MOST = 100
"""So many eligibilities, and so many assignments, are shown."""

GIVEN = (EligibilityAssigned.kind, AssignmentMade.kind, EligibilityConverted.kind, AssignmentConverted.kind)


@dataclass
class Held:
    """One grant that was in force, and what is known of why."""

    grant: Eligibility | Assignment
    # Who had it: the holder, or who was in the group.
    people: list[User]
    # Asked for, and decided, where it was activated; the newest first.
    requests: list[RoleRequest] = field(default_factory=list)
    # Who gave it, where it was assigned.
    given_by: str = ""

    @property
    def kind(self) -> str:
        """In what way it was held."""
        if isinstance(self.grant, Eligibility):
            return "Eligible"
        return "Activated" if self.grant.activated_from_id else "Active"


@dataclass(frozen=True)
class Past:
    """What was in force at that moment; not all of it where there is more than is shown."""

    held: list[Held]
    is_cut: bool


def held_at(at: datetime, *, role: Role | None = None, person: User | None = None) -> Past:
    """Who held a role, or what a person held, or both together, at that moment; a fixed number of queries."""
    wanted = Q(role=role) if role else Q()
    if person:
        wanted &= Q(user=person) | Q(group__in=_groups_of(person, at))
    active = _named(Assignment.objects.begun(at).filter(_standing(at), wanted))
    eligible = _named(Eligibility.objects.begun(at).filter(wanted))
    found: list[Eligibility | Assignment] = [*active[:MOST], *eligible[:MOST]]
    return Past(_explained(_with_people(found, at, person)), is_cut=max(len(active), len(eligible)) > MOST)


def _named(grants: GrantQuerySet[G]) -> list[G]:
    named = grants.select_related("role__resource", "scope", "user", "group").order_by("role__name", "pk")
    return list(named[: MOST + 1])


def _standing(at: datetime) -> Q:
    """Assigned, or activated from an eligibility that stood then, or whose end alone had passed while it was kept."""
    source = "activated_from__"
    covered = Q(**{f"{source}end_at": None}) | Q(**{f"{source}end_at__gt": at})
    while_kept = Q(**{f"{source}end_at__lte": F("made_at")})
    return Q(activated_from=None) | (Q(**{f"{source}start_at__lte": at}) & (covered | while_kept))


def _with_people(grants: Sequence[Eligibility | Assignment], at: datetime, person: User | None) -> list[Held]:
    members = _members_of({grant.group for grant in grants if grant.group}, at)
    held = []
    for grant in grants:
        people = [grant.user] if grant.user else members.get(grant.group_id or 0, [])
        held.append(Held(grant, [one for one in people if person in (None, one)]))
    enabled = _enabled({one for each in held for one in each.people}, at)
    for each in held:
        each.people = [one for one in each.people if one.pk in enabled]
    return [each for each in held if each.people or (each.grant.group_id and person is None)]


def _members_of(groups: set[Group], at: datetime) -> dict[int, list[User]]:
    """Who was in each of the groups, by name."""
    if not groups:
        return {}
    numbers = {group.name: group.pk for group in groups}
    pairs = set(Membership.objects.filter(group__in=groups).values_list("group", "user"))
    pairs = _as_it_was(pairs, Entry.objects.filter(facts__group__in=list(numbers)), numbers, at)
    pairs |= set(_joined(at).filter(role__resource__group__in=groups).values_list("role__resource__group", "user"))
    people = User.objects.in_bulk({user for _group, user in pairs})
    members: dict[int, list[User]] = {}
    for group, user in sorted(pairs, key=lambda pair: people[pair[1]].name):
        members.setdefault(group, []).append(people[user])
    return members


def _groups_of(person: User, at: datetime) -> set[int]:
    """In which groups a person was."""
    pairs = set(Membership.objects.filter(user=person).values_list("group", "user"))
    told = Entry.objects.filter(person_id=person.pk)
    numbers = dict(Group.objects.filter(name__in=_groups_told(told, at)).values_list("name", "pk"))
    pairs = _as_it_was(pairs, told, numbers, at)
    return {group for group, _user in pairs} | set(
        _joined(at).filter(user=person).values_list("role__resource__group", flat=True)
    )


def _groups_told(told: EntryQuerySet, at: datetime) -> list[str]:
    return [entry.facts["group"] for entry in _membership(told, at)]


def _membership(told: EntryQuerySet, at: datetime) -> EntryQuerySet:
    return told.filter(kind__in=(MemberAdded.kind, MemberRemoved.kind), at__gt=at).order_by("at", "pk")


def _as_it_was(
    pairs: set[tuple[int, int]], told: EntryQuerySet, numbers: dict[str, int], at: datetime
) -> set[tuple[int, int]]:
    """Group and member as they were before the first thing told of them after that moment."""
    seen = set()
    for entry in _membership(told, at):
        group, user = numbers.get(entry.facts["group"]), entry.person_id
        if group is None or user is None or (group, user) in seen:
            continue
        seen.add((group, user))
        pairs = pairs | {(group, user)} if entry.kind == MemberRemoved.kind else pairs - {(group, user)}
    return pairs


def _joined(at: datetime) -> AssignmentQuerySet:
    """Who was active as Member of a group that is a resource."""
    members = Assignment.objects.covering(at).filter(_standing(at), role__membership=Role.Membership.MEMBER)
    return members.unnarrowed().exclude(user=None)


def _enabled(people: set[User], at: datetime) -> set[int]:
    """Who of them was not disabled."""
    enabled = {one.pk for one in people if one.is_enabled}
    told = Entry.objects.filter(person_id__in={one.pk for one in people}, at__gt=at).order_by("at", "pk")
    seen: set[int | None] = set()
    for entry in told.filter(kind__in=(PersonDisabled.kind, PersonEnabled.kind)):
        if entry.person_id not in seen:
            seen.add(entry.person_id)
            was_enabled = entry.kind == PersonDisabled.kind
            enabled = {one.pk for one in people if (was_enabled if one.pk == entry.person_id else one.pk in enabled)}
    return enabled


def _explained(held: list[Held]) -> list[Held]:
    """With who asked, decided and gave."""
    _asked(held)
    _given(held)
    return held


def _asked(held: list[Held]) -> None:
    activated = [each.grant.pk for each in held if each.kind == "Activated"]
    asked = RoleRequest.objects.filter(Q(assignment__in=activated) | Q(extends__in=activated, status=Status.GRANTED))
    by_assignment: dict[int, list[RoleRequest]] = {}
    for one in asked.prefetch_related("decisions__approver").order_by("asked_at", "pk"):
        by_assignment.setdefault(one.assignment_id or one.extends_id or 0, []).append(one)
    for each in held:
        if each.kind == "Activated":
            each.requests = by_assignment.get(each.grant.pk, [])


def _given(held: list[Held]) -> None:
    assigned = [each for each in held if each.kind != "Activated"]
    told = Entry.objects.filter(
        kind__in=GIVEN,
        role_id__in={each.grant.role_id for each in assigned},
        at__in={each.grant.made_at for each in assigned},
    )
    actors = {(one.role_id, one.at, one.person_name, one.scope_name): one.actor_name for one in told}
    for each in assigned:
        grant = each.grant
        each.given_by = actors.get((grant.role_id, grant.made_at, grant.holder.name, grant.scope.name), "")
