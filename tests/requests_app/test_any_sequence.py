"""Whatever people, clock and worker do, in whatever order: `tests.rules` says what has to be true.

After each step: who is active, what the history tells and who is written to are exactly what the rules say, and nobody
is active without an eligibility that stands and is theirs, directly or through a group.
"""

from collections import Counter
from collections.abc import Callable
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
from accounts.models import Membership
from audit.models import Entry
from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refused
from notifications.models import Email
from requests_app.models import RoleRequest
from requests_app.operations import activation as asking
from requests_app.operations import approval, extension
from roles.models import Assignment
from roles.operations import activation, departures, grants, groups
from roles.queries.access import access
from tests import make, queue
from tests.make import NINE
from tests.rules import APPROVERS, EARLIEST_END, LONGEST, Active, Asked, MayActivate, World

WHICH = st.integers(0, 2)
"""How many back: what happened last is acted on most."""
ROLES = st.sampled_from(("free", "guarded"))
PEOPLE = ("john", "jane")
PERSON = st.sampled_from(PEOPLE)
EVERYBODY = [(person, role) for person in PEOPLE for role in ("free", "guarded")]

T = TypeVar("T")


def latest(things: list[T], which: int) -> T:
    """The last of them, or the one so many before it."""
    return things[max(0, len(things) - 1 - which)]


