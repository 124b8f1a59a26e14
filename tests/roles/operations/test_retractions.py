"""What a clock that was ahead told too early: taken back, and told again at its time."""

import pytest

from kernel.period import DAY, HOUR, MINUTE, SECOND
from notifications.models import Email
from requests_app.operations import starting
from roles.models import Assignment, Eligibility
from roles.operations import activation, grants, retractions
from roles.queries.access import access
from roles.queries.due import due
from roles.queries.early import told_too_early
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.postgres

END = NINE + HOUR
WRONG = NINE + DAY
"""What the clock showed while it was ahead."""
RIGHT = NINE + 5 * MINUTE
"""What it showed when it had been put right."""
NOTHING: dict[str, list[int]] = {"take_back_assignment": [], "take_back_eligibility": []}


def take_back(at=RIGHT):
    """What the worker does when its clock was put right; which grants it was about."""
    found = told_too_early(at)
    for pk in found["take_back_assignment"]:
        retractions.take_back_assignment(make.act(at=at), pk)
    for pk in found["take_back_eligibility"]:
        retractions.take_back_eligibility(make.act(at=at), pk)
    return found


def test_an_end_told_too_early_is_told_again_at_its_time(user):
    active = make.activation(by=user)
    activation.tell_assignment_end(make.act(at=WRONG), active.pk)
    Email.objects.filter(promised_at=WRONG).update(sent_at=WRONG)
    assert access(user, active.role, at=RIGHT) is not None

    assert take_back() == {**NOTHING, "take_back_assignment": [active.pk]}
    activation.tell_assignment_end(make.act(at=END), active.pk)

    (entry,) = seen.entries(at=RIGHT)
    assert (entry.kind, entry.because) == ("clock.put_right", "the clock was ahead")
    assert entry.facts == {"start_at": None, "end_at": "2026-11-23T10:00:00Z"}
    assert (entry.person_id, entry.role_id, entry.request_id) == (user.pk, active.role_id, active.request_number)
    assert seen.events(at=END) == ["role.activation_ended"]
    assert seen.emails(at=END) == [("your_role_ended", user.email)] == seen.emails(at=WRONG)
    assert (take_back(END), seen.emails(at=RIGHT)) == (NOTHING, [])


def test_ends_of_what_was_assigned_and_of_eligibilities_as_well(user, admin):
    role = make.role(name="Exchange Administrator")
    assigned = make.assignment(of=user, role=role, end_at=END)
    eligible = make.eligibility(of=user, role=role, end_at=END)
    activation.tell_assignment_end(make.act(at=WRONG), assigned.pk)
    activation.tell_eligibility_end(make.act(at=WRONG), eligible.pk)

    assert take_back() == {"take_back_assignment": [assigned.pk], "take_back_eligibility": [eligible.pk]}

    assert seen.events(at=RIGHT) == ["clock.put_right", "clock.put_right"]
    assert due(END)["tell_assignment_end"] == [assigned.pk]
    assert due(END)["tell_eligibility_end"] == [eligible.pk]


def test_a_start_told_too_early_is_checked_and_told_again_at_its_time(user):
    eligibility = make.eligibility(of=user)
    planned = make.activation(by=user, of=eligibility, start_at=END, duration=2 * HOUR)
    starting.start(make.act(at=END + MINUTE), planned.pk)

    assert take_back() == {**NOTHING, "take_back_assignment": [planned.pk]}
    starting.start(make.act(at=END), planned.pk)

    (entry,) = seen.entries(at=RIGHT)
    assert entry.facts == {"start_at": "2026-11-23T10:00:00Z", "end_at": None}
    assert seen.events(at=END) == ["role.activation_started"]
    assert seen.emails(at=END) == [("your_role_is_active", user.email)]


def test_what_may_not_start_at_its_time_does_not_though_a_wrong_clock_had_let_it(user):
    eligibility = make.eligibility(of=user)
    planned = make.activation(by=user, of=eligibility, start_at=END, duration=2 * HOUR)
    starting.start(make.act(at=END + MINUTE), planned.pk)
    take_back()
    Eligibility.objects.filter(pk=eligibility.pk).update(end_at=END - MINUTE)

    starting.start(make.act(at=END), planned.pk)

    assert seen.events(at=END) == ["role.activation_called_off"]


