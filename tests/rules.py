"""The rules of asking, activating and ending, told once more and as shortly as possible: what random sequences of acts
are held against. No database: each thing carries the real one beside it, for the machine to act on."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel.period import DAY, HOUR, MINUTE
from requests_app.models import RoleRequest
from roles.models import Assignment, Eligibility
from tests.make import NINE

WINDOW = 24 * HOUR
LONGEST = 8 * HOUR
EARLIEST_END = 5 * MINUTE
WARNING = 15 * MINUTE
REMINDERS = (14 * DAY, 1 * DAY)
APPROVERS = ("alva", "ben")


@dataclass
class MayActivate:
    """An eligibility. Its people are one, or whoever is in the group at the moment."""

    holder: str
    people: set[str]
    role: str
    start_at: datetime
    end_at: datetime
    real: Eligibility
    is_told: bool = False
    warned_at: datetime | None = None

    def stands(self, at: datetime) -> bool:
        return at < self.end_at

    def stands_for(self, person: str, at: datetime) -> bool:
        return self.stands(at) and person in self.people


@dataclass
class Active:
    """An activation."""

    person: str
    source: MayActivate
    start_at: datetime
    end_at: datetime
    real: Assignment
    start_told: bool
    end_told: bool = False
    warned_at: datetime | None = None

    def is_on(self, at: datetime) -> bool:
        return self.start_at <= at < self.end_at and self.source.stands_for(self.person, at)

    def is_over(self, at: datetime) -> bool:
        return self.end_at <= at or self.end_at == self.start_at

    def can_be_ended(self, at: datetime) -> bool:
        return not self.end_told and not self.is_over(at)

    def runs(self, at: datetime) -> bool:
        return self.is_on(at) and not self.end_told

    def end(self, at: datetime) -> None:
        self.end_at, self.end_told = max(self.start_at, at), True

    def is_in_the_way(self, start_at: datetime, end_at: datetime) -> bool:
        return not self.is_over(start_at) and self.start_at < end_at


@dataclass
class Asked:
    """A request that somebody has to approve."""

    person: str
    source: MayActivate
    duration: timedelta
    start_at: datetime | None
    asked_at: datetime
    real: RoleRequest
    extends: Active | None = None
    is_open: bool = True
    reminded: bool = False
    decide_until: datetime = field(init=False)

    def __post_init__(self) -> None:
        ends = (self.source.end_at, self.extends.end_at) if self.extends else (self.source.end_at,)
        self.decide_until = min(self.asked_at + WINDOW, *ends)

    def can_be_decided(self, at: datetime) -> bool:
        return self.is_open and at < self.decide_until

    def is_possible(self, at: datetime) -> bool:
        """Whether its asker can still get it."""
        return self.source.stands_for(self.person, at) and (self.extends is None or self.extends.runs(at))

    def is_at_half_time(self, at: datetime) -> bool:
        return at >= self.asked_at + (self.decide_until - self.asked_at) / 2


class World:
    """Who may activate what, who is active, what waits; and all that has to stand in the history and in the outbox."""

    def __init__(self) -> None:
        self.now = NINE
        self.team: set[str] = set()
        self.may: list[MayActivate] = []
        self.active: list[Active] = []
        self.asked: list[Asked] = []
        self.events: Counter[str] = Counter()
        self.emails: Counter[tuple[str, str]] = Counter()

    def tell(self, *events: str, **emails: tuple[str, ...] | set[str]) -> None:
        self.events.update(events)
        self.emails.update((template, name) for template, names in emails.items() for name in names)

    # --- what is so

    def usable(self, person: str, role: str) -> list[MayActivate]:
        """What this person can activate the role from, in whatever way they hold it."""
        return [one for one in self.may if one.role == role and one.stands_for(person, self.now)]

    def active_until(self) -> dict[tuple[str, str], datetime]:
        """Who is active in which role, and until when. Of several activations the last end counts."""
        on = sorted((one for one in self.active if one.is_on(self.now)), key=lambda one: one.end_at)
        return {(one.person, one.source.role): one.end_at for one in on}

    def is_free(
        self, person: str, role: str, start_at: datetime, end_at: datetime, *, but: Active | None = None
    ) -> bool:
        """Whether the same role is not active in that time, from whatever eligibility."""
        theirs = (one for one in self.active if (one.person, one.source.role) == (person, role) and one is not but)
        return not any(one.is_in_the_way(start_at, end_at) for one in theirs)

    def open_for(self, person: str, role: str) -> list[Asked]:
        return [one for one in self.asked if one.is_open and (one.person, one.source.role) == (person, role)]

    def waits(self, person: str, role: str) -> bool:
        """Whether something is asked for that can still be had."""
        theirs = self.open_for(person, role)
        return any(one.can_be_decided(self.now) and one.is_possible(self.now) for one in theirs)

    def adds_nothing(self, holder: str, role: str, end_at: datetime) -> bool:
        """Whether an eligibility from now on is covered by another one of the same holder."""
        theirs = (one for one in self.may if (one.holder, one.role) == (holder, role) and one.stands(self.now))
        return any(one.end_at >= end_at for one in theirs)

    # --- what several acts do

    def clear(self, person: str, role: str) -> None:
        """Asking anew closes what ran out of time, or is no longer possible, before the worker does."""
        for one in self.open_for(person, role):
            self._close_if_over(one)

    def activate(
        self, person: str, source: MayActivate, start_at: datetime, end_at: datetime, real: Assignment
    ) -> bool:
        """True if it begins at once."""
        begins_now = start_at <= self.now
        self.active.append(Active(person, source, start_at, min(end_at, source.end_at), real, start_told=begins_now))
        self.tell("role.activated")
        return begins_now

    def tell_beginning(self, person: str) -> None:
        self.tell(your_role_is_active=(person,), role_activated=("ada",))

    def prolong(self, one: Active, end_at: datetime) -> None:
        one.end_at = max(one.end_at, min(end_at, one.source.end_at))
        self.tell("role.activation_extended")

    def revoke(self, one: Active) -> None:
        one.end(self.now)
        self.tell("role.activation_revoked", removed_from_you=(one.person,))

    def remove(self, source: MayActivate) -> None:
        """And with it all that was activated from it, by anybody."""
        source.end_at, source.is_told = self.now, True
        self.tell("eligibility.removed", removed_from_you=source.people)
        for one in self.active:
            if one.source is source and one.can_be_ended(self.now):
                self.revoke(one)

    def leave(self, person: str) -> None:
        """And with it all that the person activated through the group, and nothing else."""
        self.team.discard(person)
        self.tell("group.member_removed")
        for one in self.active:
            if one.person == person and one.can_be_ended(self.now) and person not in one.source.people:
                one.end(self.now)
                self.tell("role.activation_revoked", your_role_ended=(person,))

    # --- what the worker does when it looks

    def look(self) -> None:
        for active in self.active:
            self._warn(active)
            self._end(active)
            self._start(active)
        for asked in self.asked:
            self._close_if_over(asked)
            self._remind_approvers(asked)
        for source in self.may:
            self._look_at_eligibility(source)

    def _warn(self, one: Active) -> None:
        warns_at = one.end_at - WARNING
        is_near = one.runs(self.now) and one.start_at < warns_at <= self.now
        if is_near and (one.warned_at is None or one.warned_at < warns_at):
            one.warned_at = self.now
            self.tell(your_role_ends_soon=(one.person,))

    def _end(self, one: Active) -> None:
        """By its time. Whatever takes away what it stands on has ended it at once."""
        if not one.end_told and self.now >= one.end_at:
            one.end_told = True
            self.tell("role.activation_ended", your_role_ended=(one.person,))

    def _start(self, one: Active) -> None:
        if one.start_told or self.now < one.start_at:
            return
        one.start_told = True
        if not one.end_told:
            self.tell("role.activation_started")
            self.tell_beginning(one.person)

    def _close_if_over(self, one: Asked) -> None:
        if not one.is_open or (one.can_be_decided(self.now) and one.is_possible(self.now)):
            return
        if one.can_be_decided(self.now):
            self.tell("request.lapsed", your_request_lapsed=(one.person,), request_closed=APPROVERS)
        else:
            self.tell("request.timed_out", your_request_timed_out=(one.person,), request_closed=APPROVERS)
        one.is_open = False

    def _remind_approvers(self, one: Asked) -> None:
        if one.is_open and not one.reminded and one.is_at_half_time(self.now):
            one.reminded = True
            self.tell("request.reminded", approval_reminder=APPROVERS)

    def _look_at_eligibility(self, source: MayActivate) -> None:
        if not source.is_told and not source.stands(self.now):
            source.is_told = True
            self.tell("eligibility.ended", your_role_ended=source.people, ended=("ada",))
        near = [source.end_at - before for before in REMINDERS if source.start_at < source.end_at - before <= self.now]
        if source.stands(self.now) and any(source.warned_at is None or source.warned_at < one for one in near):
            source.warned_at = self.now
            self.tell(expiring={*source.people, "ada"})
