"""Any two acts at the same moment come out as if one had come after the other: one of the two orders explains it all.

For each pair both orders are played first, each in a world of its own; then both acts at once, and what came of it has
to be one of the two: the same answers, the same states, the same history, the same emails.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from itertools import combinations_with_replacement
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from audit.models import Entry
from kernel.period import HOUR, MINUTE
from kernel.refusal import Refused
from notifications.models import Email
from requests_app.models import RoleRequest
from requests_app.operations import activation as asking
from requests_app.operations import approval, extension, waiting
from roles.models import Assignment, Eligibility
from roles.operations import activation, grants
from tests import make
from tests.make import MICROSECOND, NINE
from tests.races.together import at_once

LATER = NINE + 10 * MINUTE
UNTIL = NINE + 24 * HOUR


@dataclass(frozen=True)
class World:
    """Somebody, their approvers, what they may activate and what has become of it."""

    user: User
    approvers: tuple[User, User]
    eligibility: Eligibility
    role_request: RoleRequest

    @property
    def assignment(self) -> Assignment:
        """What was granted, or is to last longer."""
        found = self.role_request.extends or self.role_request.assignment
        assert found is not None
        return Assignment.objects.get(pk=found.pk)


Deed = Callable[[World], Callable[[], Any]]


def read_again(world: World) -> RoleRequest:
    return RoleRequest.objects.with_names().get(pk=world.role_request.pk)


# --- worlds


def _eligible() -> tuple[User, tuple[User, User], Eligibility]:
    approvers = (make.user(name="First"), make.user(name="Second"))
    user = make.user()
    return user, approvers, make.eligibility(of=user, role=make.role(approvers=approvers))


def waiting_for_approval() -> World:
    user, approvers, eligibility = _eligible()
    return World(user, approvers, eligibility, make.role_request(by=user, for_=eligibility))


def active() -> World:
    return _granted(make.ask(duration=HOUR))


def asking_for_more() -> World:
    """Active, and an extension waits for approval."""
    held = active()
    extension.extend(make.act(by=held.user), held.assignment, make.ask(duration=2 * HOUR), form_key=uuid4())
    waits = RoleRequest.objects.with_names().get(extends=held.assignment)
    return World(held.user, held.approvers, held.eligibility, waits)


def scheduled() -> World:
    return _granted(make.ask(duration=HOUR, start_at=LATER))


def _granted(ask: Any) -> World:
    user, approvers, eligibility = _eligible()
    asked = make.role_request(by=user, for_=eligibility, asking_for=ask)
    approval.approve(make.act(by=approvers[0]), asked, because="On call")
    return World(user, approvers, eligibility, RoleRequest.objects.with_names().get(pk=asked.pk))


# --- deeds; `at` is when somebody else than the clock does them


def approve(at: datetime) -> Deed:
    return lambda world: partial(
        approval.approve, make.act(by=world.approvers[0], at=at), read_again(world), because="On call"
    )


def deny(at: datetime) -> Deed:
    return lambda world: partial(
        approval.deny, make.act(by=world.approvers[1], at=at), read_again(world), because="Not tonight"
    )


def cancel(at: datetime) -> Deed:
    return lambda world: partial(asking.cancel, make.act(by=world.user, at=at), read_again(world))


def submit(at: datetime) -> Deed:
    return lambda world: partial(
        asking.submit, make.act(by=world.user, at=at), world.eligibility, make.ask(), form_key=uuid4()
    )


def time_out(at: datetime) -> Deed:
    return lambda world: partial(asking.time_out, make.act(at=UNTIL), world.role_request.pk)


def lapse(at: datetime) -> Deed:
    return lambda world: partial(waiting.lapse, make.act(at=at), world.role_request.pk)


def remove_eligibility(at: datetime) -> Deed:
    return lambda world: partial(grants.remove_eligibility, make.act(at=at), world.eligibility, because="New job")


def deactivate(at: datetime) -> Deed:
    return lambda world: partial(activation.deactivate, make.act(by=world.user, at=at), world.assignment)


def revoke(at: datetime) -> Deed:
    return lambda world: partial(grants.remove_assignment, make.act(at=at), world.assignment, because="Incident closed")


def extend(at: datetime) -> Deed:
    return lambda world: partial(
        extension.extend,
        make.act(by=world.user, at=at),
        world.assignment,
        make.ask(duration=2 * HOUR),
        form_key=uuid4(),
    )


def end(at: datetime) -> Deed:
    return lambda world: partial(activation.tell_assignment_end, make.act(at=NINE + HOUR), world.assignment.pk)


def start(at: datetime) -> Deed:
    return lambda world: partial(activation.tell_start, make.act(at=LATER), world.assignment.pk)


# What can happen in each world, and when: at the last moment where the clock is one of those who act.
HAPPENS: dict[Callable[[], World], tuple[datetime, tuple[Callable[[datetime], Deed], ...]]] = {
    waiting_for_approval: (UNTIL - MICROSECOND, (approve, deny, cancel, submit, time_out, lapse, remove_eligibility)),
    active: (NINE + HOUR - MICROSECOND, (extend, deactivate, revoke, end, submit, remove_eligibility)),
    asking_for_more: (
        NINE + HOUR - MICROSECOND,
        (approve, deny, cancel, extend, lapse, deactivate, revoke, end, remove_eligibility),
    ),
    scheduled: (LATER - MICROSECOND, (start, deactivate, revoke, submit, remove_eligibility)),
}
PAIRS = [
    pytest.param(begin, first, second, at, id=f"{begin.__name__}: {first.__name__} and {second.__name__}")
    for begin, (at, deeds) in HAPPENS.items()
    for first, second in combinations_with_replacement(deeds, 2)
]


# --- what came of it


def answered(outcome: Any) -> Any:
    """What somebody got: done, or why not."""
    return outcome.codes if isinstance(outcome, Refused) else "done"


def done(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Refused as refused:
        return refused


def outcome(world: World, answers: tuple[Any, Any], began_with: tuple[int, int]) -> tuple[Any, ...]:
    """All that can be seen of a world, whoever the people in it are."""
    entries, emails = began_with
    names = {world.user.email: "asker", **{one.email: one.name for one in world.approvers}}
    held = Assignment.objects.filter(user=world.user).order_by("pk")
    return (
        tuple(map(answered, answers)),
        sorted(RoleRequest.objects.filter(user=world.user).values_list("status", flat=True)),
        [(one.start_at, one.end_at, one.removed_at is None, one.end_told_at is None) for one in held],
        Assignment.objects.held_by(world.user, UNTIL).count(),
        sorted(Entry.objects.filter(person_id=world.user.pk, pk__gt=entries).values_list("kind", flat=True)),
        sorted(
            (template, names.get(address, address))
            for template, address in Email.objects.filter(pk__gt=emails).values_list("template", "to_address")
        ),
    )


def so_far() -> tuple[int, int]:
    """Up to which numbers history and outbox go."""
    last = Entry.objects.order_by("-pk").first(), Email.objects.order_by("-pk").first()
    return (last[0].pk if last[0] else 0, last[1].pk if last[1] else 0)


def in_order(begin: Callable[[], World], first: Deed, second: Deed, *, swapped: bool = False) -> tuple[Any, ...]:
    """What comes of it one after the other; the answers in the order of the pair."""
    world = begin()
    before = so_far()
    calls = (first(world), second(world))
    answers = tuple(done(call) for call in (reversed(calls) if swapped else calls))
    return outcome(world, (answers[1], answers[0]) if swapped else (answers[0], answers[1]), before)


@cache
def both_orders(begin: Callable[[], World], first: Any, second: Any, at: datetime) -> list[tuple[Any, ...]]:
    """What comes of a pair in each order; played once, however many rounds are held against it."""
    deeds = first(at), second(at)
    return [in_order(begin, *deeds), in_order(begin, *deeds, swapped=True)]


@pytest.mark.parametrize(("begin", "first", "second", "at"), PAIRS)
def test_two_acts_at_once_come_out_as_in_one_of_their_two_orders(db, begin, first, second, at):
    orders = both_orders(begin, first, second, at)
    world = begin()
    before = so_far()

    answers = at_once(first(at)(world), second(at)(world))

    assert outcome(world, (answers[0], answers[1]), before) in orders
