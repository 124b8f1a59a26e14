"""What django-q2 calls about requests."""

from kernel.period import HOUR
from requests_app import tasks
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from roles.operations import grants
from tests import make, seen
from tests.make import MICROSECOND, NINE


def test_the_task_times_a_request_out_by_the_clock(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    with make.clock_at(NINE + 25 * HOUR):
        tasks.time_out([role_request.pk])

    assert RoleRequest.objects.get().status == Status.TIMED_OUT
    (entry,) = seen.entries(at=NINE + 25 * HOUR)
    assert (entry.actor_id, entry.actor_name) == (None, "The portal")


def test_reminders_escalations_and_lapses_are_done_by_the_clock(user, stranger, approver, other_approver):
    role = make.role(approval=make.stages(make.stage(approver), escalation=(other_approver,)))
    waits, gone = (make.role_request(by=one, for_=make.eligibility(of=one, role=role)) for one in (user, stranger))
    grants.remove_eligibility(make.act(), gone.eligibility, because="New job")

    with make.clock_at(NINE + 13 * HOUR):
        tasks.escalate([waits.pk])
        tasks.remind([waits.pk])
        tasks.lapse([gone.pk])

    assert seen.events(at=NINE + 13 * HOUR) == ["request.escalated", "request.reminded", "request.lapsed"]


def test_what_became_due_is_enqueued(user, approver, other_approver):
    role = make.role(approval=make.stages(make.stage(approver), escalation=(other_approver,)))
    role_request = make.role_request(by=user, for_=make.eligibility(of=user, role=role))

    for task, hours in (("escalate", 1), ("remind", 12), ("time_out", 24)):
        with make.clock_at(NINE + hours * HOUR - MICROSECOND):
            tasks.enqueue_due()
        assert seen.queued(f"requests_app.tasks.{task}") == []
        with make.clock_at(NINE + hours * HOUR):
            tasks.enqueue_due()
        assert seen.queued(f"requests_app.tasks.{task}") == [[role_request.pk]]


def test_what_is_no_longer_possible_is_enqueued(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    with make.clock_at(NINE):
        tasks.enqueue_lapsed()
    assert seen.queued("requests_app.tasks.lapse") == []

    grants.remove_eligibility(make.act(), role_request.eligibility, because="New job")
    with make.clock_at(NINE):
        tasks.enqueue_lapsed()

    assert seen.queued("requests_app.tasks.lapse") == [[role_request.pk]]
