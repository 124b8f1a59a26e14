"""What django-q2 calls about requests."""

from kernel.period import HOUR
from requests_app import tasks
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from tests import make, seen
from tests.make import NINE


def test_the_task_times_a_request_out_by_the_clock(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    with make.clock_at(NINE + 25 * HOUR):
        tasks.time_out([role_request.pk])

    assert RoleRequest.objects.get().status == Status.TIMED_OUT
    (entry,) = seen.entries(at=NINE + 25 * HOUR)
    assert (entry.actor_id, entry.actor_name) == (None, "The portal")


def test_what_ran_out_of_time_is_enqueued(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    with make.clock_at(NINE + 23 * HOUR):
        tasks.enqueue_due()
    assert seen.queued("requests_app.tasks.time_out") == []

    with make.clock_at(NINE + 24 * HOUR):
        tasks.enqueue_due()
    assert seen.queued("requests_app.tasks.time_out") == [[role_request.pk]]