class AnySequence(RuleBasedStateMachine):
    """Two people, alone and in a team, a role of each kind, two approvers, one administrator."""

    def __init__(self) -> None:
        super().__init__()
        self.all_of_it = transaction.atomic()
        self.all_of_it.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.all_of_it.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        self.world, self.steps = World(), 0
        self.users = {name: make.user(name=name.title(), email=f"{name}@example.com") for name in PEOPLE}
        self.approvers = {name: make.user(name=name.title(), email=f"{name}@example.com") for name in APPROVERS}
        make.administrator(email="ada@example.com")
        self.team = make.group(name="Team", members=(self.users["jane"],))
        self.world.team.add("jane")
        self.roles = {
            "free": make.role(name="Teams Reader", terms=make.EASY),
            "guarded": make.role(terms=make.EASY, approvers=tuple(self.approvers.values())),
        }
        for holder, role, lasts in (
            ("john", "free", 10 * HOUR),
            ("john", "guarded", 60 * DAY),
            ("team", "free", 60 * DAY),
            ("team", "guarded", 30 * HOUR),
        ):
            self._make_eligible(holder, role, make.THE_DAY_BEFORE, NINE + lasts)
        self.before = Entry.objects.latest("pk").pk, Email.objects.latest("pk").pk

    # --- what people do

    @rule(
        person=PERSON,
        role=ROLES,
        which=WHICH,
        hours=st.sampled_from((1, 4, 8, 9)),
        delay=st.sampled_from((None, None, 5 * MINUTE, HOUR)),
    )
    def ask(self, person: str, role: str, which: int, hours: int, delay: timedelta | None) -> None:
        world = self.world
        usable = world.usable(person, role)
        source = latest(usable or [one for one in world.may if one.role == role], which)
        asked_start = world.now + delay if delay else None
        start_at, end_at = self._period(asked_start, hours * HOUR)
        possible = (
            source in usable
            and hours * HOUR <= LONGEST
            and start_at < source.end_at
            and world.is_free(person, role, start_at, end_at)
            and not world.waits(person, role)
        )

        act = make.act(by=self.users[person], at=world.now)
        wish = make.ask(duration=hours * HOUR, start_at=asked_start)
        made = self._try(lambda: asking.submit(act, source.real, wish, form_key=uuid4()), possible)

        if not possible:
            return
        world.clear(person, role)
        world.tell("request.made")
        if role == "guarded":
            self._wait(Asked(person, source, hours * HOUR, asked_start, world.now, made))
        elif world.activate(person, source, start_at, end_at, self._granted(made)):
            world.tell_beginning(person)
        else:
            world.tell(your_role_is_scheduled=(person,))

    @precondition(lambda self: self.world.asked)
    @rule(
        which=WHICH,
        by=st.sampled_from((*APPROVERS, *APPROVERS, "john")),
        verb=st.sampled_from(("approve", "approve", "deny")),
    )
    def decide(self, which: int, by: str, verb: str) -> None:
        world, one = self.world, latest(self.world.asked, which)
        start_at, end_at = self._period(one.start_at, one.duration)
        possible = one.can_be_decided(world.now) and by in APPROVERS
        if verb == "approve":
            possible = possible and one.is_possible(world.now) and start_at < one.source.end_at
            possible = possible and world.is_free(one.person, one.source.role, start_at, end_at, but=one.extends)
            possible = possible and (one.extends is None or end_at > one.extends.end_at)

        act = make.act(by={**self.approvers, **self.users}[by], at=world.now)
        operation = approval.approve if verb == "approve" else approval.deny
        self._try(lambda: operation(act, self._again(one), because="On call"), possible)

        if not possible:
            return
        one.is_open = False
        others = {*APPROVERS, "ada"} - {by}
        world.tell({"approve": "request.approved", "deny": "request.denied"}[verb])
        world.tell(your_request_decided=(one.person,), request_decided=others)
        if verb == "approve" and one.extends:
            world.prolong(one.extends, end_at)
        elif verb == "approve":
            world.activate(one.person, one.source, start_at, end_at, self._granted(self._again(one)))

    @precondition(lambda self: any(one.start_at <= self.world.now for one in self.world.active))
    @rule(which=WHICH, hours=st.sampled_from((1, 8, 8, 9)))
    def extend(self, which: int, hours: int) -> None:
        world = self.world
        running = [one for one in world.active if one.runs(world.now)]
        one = latest(running or world.active, which)
        person, source = one.person, one.source
        end_at = min(world.now + hours * HOUR, source.end_at)
        possible = (
            one in running
            and hours * HOUR <= LONGEST
            and end_at > one.end_at
            and world.is_free(person, source.role, world.now, end_at, but=one)
            and not world.waits(person, source.role)
        )

        act = make.act(by=self.users[person], at=world.now)
        wish = make.ask(duration=hours * HOUR)
        made = self._try(lambda: extension.extend(act, self._fresh(one), wish, form_key=uuid4()), possible)

        if not possible:
            return
        world.clear(person, source.role)
        world.tell("request.made")
        if source.role == "guarded":
            self._wait(Asked(person, source, hours * HOUR, None, world.now, made, one))
        else:
            world.prolong(one, end_at)
            world.tell(your_role_is_extended=(person,), role_extended=("ada",))

    @precondition(lambda self: self.world.asked)
    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        one = latest(self.world.asked, which)
        possible = one.can_be_decided(self.world.now)

        act = make.act(by=self.users[one.person], at=self.world.now)
        self._try(lambda: asking.cancel(act, self._again(one)), possible)

        if possible:
            one.is_open = False
            self.world.tell("request.cancelled", request_closed=APPROVERS)

    @precondition(lambda self: self.world.active)
    @rule(which=WHICH)
    def deactivate(self, which: int) -> None:
        world, one = self.world, latest(self.world.active, which)
        is_young = one.start_at <= world.now < one.start_at + EARLIEST_END
        possible = one.can_be_ended(world.now) and not is_young

        act = make.act(by=self.users[one.person], at=world.now)
        self._try(lambda: activation.deactivate(act, one.real), possible)

        if possible:
            one.end(world.now)
            world.tell("role.deactivated", your_role_ended=(one.person,))

    @precondition(lambda self: self.world.active)
    @rule(which=WHICH)
    def revoke(self, which: int) -> None:
        one = latest(self.world.active, which)
        possible = one.can_be_ended(self.world.now)

        act = make.act(at=self.world.now)
        self._try(lambda: grants.remove_assignment(act, one.real, because="Enough"), possible)

        if possible:
            self.world.revoke(one)

    @precondition(lambda self: self.world.asked or self.world.active)
    @rule(which=WHICH)
    def remove_eligibility(self, which: int) -> None:
        source = latest([*self.world.asked, *self.world.active], which).source
        possible = source.stands(self.world.now)

        act = make.act(at=self.world.now)
        self._try(lambda: grants.remove_eligibility(act, source.real, because="New job"), possible)

        if possible:
            self.world.remove(source)

    @rule(holder=st.sampled_from((*PEOPLE, "team")), role=ROLES, hours=st.sampled_from((1, 8, 30, 400)))
    def make_eligible(self, holder: str, role: str, hours: int) -> None:
        end_at = self.world.now + hours * HOUR
        possible = not self.world.adds_nothing(holder, role, end_at)

        self._try(lambda: self._make_eligible(holder, role, self.world.now, end_at), possible)

        if possible:
            told = self.world.may[-1].people
            self.world.tell("eligibility.assigned", assigned_to_you=told, assigned=("ada",))

    @rule(person=PERSON)
    def join_or_leave(self, person: str) -> None:
        act = make.act(at=self.world.now)
        if person in self.world.team:
            departures.leave_group(act, self.team, self.users[person])
            self.world.leave(person)
        else:
            groups.add_member(act, self.team, self.users[person])
            self.world.team.add(person)
            self.world.tell("group.member_added")

    # --- what time and the worker do

    @rule(minutes=st.sampled_from((1, 5, 29, 60, 240)), is_watched=st.booleans())
    def a_while_passes(self, minutes: int, is_watched: bool) -> None:
        self.world.now += minutes * MINUTE
        if is_watched:
            self._the_worker_looks()

    @precondition(lambda self: self._something_is_ahead())
    @rule(is_watched=st.booleans())
    def it_is_the_moment(self, is_watched: bool) -> None:
        """Time stands still exactly where something begins, ends or runs out next."""
        self.world.now = min(moment for moment in self._moments() if moment > self.world.now)
        if is_watched:
            self._the_worker_looks()

    def _moments(self) -> list[datetime]:
        undecided = [one.decide_until for one in self.world.asked if one.is_open]
        running = [moment for one in self.world.active if not one.end_told for moment in (one.start_at, one.end_at)]
        return [*undecided, *running]

    def _something_is_ahead(self) -> bool:
        return any(moment > self.world.now for moment in self._moments())

    @precondition(lambda self: self._something_is_ahead())
    @rule(hours=st.sampled_from((9, 12, 13, 24)))
    def half_a_day_passes(self, hours: int) -> None:
        self.world.now += hours * HOUR
        self._the_worker_looks()

    def _the_worker_looks(self) -> None:
        with make.clock_at(self.world.now):
            roles.tasks.enqueue_due()
            requests_app.tasks.enqueue_due()
            queue.drain()
        self.world.look()

    # --- steps that several rules take

    def _make_eligible(self, holder: str, role: str, start_at: datetime, end_at: datetime) -> None:
        to = self.team if holder == "team" else self.users[holder]
        made = make.eligibility(of=to, role=self.roles[role], start_at=start_at, end_at=end_at, at=start_at)
        people = self.world.team if holder == "team" else {holder}
        self.world.may.append(MayActivate(holder, people, role, start_at, end_at, made))

    def _period(self, asked_start: datetime | None, duration: timedelta) -> tuple[datetime, datetime]:
        start_at = max(asked_start or self.world.now, self.world.now)
        return start_at, start_at + duration

    def _wait(self, one: Asked) -> None:
        self.world.asked.append(one)
        self.world.tell(approval_wanted=APPROVERS)

    def _again(self, one: Asked) -> RoleRequest:
        return RoleRequest.objects.with_names().get(pk=one.real.pk)

    def _fresh(self, one: Active) -> Assignment:
        return Assignment.objects.get(pk=one.real.pk)

    def _granted(self, real: RoleRequest) -> Assignment:
        assert real.assignment is not None
        return Assignment.objects.get(pk=real.assignment.pk)

    def _try(self, call: Callable[[], Any], possible: bool) -> Any:
        """It is done if the rules say so, and refused if not."""
        if possible:
            return call()
        with pytest.raises(Refused):
            call()
        return None

    # --- what is true after each step

    @invariant()
    def active_is_who_the_rules_say(self) -> None:
        expected = self.world.active_until()
        in_force = Assignment.objects.in_force(self.world.now).exclude(activated_from=None).order_by("end_at")
        held = list(in_force.select_related("user", "activated_from"))
        found = {(one.user, one.role_id): one.end_at for one in held}
        assert found == {(self.users[who], self.roles[role].pk): until for (who, role), until in expected.items()}
        for one in held:
            self._stands_on_a_valid_grant(one)
        # One of the four in turn: the same again, asked as other systems do.
        self.steps += 1
        person, role = EVERYBODY[self.steps % len(EVERYBODY)]
        answer = access(self.users[person], self.roles[role], at=self.world.now)
        assert (answer.until if answer else None) == expected.get((person, role))

    def _stands_on_a_valid_grant(self, one: Assignment) -> None:
        source = one.activated_from
        assert one.end_at and source and source.end_at
        assert source.start_at <= one.start_at <= self.world.now < one.end_at <= source.end_at
        members = Membership.objects.filter(group=source.group_id, user=one.user_id)
        assert source.user_id == one.user_id or members.exists()

    @invariant()
    def the_history_tells_all_of_it_and_nothing_else(self) -> None:
        kinds = Entry.objects.filter(pk__gt=self.before[0]).values_list("kind", flat=True)
        assert Counter(kinds) == self.world.events

    @invariant()
    def the_emails_owed_are_those_written(self) -> None:
        rows = Email.objects.filter(pk__gt=self.before[1]).values_list("template", "to_address")
        assert Counter((template, address.split("@")[0]) for template, address in rows) == self.world.emails


@pytest.mark.django_db
def test_any_sequence_of_acts_keeps_to_the_rules():
    run_state_machine_as_test(AnySequence, settings=settings(max_examples=30, stateful_step_count=60, deadline=None))
