"""Two workers, and others, at the same ends."""

import threading
from functools import partial

from django.db import connection, transaction

from kernel.period import HOUR
from requests_app.operations import starting
from roles import tasks
from roles.models import Assignment, RolePolicy
from roles.operations import activation, endings
from tests import make, seen
from tests.make import EASY, NINE
from tests.races.together import at_once

END = NINE + HOUR


def five_that_end() -> list[int]:
    """Five people are active until ten."""
    role = make.role(name="Exchange Administrator")
    return [make.assignment(of=make.user(), role=role, end_at=END).pk for _ in range(5)]


def test_four_workers_at_the_same_ends_tell_each_once(user):
    ending = five_that_end()
    backwards = list(reversed(ending))

    told = at_once(*[partial(endings.tell_assignments, make.act(at=END), each) for each in (ending, backwards) * 2])

    assert sorted(pk for each in told for pk in each) == ending
    assert (len(seen.events(at=END)), len(seen.emails(at=END))) == (5, 5)


def test_four_workers_at_the_same_starts_tell_each_once(user):
    role = make.role(terms=EASY)
    people = [make.user() for _ in range(5)]
    planned = [
        make.activation(by=one, of=make.eligibility(of=one, role=role), start_at=NINE + HOUR).pk for one in people
    ]

    def one_by_one():
        for pk in planned:
            starting.start(make.act(at=END), pk)

    at_once(*[partial(starting.start_many, make.act(at=END), planned)] * 2, one_by_one)

    assert seen.events(at=END) == ["role.activation_started"] * 5


def test_two_hundreds_of_one_role_begin_side_by_side(user):
    role, people = make.role(terms=EASY), [make.user() for _ in range(4)]
    planned = [
        make.activation(by=one, of=make.eligibility(of=one, role=role), start_at=NINE + HOUR).pk for one in people
    ]
    begun, done = threading.Event(), threading.Event()

    def first():
        with transaction.atomic():
            told = starting.start_many(make.act(at=END), planned[:2])
            begun.set()
            done.wait(10)
        return told

    def second():
        begun.wait(10)
        told = starting.start_many(make.act(at=END), planned[2:])
        done.set()
        return told

    if connection.vendor == "postgresql":  # SQLite has one writer at a time.
        assert at_once(first, second) == [planned[:2], planned[2:]]


def test_settings_that_are_being_changed_hold_up_nothing_and_are_asked_for_again(user):
    role = make.role(terms=EASY)
    planned = make.activation(by=user, of=make.eligibility(of=user, role=role), start_at=NINE + HOUR).pk
    locked, done = threading.Event(), threading.Event()

    def change():
        with transaction.atomic():
            RolePolicy.objects.select_for_update().get(role=role)
            locked.set()
            done.wait(10)

    def begin():
        locked.wait(10)
        told = starting.start_many(make.act(at=END), [planned])
        done.set()
        return told

    if connection.vendor == "postgresql":  # SQLite has one writer at a time.
        assert at_once(change, begin) == [None, []]
    assert starting.start_many(make.act(at=END), [planned]) == [planned]


def test_what_somebody_else_is_at_holds_up_nothing_and_is_told_later(user):
    ending = five_that_end()
    locked, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Assignment.objects.select_for_update().get(pk=ending[2])
            locked.set()
            done.wait(10)

    def tell():
        locked.wait(10)
        told = endings.tell_assignments(make.act(at=END), ending)
        done.set()
        return told

    if connection.vendor == "postgresql":  # SQLite has one writer at a time: there is nobody to hold anything.
        _held, told = at_once(hold, tell)
        assert told == [pk for pk in ending if pk != ending[2]]

    with make.clock_at(END):
        tasks.tell_assignment_end(ending)
    assert seen.events(at=END) == ["assignment.ended"] * 5


def test_an_end_told_one_by_one_and_with_others_is_told_once(user):
    ending = five_that_end()

    at_once(
        partial(endings.tell_assignments, make.act(at=END), ending),
        *[partial(activation.tell_assignment_end, make.act(at=END), pk) for pk in ending[:2]],
    )

    with make.clock_at(END):
        tasks.tell_assignment_end(ending)
    assert (len(seen.events(at=END)), len(seen.emails(at=END))) == (5, 5)