def test_emails_that_have_not_left_are_withdrawn_and_no_others(user, admin):
    active = make.activation(by=user)
    eligible = make.eligibility(of=user, role=make.role(name="Exchange Administrator"), end_at=END)
    other = make.user(email="other@example.com")
    planned = make.activation(by=other, of=make.eligibility(of=other, role=active.role), start_at=END, duration=DAY / 4)
    activation.tell_assignment_end(make.act(at=WRONG), active.pk)
    activation.tell_eligibility_end(make.act(at=WRONG), eligible.pk)
    starting.start(make.act(at=END + MINUTE), planned.pk)
    too_early = Email.objects.filter(promised_at__gt=RIGHT)
    promised = set(too_early.values_list("template", "to_address"))

    take_back()

    assert promised == {
        ("your_role_ended", user.email), ("ended", admin.email),
        ("your_role_is_active", other.email), ("role_activated", admin.email),
    }  # fmt: skip
    assert set(too_early.values_list("gave_up_at", "last_error")) == {
        (RIGHT, "Withdrawn: a clock that was ahead told it too early.")
    }
    assert not Email.objects.filter(promised_at__lte=RIGHT).exclude(gave_up_at=None).exists()


def test_a_holder_warned_too_early_is_warned_again_at_its_time(user):
    active = make.activation(by=user, duration=3 * HOUR)
    eligible = make.eligibility(of=user, role=make.role(name="Exchange Administrator"), end_at=NINE + 20 * DAY)
    activation.warn(make.act(at=NINE + 3 * HOUR - MINUTE), active.pk)
    Eligibility.objects.filter(pk=eligible.pk).update(warned_at=NINE + 19 * DAY)

    assert take_back() == {"take_back_assignment": [active.pk], "take_back_eligibility": [eligible.pk]}
    activation.warn(make.act(at=NINE + 3 * HOUR - 2 * MINUTE), active.pk)

    assert seen.events(at=RIGHT) == []
    assert seen.emails(at=NINE + 3 * HOUR - 2 * MINUTE) == [("your_role_ends_soon", user.email)]
    assert due(NINE + 7 * DAY)["remind_eligibility"] == [eligible.pk]


@pytest.mark.parametrize(("too_early", "is_taken_back"), [(2 * SECOND, False), (2 * SECOND + make.MICROSECOND, True)])
def test_what_was_told_two_seconds_too_early_stays_told(user, too_early, is_taken_back):
    active = make.activation(by=user)
    activation.tell_assignment_end(make.act(at=END), active.pk)

    take_back(END - too_early)

    assert (Assignment.objects.get(pk=active.pk).end_told_at is None) is is_taken_back


def test_what_somebody_ended_stays_ended(user, admin):
    removed = make.assignment(of=user, role=make.role(name="Exchange Administrator"))
    grants.remove_assignment(make.act(by=admin, at=WRONG), removed, because="New job")
    given_up = make.activation(by=user)
    activation.deactivate(make.act(by=user, at=END - MINUTE), given_up)

    assert take_back() == NOTHING
    retractions.take_back_assignment(make.act(at=RIGHT), removed.pk)

    assert seen.events(at=RIGHT) == []


def test_what_was_told_in_time_and_what_was_assigned_for_later_is_left_alone(user):
    make.assignment(of=user, start_at=NINE + 3 * HOUR, role=make.role(name="Exchange Administrator"))
    ended = make.activation(by=user)
    activation.tell_assignment_end(make.act(at=END), ended.pk)

    assert take_back(END) == NOTHING


def test_two_workers_take_it_back_once(user):
    active = make.activation(by=user)
    activation.tell_assignment_end(make.act(at=WRONG), active.pk)

    for _ in range(2):
        retractions.take_back_assignment(make.act(at=RIGHT), active.pk)

    assert seen.events(at=RIGHT) == ["clock.put_right"]
