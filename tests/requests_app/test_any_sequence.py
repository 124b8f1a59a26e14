"""Whatever people, clock and worker do, in whatever order: a small model of the rules says what has to be true.

After each step: who is active, what the history tells and who is written to are exactly what the model says, and nobody
is active without an eligibility that stands.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import requests_app.tasks
import roles.tasks
from audit.models import Entry
from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refused
from notifications.models import Email
from requests_app.models import RoleRequest
from requests_app.operations import activation as asking
from requests_app.operations import approval, extension
from roles.models import Assignment, Eligibility
from roles.operations import activation, grants
from roles.queries.access import access
from tests import make, queue
from tests.make import NINE

WHICH = st.integers(0, 2)
"""How many back: what happened last is acted on most."""
WINDOW = 24 * HOUR
EARLIEST_END = 5 * MINUTE
WARNING = 15 * MINUTE
REMINDERS = (14 * DAY, 1 * DAY)
ROLES = ("free", "guarded")
PEOPLE = ("john", "jane")


@dataclass
class MayActivate:
    """An eligibility, as the model knows it."""

    person: str
    role: str
    end_at: datetime
    real: Eligibility
    start_at: datetime
    is_told: bool = False
    warned_at: datetime | None = None

    def stands(self, at: datetime) -> bool:
        return at < self.end_at


@dataclass
class Active:
    """An activation, as the model knows it."""

    source: MayActivate
    start_at: datetime
    end_at: datetime
    real: Assignment
    start_told: bool
    end_told: bool = False
    warned_at: datetime | None = None

    def is_on(self, at: datetime) -> bool:
        return self.start_at <= at < self.end_at and self.source.stands(at)

    def is_over(self, at: datetime) -> bool:
        return self.end_at <= at or self.end_at == self.start_at

    def runs(self, at: datetime) -> bool:
        return self.is_on(at) and not self.end_told

    def end(self, at: datetime) -> None:
        self.end_at, self.end_told = max(self.start_at, at), True


@dataclass
class Asked:
    """A request that somebody has to approve, as the model knows it."""

    source: MayActivate
    duration: timedelta
    start_at: datetime | None
    asked_at: datetime
    decide_until: datetime
    real: RoleRequest
    extends: Active | None = None
    is_open: bool = True
    reminded: bool = False

    def can_be_decided(self, at: datetime) -> bool:
        return self.is_open and at < self.decide_until

    def is_possible(self, at: datetime) -> bool:
        """Whether its asker can still get it."""
        return self.source.stands(at) and (self.extends is None or self.extends.runs(at))


@dataclass
class Told:
    """What has to stand in the history and in the outbox."""

    events: Counter[str] = field(default_factory=Counter)
    emails: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, *events: str, **emails: tuple[str, ...]) -> None:
        self.events.update(events)
        self.emails.update((template, name) for template, names in emails.items() for name in names)


T = TypeVar("T")


def latest(things: list[T], which: int) -> T:
    """The last of them, or the one so many before it."""
    return things[max(0, len(things) - 1 - which)]


class AnySequence(RuleBasedStateMachine):
    """Two people, a role of each kind, two approvers, one administrator."""

    def __init__(self) -> None:
        super().__init__()
        self.all_of_it = transaction.atomic()
        self.all_of_it.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.all_of_it.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        self.now = NINE
        self.told = Told()
        self.may: list[MayActivate] = []
        self.active: list[Active] = []
        self.asked: list[Asked] = []
        self.users = {name: make.user(name=name.title(), email=f"{name}@example.com") for name in PEOPLE}
        self.approvers = {name: make.user(name=name.title(), email=f"{name}@example.com") for name in ("alva", "ben")}
        self.admin = make.administrator(email="ada@example.com")
        self.roles = {
            "free": make.role(name="Teams Reader", terms=make.EASY),
            "guarded": make.role(terms=make.EASY, approvers=tuple(self.approvers.values())),
        }
        for person in PEOPLE:
            for role in ROLES:
                made = make.eligibility(of=self.users[person], role=self.roles[role], end_at=NINE + 60 * DAY)
                self.may.append(MayActivate(person, role, NINE + 60 * DAY, made, make.THE_DAY_BEFORE))
        self.before = self._last_numbers()

    def _last_numbers(self) -> tuple[int, int]:
        return Entry.objects.latest("pk").pk, Email.objects.latest("pk").pk

    # --- what the model says

    def _everybody(self) -> list[tuple[str, str]]:
        return [(person, role) for person in PEOPLE for role in ROLES]

    def _source(self, person: str, role: str) -> MayActivate | None:
        found = [one for one in self.may if (one.person, one.role) == (person, role) and one.stands(self.now)]
        return found[0] if found else None

    def _in_the_way(self, source: MayActivate, start_at: datetime, end_at: datetime, but: Active | None = None) -> bool:
        mine = (source.person, source.role)
        theirs = (one for one in self.active if (one.source.person, one.source.role) == mine and one is not but)
        return any(
            not one.is_over(start_at)
            and one.end_at > start_at
            and one.start_at < end_at
            and not (one.start_at <= start_at and not one.source.stands(start_at))
            for one in theirs
        )

    def _open(self, source: MayActivate) -> list[Asked]:
        mine = (source.person, source.role)
        return [one for one in self.asked if one.is_open and (one.source.person, one.source.role) == mine]

    def _over(self, source: MayActivate) -> list[Asked]:
        open_ones = self._open(source)
        return [one for one in open_ones if not one.can_be_decided(self.now) or not one.is_possible(self.now)]

    def _close(self, over: list[Asked]) -> None:
        for one in over:
            if one.can_be_decided(self.now):
                self._lapse(one)
            else:
                self._time_out(one)

    def _period(self, asked_start: datetime | None, duration: timedelta) -> tuple[datetime, datetime]:
        start_at = max(asked_start or self.now, self.now)
        return start_at, start_at + duration

    def _activate(self, source: MayActivate, real: RoleRequest, start_at: datetime, end_at: datetime) -> bool:
        begins_now = start_at <= self.now
        made = Assignment.objects.get(pk=real.assignment.pk)
        self.active.append(Active(source, start_at, min(end_at, source.end_at), made, start_told=begins_now))
        self.told.add("role.activated")
        return begins_now

    def _begins(self, person: str) -> None:
        self.told.add(your_role_is_active=(person,), role_activated=("ada",))

    # --- what people do

    @rule(
        person=st.sampled_from(PEOPLE),
        role=st.sampled_from(ROLES),
        hours=st.sampled_from((1, 4, 9)),
        delay=st.sampled_from((None, 5 * MINUTE, 30 * MINUTE)),
    )
    def ask(self, person: str, role: str, hours: int, delay: timedelta | None) -> None:
        start_at = self.now + delay if delay else None
        source = self._source(person, role)
        real = source.real if source else next(one.real for one in self.may if (one.person, one.role) == (person, role))
        first, last = self._period(start_at, hours * HOUR)
        closing = self._over(source) if source else []
        possible = (
            source is not None
            and hours <= 8
            and first < source.end_at
            and not self._in_the_way(source, first, last)
            and len(closing) == len(self._open(source))
        )

        act = make.act(by=self.users[person], at=self.now)
        wish = make.ask(duration=hours * HOUR, start_at=start_at)
        made = self._try(lambda: asking.submit(act, real, wish, form_key=uuid4()), possible)

        if made is None or source is None:
            return
        self._close(closing)
        self.told.add("request.made")
        if role == "guarded":
            until = min(self.now + WINDOW, source.end_at)
            self.asked.append(Asked(source, hours * HOUR, start_at, self.now, until, made))
            self.told.add(approval_wanted=("alva", "ben"))
        elif self._activate(source, made, first, last):
            self._begins(person)

    @precondition(lambda self: self.asked)
    @rule(
        which=WHICH, by=st.sampled_from(("alva", "ben", "john")), verb=st.sampled_from(("approve", "approve", "deny"))
    )
    def decide(self, which: int, by: str, verb: str) -> None:
        one = latest(self.asked, which)
        first, last = self._period(one.start_at, one.duration)
        possible = one.can_be_decided(self.now) and by in self.approvers
        if verb == "approve":
            possible = possible and one.is_possible(self.now) and first < one.source.end_at
            possible = possible and not self._in_the_way(one.source, first, last, but=one.extends)
            possible = possible and (one.extends is None or last > one.extends.end_at)

        act = make.act(by={**self.approvers, **self.users}[by], at=self.now)
        operation = approval.approve if verb == "approve" else approval.deny
        if self._try(lambda: operation(act, self._again(one), because="On call"), possible) is None:
            return
        one.is_open = False
        others = tuple(name for name in self.approvers if name != by)
        self.told.add({"approve": "request.approved", "deny": "request.denied"}[verb])
        self.told.add(your_request_decided=(one.source.person,), request_decided=(*others, "ada"))
        if verb == "approve" and one.extends:
            self._prolong(one.extends, last)
        elif verb == "approve":
            one.real = RoleRequest.objects.get(pk=one.real.pk)
            self._activate(one.source, one.real, first, last)

    @precondition(lambda self: any(one.runs(self.now) for one in self.active))
    @rule(which=WHICH, hours=st.sampled_from((1, 8, 8, 9)))
    def extend(self, which: int, hours: int) -> None:
        one = latest([one for one in self.active if one.runs(self.now)], which)
        source, closing = one.source, self._over(one.source)
        end_at = min(self.now + hours * HOUR, source.end_at)
        possible = hours <= 8 and end_at > one.end_at and len(closing) == len(self._open(source))
        possible = possible and not self._in_the_way(source, self.now, end_at, but=one)

        act = make.act(by=self.users[source.person], at=self.now)
        wish = make.ask(duration=hours * HOUR)
        made = self._try(lambda: extension.extend(act, self._real(one), wish, form_key=uuid4()), possible)

        if made is None:
            return
        self._close(closing)
        self.told.add("request.made")
        if source.role == "guarded":
            until = min(self.now + WINDOW, source.end_at, one.end_at)
            self.asked.append(Asked(source, hours * HOUR, None, self.now, until, made, one))
            self.told.add(approval_wanted=("alva", "ben"))
        else:
            self._prolong(one, self.now + hours * HOUR)
            self.told.add(your_role_is_extended=(source.person,), role_extended=("ada",))

    def _prolong(self, one: Active, end_at: datetime) -> None:
        one.end_at = max(one.end_at, min(end_at, one.source.end_at))
        self.told.add("role.activation_extended")

    def _real(self, one: Active) -> Assignment:
        return Assignment.objects.get(pk=one.real.pk)

    @precondition(lambda self: self.asked)
    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        one = latest(self.asked, which)

        act = make.act(by=self.users[one.source.person], at=self.now)
        possible = one.can_be_decided(self.now)
        self._try(lambda: asking.cancel(act, self._again(one)), possible)

        if possible:
            one.is_open = False
            self.told.add("request.cancelled", request_closed=tuple(self.approvers))

    @precondition(lambda self: self.active)
    @rule(which=WHICH)
    def deactivate(self, which: int) -> None:
        one = latest(self.active, which)
        is_young = one.start_at <= self.now < one.start_at + EARLIEST_END
        possible = not one.end_told and not one.is_over(self.now) and not is_young

        act = make.act(by=self.users[one.source.person], at=self.now)
        self._try(lambda: activation.deactivate(act, one.real), possible)

        if possible:
            one.end(self.now)
            self.told.add("role.deactivated", your_role_ended=(one.source.person,))

    @precondition(lambda self: self.active)
    @rule(which=WHICH)
    def revoke(self, which: int) -> None:
        one = latest(self.active, which)
        possible = not one.end_told and not one.is_over(self.now)

        self._try(lambda: grants.remove_assignment(make.act(at=self.now), one.real, because="Enough"), possible)

        if possible:
            self._take_away(one)

    @precondition(lambda self: self.asked or self.active)
    @rule(which=WHICH)
    def remove_eligibility(self, which: int) -> None:
        source = latest([*self.asked, *self.active], which).source
        person = source.person
        if not source.stands(self.now):
            return

        grants.remove_eligibility(make.act(at=self.now), source.real, because="New job")

        source.end_at, source.is_told = self.now, True
        self.told.add("eligibility.removed", removed_from_you=(person,))
        for one in self.active:
            if one.source is source and not one.end_told and not one.is_over(self.now):
                self._take_away(one)

    @precondition(lambda self: len([one for one in self.may if one.stands(self.now)]) < len(PEOPLE) * len(ROLES))
    @rule(person=st.sampled_from(PEOPLE), role=st.sampled_from(ROLES), hours=st.sampled_from((1, 8, 400)))
    def make_eligible(self, person: str, role: str, hours: int) -> None:
        gone = [one for one in self._everybody() if self._source(*one) is None]
        person, role = gone[(PEOPLE.index(person) * 2 + ROLES.index(role)) % len(gone)]
        end_at = self.now + hours * HOUR

        made = make.eligibility(
            of=self.users[person], role=self.roles[role], start_at=self.now, end_at=end_at, at=self.now
        )

        self.may.append(MayActivate(person, role, end_at, made, self.now))
        self.told.add("eligibility.assigned", assigned_to_you=(person,), assigned=("ada",))

    # --- what time and the worker do

    @rule(minutes=st.sampled_from((1, 5, 29, 60, 240)), is_watched=st.booleans())
    def a_while_passes(self, minutes: int, is_watched: bool) -> None:
        self.now += minutes * MINUTE
        if is_watched:
            self._the_worker_looks()

    @precondition(lambda self: any(one.is_open for one in self.asked) or any(not one.end_told for one in self.active))
    @rule(hours=st.sampled_from((9, 12, 13, 24)))
    def half_a_day_passes(self, hours: int) -> None:
        self.now += hours * HOUR
        self._the_worker_looks()

    def _the_worker_looks(self) -> None:
        with make.clock_at(self.now):
            roles.tasks.enqueue_due()
            requests_app.tasks.enqueue_due()
            queue.drain()

        for one in self.active:
            self._look_at_activation(one)
        for asked in self.asked:
            self._look_at(asked)
        for source in self.may:
            self._look_at_eligibility(source)

    def _look_at_eligibility(self, source: MayActivate) -> None:
        if not source.is_told and not source.stands(self.now):
            source.is_told = True
            self.told.add("eligibility.ended", your_role_ended=(source.person,))
        near = [source.end_at - before for before in REMINDERS if source.start_at < source.end_at - before <= self.now]
        if source.stands(self.now) and any(source.warned_at is None or source.warned_at < one for one in near):
            source.warned_at = self.now
            self.told.add(expiring=(source.person, "ada"))

    def _look_at(self, one: Asked) -> None:
        if not one.is_open:
            return
        if not one.can_be_decided(self.now):
            self._time_out(one)
        elif not one.is_possible(self.now):
            self._lapse(one)
        elif not one.reminded and self.now >= one.asked_at + (one.decide_until - one.asked_at) / 2:
            one.reminded = True
            self.told.add("request.reminded", approval_reminder=tuple(self.approvers))

    def _look_at_activation(self, one: Active) -> None:
        person, is_lost = one.source.person, not one.source.stands(self.now)
        warns_at = one.end_at - WARNING
        is_near = one.runs(self.now) and one.start_at < warns_at <= self.now
        if is_near and (one.warned_at is None or one.warned_at < warns_at):
            one.warned_at = self.now
            self.told.add(your_role_ends_soon=(person,))
        if not one.end_told and is_lost and self.now < one.start_at:
            one.end_at, one.end_told, one.start_told = one.start_at, True, True
            self.told.add("role.activation_called_off", your_role_did_not_start=(person,))
        if not one.end_told and (self.now >= one.end_at or is_lost):
            if self.now < one.end_at:
                one.end_at = max(one.start_at, self.now)
            one.end_told = True
            self.told.add("role.activation_ended", your_role_ended=(person,))
        if not one.start_told and self.now >= one.start_at:
            one.start_told = True
            if not one.end_told:
                self.told.add("role.activation_started")
                self._begins(person)

    # --- steps that several rules take

    def _lapse(self, one: Asked) -> None:
        one.is_open = False
        self.told.add("request.lapsed", your_request_lapsed=(one.source.person,))
        self.told.add(request_closed=tuple(self.approvers))

    def _time_out(self, one: Asked) -> None:
        one.is_open = False
        self.told.add("request.timed_out", your_request_timed_out=(one.source.person,))
        self.told.add(request_closed=tuple(self.approvers))

    def _take_away(self, one: Active) -> None:
        one.end(self.now)
        self.told.add("role.activation_revoked", removed_from_you=(one.source.person,))

    def _again(self, one: Asked) -> RoleRequest:
        return RoleRequest.objects.with_names().get(pk=one.real.pk)

    def _try(self, call: Any, possible: bool) -> Any:
        """It is done if the model says so, and refused if not."""
        if possible:
            return call() or True
        with pytest.raises(Refused):
            call()
        return None

    # --- what is true after each step

    @invariant()
    def active_is_who_the_model_says(self) -> None:
        for person in PEOPLE:
            for role in ROLES:
                theirs = [one for one in self.active if (one.source.person, one.source.role) == (person, role)]
                expected = any(one.is_on(self.now) for one in theirs)
                assert bool(access(self.users[person], self.roles[role], at=self.now)) == expected

    @invariant()
    def nobody_is_active_without_a_valid_grant(self) -> None:
        held = Assignment.objects.exclude(activated_from=None).select_related("activated_from")
        for one in held.filter(pk__in=Assignment.objects.in_force(self.now)):
            source = one.activated_from
            assert one.end_at and source and source.end_at
            assert one.start_at <= self.now < one.end_at
            assert source.start_at <= self.now < source.end_at

    @invariant()
    def the_history_tells_all_of_it_and_nothing_else(self) -> None:
        kinds = Entry.objects.filter(pk__gt=self.before[0]).values_list("kind", flat=True)
        assert Counter(kinds) == self.told.events

    @invariant()
    def the_emails_owed_are_those_written(self) -> None:
        rows = Email.objects.filter(pk__gt=self.before[1]).values_list("template", "to_address")
        assert Counter((template, address.split("@")[0]) for template, address in rows) == self.told.emails


@pytest.mark.django_db
def test_any_sequence_of_acts_keeps_to_the_rules():
    run_state_machine_as_test(AnySequence, settings=settings(max_examples=30, stateful_step_count=60, deadline=None))
