"""What the worker asks about requests."""

from dataclasses import replace

from kernel.period import DAY, HOUR, MINUTE
from requests_app.models import RoleRequest
from requests_app.operations import activation
from requests_app.queries import due
from roles.operations import grants
from roles.terms import DEFAULTS, ActivationTerms
from tests import make
from tests.make import MICROSECOND, NINE

TASKS = ("time_out", "remind", "escalate", "lapse", "hand_over", "start", "check", "time_out_renewal", "lapse_renewal")
NOTHING: dict[str, list[int]] = {task: [] for task in TASKS}


def test_the_worker_finds_what_ran_out_of_time_earliest_first(user, stranger, approver):
    role = make.role(approvers=(approver,))
    second = make.role_request(by=user, for_=make.eligibility(of=user, role=role), at=NINE + MINUTE)
    first = make.role_request(by=stranger, for_=make.eligibility(of=stranger, role=role))

    assert due.due(NINE + 24 * HOUR)["time_out"] == [first.pk]
    assert due.due(NINE + 25 * HOUR)["time_out"] == [first.pk, second.pk]


def test_at_half_time_approvers_are_reminded_unless_the_settings_say_no(user, approver):
    role = make.role(approvers=(approver,))
    asked = make.role_request(by=user, for_=make.eligibility(of=user, role=role))

    assert due.due(NINE + 12 * HOUR - MICROSECOND) == NOTHING
    assert due.due(NINE + 12 * HOUR) == {**NOTHING, "remind": [asked.pk]}

    quiet = replace(make.stages(make.stage(approver)), reminds_at_half_time=False)
    wanted = replace(DEFAULTS, activation=ActivationTerms(needs_approval=True), approval=quiet)
    make.change_settings(of=role, to=wanted)
    assert due.due(NINE + 12 * HOUR) == NOTHING


def test_what_waits_too_long_is_escalated_once(user, approver, other_approver):
    asked = make.role_request(by=user, approval=make.stages(make.stage(approver), escalation=(other_approver,)))

    assert due.due(NINE + HOUR - MICROSECOND) == NOTHING
    assert due.due(NINE + HOUR) == {**NOTHING, "escalate": [asked.pk]}
    RoleRequest.objects.update(escalated_at=NINE + HOUR)
    assert due.due(NINE + HOUR) == NOTHING


def test_what_is_no_longer_possible_is_found_until_it_ran_out_of_time(user, approver):
    asked = make.role_request(by=user, approvers=(approver,))
    assert due.lapsed(NINE) == []

    grants.remove_eligibility(make.act(), asked.eligibility, because="New job")

    assert due.lapsed(NINE) == due.due(NINE)["lapse"] == [asked.pk]
    assert due.lapsed(NINE + 24 * HOUR) == []


def test_the_worker_knows_when_the_next_request_is_due(user, approver, other_approver):
    make.role_request(by=user, approval=make.stages(make.stage(approver), escalation=(other_approver,)))

    assert due.next_due(NINE) == NINE + HOUR
    assert due.next_due(NINE + HOUR) == NINE + 12 * HOUR
    assert due.next_due(NINE + 12 * HOUR) == NINE + 24 * HOUR
    assert due.next_due(NINE + 24 * HOUR) is None


def test_nothing_is_due_for_what_is_closed(user, approver):
    activation.cancel(make.act(by=user), make.role_request(by=user, approvers=(approver,)))

    assert due.next_due(NINE) is None
    assert due.due(NINE + 25 * HOUR) == NOTHING


def test_renewals_that_ran_out_of_time_or_lapsed_are_found_once(user, admin):
    held = make.eligibility(of=user, end_at=NINE + DAY)
    asked = make.renewal(of=held, by=user)
    until = NINE + 31 * DAY

    assert due.next_due(NINE) == until
    assert due.due(until - MICROSECOND) == NOTHING
    grants.remove_eligibility(make.act(), held, because="New job")
    assert due.due(until - MICROSECOND) == {**NOTHING, "lapse_renewal": [asked.pk]}
    assert due.due(until) == {**NOTHING, "time_out_renewal": [asked.pk]}


def test_nobody_is_reminded_of_what_nobody_has_to_decide(user):
    make.role_request(by=user)

    assert RoleRequest.objects.get().remind_at is None
