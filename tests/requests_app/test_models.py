"""What the database itself refuses about requests, and how requests are found."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from kernel.period import HOUR
from requests_app.lifecycle import Status
from requests_app.models import Decision, RoleRequest
from requests_app.operations import approval
from tests import make
from tests.make import MICROSECOND, NINE

pytestmark = pytest.mark.postgres


@pytest.fixture
def role_request(user, approver):
    return make.role_request(by=user, approvers=(approver,))


def copy_of(role_request, **changes):
    columns = RoleRequest.objects.values().get(pk=role_request.pk)
    return RoleRequest(**{**columns, "id": None, "form_key": uuid4(), **changes})


def database_refuses(write, name):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        write()


def test_nobody_waits_twice_for_the_same_role_and_scope(role_request):
    columns = "one_pending_request_per_person_role_and_scope|user_id.*role_id.*scope_id"

    database_refuses(copy_of(role_request).save, columns)


def test_closed_requests_may_be_many(role_request):
    copy_of(role_request, status=Status.DENIED).save()
    copy_of(role_request, status=Status.DENIED).save()

    assert RoleRequest.objects.filter(status=Status.DENIED).count() == 2


def test_a_form_counts_once(role_request):
    again = copy_of(role_request, status=Status.DENIED, form_key=role_request.form_key)

    database_refuses(again.save, "form_key")


def test_granted_means_assigned(role_request):
    database_refuses(copy_of(role_request, status=Status.GRANTED).save, "granted_means_assigned")


@pytest.mark.parametrize("status", [Status.PENDING, Status.DENIED, Status.CANCELLED, Status.TIMED_OUT, Status.LAPSED])
def test_assigned_means_granted(status, user, stranger, approver):
    assignment = make.assignment(of=stranger)
    other = make.role(name="Exchange Administrator", approvers=(approver,))
    waiting = make.role_request(by=user, for_=make.eligibility(of=user, role=other))

    def assign_without_granting():
        RoleRequest.objects.filter(pk=waiting.pk).update(status=status, assignment=assignment)

    database_refuses(assign_without_granting, "granted_means_assigned")


def test_one_decision_for_each_request_and_approver_whatever_the_stage(role_request, approver, other_approver):
    decision = approval.deny(make.act(by=approver), role_request, because="Not tonight")
    common = {"role_request": role_request, "stage": 2, "verdict": "approve", "decided_at": NINE}

    database_refuses(
        Decision(approver=approver, **common).save,
        "one_decision_per_request_and_approver|role_request_id.*approver_id",
    )

    Decision(approver=other_approver, **common).save()
    assert Decision.objects.count() == 2
    assert Decision.objects.first() == decision


@pytest.mark.parametrize(
    ("at", "is_undecided"),
    [
        (NINE, True),
        (NINE + 24 * HOUR - MICROSECOND, True),
        (NINE + 24 * HOUR, False),
        (NINE + 25 * HOUR, False),
    ],
)
def test_a_pending_request_is_either_undecided_or_overdue(at, is_undecided, role_request):
    assert RoleRequest.objects.undecided(at).exists() == is_undecided
    assert RoleRequest.objects.overdue(at).exists() != is_undecided


def test_a_closed_request_is_neither_undecided_nor_overdue(role_request, approver):
    approval.deny(make.act(by=approver), role_request, because="Not tonight")

    assert not RoleRequest.objects.undecided(NINE).exists()
    assert not RoleRequest.objects.overdue(NINE + 25 * HOUR).exists()
