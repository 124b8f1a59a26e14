"""Ends that time brought, many in one transaction."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import Entry
from kernel.period import HOUR, MINUTE
from notifications.models import Email
from roles.models import Assignment, Eligibility
from roles.operations import activation, departures, endings
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.django_db

END = NINE + HOUR


def of_each_kind(user: User) -> tuple[list[int], list[int]]:
    """Two assignments and an activation, and two eligibilities, that end together; one of a group."""
    team = make.group(members=(user, make.user(email="second@example.com")))
    role = make.role(name="Exchange Administrator")
    made = [make.assignment(of=holder, role=role, end_at=END) for holder in (user, team)]
    activated = make.activation(by=user, of=make.eligibility(of=user))
    eligible = [make.eligibility(of=holder, role=role, end_at=END) for holder in (user, team)]
    return [one.pk for one in (*made, activated)], [one.pk for one in eligible]


def told() -> list[Any]:
    """What the history and the emails say of these ends, whoever told them."""
    entries = Entry.objects.filter(at=END).order_by("kind", "person_name", "digest")
    emails = Email.objects.filter(promised_at=END).order_by("key")
    return [
        *entries.values("kind", "person_id", "role_name", "scope_name", "request_id", "because", "facts", "digest"),
        *emails.values("key", "template", "to_address", "facts", "path", "why"),
    ]


def test_many_are_told_as_each_is_told_alone(user):
    assignments, eligibilities = of_each_kind(user)
    alone = transaction.atomic()
    with alone:
        for pk in assignments:
            activation.tell_assignment_end(make.act(at=END), pk)
        for pk in eligibilities:
            activation.tell_eligibility_end(make.act(at=END), pk)
        one_by_one = told()
        transaction.set_rollback(True)

    assert endings.tell_assignments(make.act(at=END), assignments) == assignments
    assert endings.tell_eligibilities(make.act(at=END), eligibilities) == eligibilities

    assert told() == one_by_one
    assert len(one_by_one) == 5 + 7


def test_what_is_told_is_not_told_again(user):
    assignments, _eligibilities = of_each_kind(user)
    endings.tell_assignments(make.act(at=END), assignments)

    assert endings.tell_assignments(make.act(at=END + MINUTE), assignments) == []

    assert (seen.events(at=END + MINUTE), seen.emails(at=END + MINUTE)) == ([], [])


def test_what_is_not_over_is_left(user):
    assignments, eligibilities = of_each_kind(user)
    just_before = make.act(at=END - make.MICROSECOND)

    assert endings.tell_assignments(just_before, assignments) == []
    assert endings.tell_eligibilities(just_before, eligibilities) == []

    assert not Assignment.objects.exclude(end_told_at=None).exists()
    assert not Eligibility.objects.exclude(end_told_at=None).exists()


def test_who_is_disabled_is_not_written_to(user, admin):
    ending = make.assignment(of=user, end_at=END)
    departures.disable(make.act(by=admin), user)

    endings.tell_assignments(make.act(at=END), [ending.pk])

    assert seen.events(at=END) == ["assignment.ended"]
    assert seen.emails(at=END) == [("ended", admin.email)]


def test_thirty_ends_cost_as_many_queries_as_three(user):
    role = make.role(name="Exchange Administrator")
    ending = [make.assignment(of=make.user(), role=role, end_at=END).pk for _ in range(33)]

    def cost(pks: list[int]) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(endings.tell_assignments(make.act(at=END), pks)) == len(pks)
        return len(captured)

    assert (cost(ending[:3]), cost(ending[3:])) == (9, 9)
