"""Activations: ended by their holder, or by time, and what is told of it."""

from dataclasses import replace

import pytest

from accounts.operations import groups, people
from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refused
from notifications.models import Email
from roles.models import Assignment
from roles.operations import activation, grants
from roles.queries.access import access
from roles.queries.due import due, next_due
from tests import make, seen
from tests.make import MICROSECOND, NINE

pytestmark = pytest.mark.postgres

LATER = NINE + 10 * MINUTE
WHY_LAPSED = "what it stood on has ended: the eligibility, the membership in a group, or the account"

# --- deactivated


def test_who_activated_a_role_can_deactivate_it(user):
    active = make.activation(by=user)

    activation.deactivate(make.act(by=user, at=LATER), active)

    active.refresh_from_db()
    assert (active.end_at, active.end_told_at) == (LATER, LATER)
    assert access(user, active.role, at=LATER) is None
    (entry,) = seen.entries(at=LATER)
    assert (entry.kind, entry.facts) == ("role.deactivated", {"old_end_at": "2026-11-23T10:00:00Z"})
    assert (entry.person_id, entry.request_id) == (user.pk, active.request_number)
    assert seen.emails(at=LATER) == [("your_role_ended", user.email)]


def test_one_that_has_not_begun_is_called_off(user):
    scheduled = make.activation(by=user, start_at=NINE + HOUR)

    activation.deactivate(make.act(by=user, at=NINE + MINUTE), scheduled)

    scheduled.refresh_from_db()
    assert (scheduled.start_at, scheduled.end_at) == (NINE + HOUR, NINE + HOUR)
    assert access(user, scheduled.role, at=NINE + HOUR) is None


def not_deactivated(act, assignment):
    """Why this cannot be deactivated; it has to be as it was."""
    before = Assignment.objects.values().get(pk=assignment.pk)
    with pytest.raises(Refused) as caught:
        activation.deactivate(act, assignment)
    assert Assignment.objects.values().get(pk=assignment.pk) == before
    assert (seen.events(at=act.at), seen.emails(at=act.at)) == ([], [])
    return caught.value.codes


@pytest.mark.parametrize("after", [MICROSECOND, MINUTE, 5 * MINUTE - MICROSECOND])
def test_in_its_first_five_minutes_a_role_stays(after, user):
    active = make.activation(by=user)

    assert not_deactivated(make.act(by=user, at=NINE + after), active) == ("too_early",)


def test_after_five_minutes_a_role_can_be_deactivated(user):
    active = make.activation(by=user)

    activation.deactivate(make.act(by=user, at=NINE + 5 * MINUTE), active)

    assert Assignment.objects.get().end_at == NINE + 5 * MINUTE


def test_nobody_deactivates_for_somebody_else(user, admin):
    assert not_deactivated(make.act(by=admin, at=LATER), make.activation(by=user)) == ("not_yours",)


def test_what_was_assigned_cannot_be_deactivated(user):
    assert not_deactivated(make.act(by=user), make.assignment(of=user)) == ("not_yours",)


@pytest.mark.parametrize("at", [NINE + HOUR, NINE + DAY])
def test_what_is_over_cannot_be_deactivated(at, user):
    assert not_deactivated(make.act(by=user, at=at), make.activation(by=user)) == ("over",)


def test_what_was_deactivated_cannot_be_deactivated_again(user):
    active = make.activation(by=user)
    activation.deactivate(make.act(by=user, at=LATER), Assignment.objects.get())

    assert not_deactivated(make.act(by=user, at=LATER + MINUTE), active) == ("over",)


def test_what_was_called_off_cannot_be_called_off_again(user):
    scheduled = make.activation(by=user, start_at=NINE + HOUR)
    activation.deactivate(make.act(by=user, at=NINE + MINUTE), scheduled)

    assert not_deactivated(make.act(by=user, at=NINE + 2 * MINUTE), scheduled) == ("over",)


# --- a scheduled start


def test_a_scheduled_start_is_told_when_it_comes(user, admin):
    scheduled = make.activation(by=user, start_at=NINE + HOUR)
    start = NINE + HOUR

    activation.tell_start(make.act(at=start), scheduled.pk)

    (entry,) = seen.entries(at=start)
    assert (entry.kind, entry.facts) == ("role.activation_started", {"end_at": "2026-11-23T11:00:00Z"})
    assert (entry.actor_name, entry.person_id) == ("The portal", user.pk)
    assert seen.emails(at=start) == [("role_activated", admin.email), ("your_role_is_active", user.email)]


def test_before_its_time_no_start_is_told(user):
    scheduled = make.activation(by=user, start_at=NINE + HOUR)
    early = NINE + HOUR - MICROSECOND

    activation.tell_start(make.act(at=early), scheduled.pk)

    scheduled.refresh_from_db()
    assert (seen.events(at=early), scheduled.start_told_at) == ([], None)


def test_a_start_is_told_once(user):
    scheduled = make.activation(by=user, start_at=NINE + HOUR)
    activation.tell_start(make.act(at=NINE + HOUR), scheduled.pk)

    activation.tell_start(make.act(at=NINE + HOUR + MINUTE), scheduled.pk)

    assert (seen.events(at=NINE + HOUR + MINUTE), seen.emails(at=NINE + HOUR + MINUTE)) == ([], [])


def test_what_began_at_once_was_told_at_once(user):
    active = make.activation(by=user)

    activation.tell_start(make.act(at=NINE + MINUTE), active.pk)

    assert seen.events(at=NINE + MINUTE) == []


def test_the_start_of_what_was_called_off_is_not_told(user):
    scheduled = make.activation(by=user, start_at=NINE + HOUR)
    activation.deactivate(make.act(by=user), scheduled)

    activation.tell_start(make.act(at=NINE + HOUR), scheduled.pk)

    assert (seen.events(at=NINE + HOUR), seen.emails(at=NINE + HOUR)) == ([], [])


def test_a_scheduled_activation_is_checked_once_more_when_it_starts(user):
    team = make.group(members=(user,))
    scheduled = make.activation(by=user, of=make.eligibility(of=team), start_at=NINE + HOUR)
    groups.remove(make.act(at=NINE + MINUTE), team, user)
    start = NINE + HOUR

    activation.tell_start(make.act(at=start), scheduled.pk)

    scheduled.refresh_from_db()
    assert (scheduled.end_at, scheduled.end_told_at) == (start, start)
    (entry,) = seen.entries(at=start)
    assert (entry.kind, entry.because) == ("role.activation_called_off", WHY_LAPSED)
    assert seen.emails(at=start) == [("your_role_did_not_start", user.email)]


def test_a_start_told_late_says_nothing_of_a_role_that_is_over(user):
    scheduled = make.activation(by=user, start_at=NINE + HOUR)
    much_later = NINE + DAY

    activation.tell_start(make.act(at=much_later), scheduled.pk)

    assert ("your_role_is_active", user.email) not in seen.emails(at=much_later)


# --- lapsed


def test_an_activation_lapses_with_the_membership_it_came_from(user):
    team = make.group(members=(user,))
    active = make.activation(by=user, of=make.eligibility(of=team))
    groups.remove(make.act(at=NINE + MINUTE), team, user)

    activation.end_lapsed(make.act(at=LATER), active.pk)

    active.refresh_from_db()
    assert (active.end_at, active.end_told_at) == (LATER, LATER)
    (entry,) = seen.entries(at=LATER)
    assert (entry.kind, entry.because) == ("role.activation_ended", WHY_LAPSED)
    assert entry.facts == {"ended_at": "2026-11-23T09:10:00Z"}
    assert seen.emails(at=LATER) == [("your_role_ended", user.email)]


def test_a_lapse_is_told_once(user):
    team = make.group(members=(user,))
    active = make.activation(by=user, of=make.eligibility(of=team))
    groups.remove(make.act(at=NINE + MINUTE), team, user)
    activation.end_lapsed(make.act(at=LATER), active.pk)

    activation.end_lapsed(make.act(at=LATER + MINUTE), active.pk)

    active.refresh_from_db()
    assert (active.end_at, seen.events(at=LATER + MINUTE)) == (LATER, [])


def test_what_still_stands_does_not_lapse(user):
    active = make.activation(by=user)

    activation.end_lapsed(make.act(at=LATER), active.pk)

    active.refresh_from_db()
    assert (active.end_at, active.end_told_at, seen.events(at=LATER)) == (NINE + HOUR, None, [])


def test_what_ended_by_the_clock_is_never_prolonged_by_telling_that_it_lapsed(user):
    """The task was enqueued in time, and ran late."""
    team = make.group(members=(user,))
    active = make.activation(by=user, of=make.eligibility(of=team))
    groups.remove(make.act(at=NINE + MINUTE), team, user)

    activation.end_lapsed(make.act(at=NINE + DAY), active.pk)

    active.refresh_from_db()
    assert active.end_at == NINE + HOUR


def test_what_ended_in_its_time_did_not_lapse(user):
    active = make.activation(by=user)

    activation.end_lapsed(make.act(at=NINE + DAY), active.pk)
    activation.tell_assignment_end(make.act(at=NINE + DAY), active.pk)

    active.refresh_from_db()
    assert active.end_at == NINE + HOUR
    (entry,) = seen.entries(at=NINE + DAY)
    assert (entry.kind, entry.because) == ("role.activation_ended", "")


# --- the end of an assignment


@pytest.mark.parametrize(
    ("give", "kind"),
    [
        (lambda user: make.activation(by=user), "role.activation_ended"),
        (lambda user: make.assignment(of=user, end_at=NINE + HOUR), "assignment.ended"),
    ],
)
def test_the_end_is_told_to_the_person(give, kind, user):
    assignment = give(user)
    late = NINE + HOUR + MINUTE

    activation.tell_assignment_end(make.act(at=late), assignment.pk)

    (entry,) = seen.entries(at=late)
    assert (entry.kind, entry.facts) == (kind, {"ended_at": "2026-11-23T10:00:00Z"})
    assert (entry.person_id, entry.actor_name) == (user.pk, "The portal")
    assert seen.emails(at=late) == [("your_role_ended", user.email)]
    facts = Email.objects.get(template="your_role_ended").facts
    assert (facts["kind"], facts["because"], facts["end_at"]) == ("active", "its time is over", "2026-11-23T10:00:00Z")


def test_an_end_is_told_once(user):
    active = make.activation(by=user)
    activation.tell_assignment_end(make.act(at=NINE + HOUR), active.pk)

    activation.tell_assignment_end(make.act(at=NINE + 2 * HOUR), active.pk)

    assert (seen.events(at=NINE + 2 * HOUR), seen.emails(at=NINE + 2 * HOUR)) == ([], [])


@pytest.mark.parametrize("at", [NINE, NINE + HOUR - MICROSECOND])
def test_before_its_time_no_end_is_told(at, user):
    active = make.activation(by=user, at=NINE - MICROSECOND, start_at=NINE)

    activation.tell_assignment_end(make.act(at=at), active.pk)

    assert (seen.events(at=at), Assignment.objects.get().end_told_at) == ([], None)


@pytest.mark.parametrize(
    "end",
    [
        lambda user, active: activation.deactivate(make.act(by=user, at=LATER), active),
        lambda user, active: grants.remove_assignment(make.act(at=LATER), active, because="Incident closed"),
        lambda user, active: grants.remove_eligibility(
            make.act(at=LATER), active.activated_from, because="Incident closed"
        ),
    ],
)
def test_what_was_ended_early_is_not_told_to_have_ended_again(end, user):
    active = make.activation(by=user)
    end(user, active)

    activation.tell_assignment_end(make.act(at=NINE + HOUR), active.pk)

    assert seen.events(at=NINE + HOUR) == []


def test_a_permanent_assignment_has_no_end_to_tell(user):
    assignment = make.assignment(of=user, end_at=None)

    activation.tell_assignment_end(make.act(at=NINE + 3650 * DAY), assignment.pk)

    assert seen.events(at=NINE + 3650 * DAY) == []


def test_the_end_of_a_groups_assignment_is_told_to_each_enabled_member(user, stranger):
    gone = make.user()
    assignment = make.assignment(of=make.group(members=(user, stranger, gone)), end_at=NINE)
    people.disable(make.act(at=NINE - HOUR), gone)

    activation.tell_assignment_end(make.act(), assignment.pk)

    assert seen.emails() == [("your_role_ended", stranger.email), ("your_role_ended", user.email)]


# --- the end of an eligibility


def test_the_end_of_an_eligibility_is_told_to_the_person_once(user):
    eligibility = make.eligibility(of=user, end_at=NINE)
    activation.tell_eligibility_end(make.act(), eligibility.pk)
    activation.tell_eligibility_end(make.act(at=NINE + MINUTE), eligibility.pk)

    (entry,) = seen.entries()
    assert (entry.kind, entry.facts) == ("eligibility.ended", {"ended_at": "2026-11-23T09:00:00Z"})
    assert seen.emails() == [("your_role_ended", user.email)]
    assert Email.objects.get(promised_at=NINE).facts["kind"] == "eligible"
    assert (seen.events(at=NINE + MINUTE), seen.emails(at=NINE + MINUTE)) == ([], [])


def test_the_end_of_an_eligibility_is_not_told_before_its_time_nor_after_its_removal(user):
    eligibility = make.eligibility(of=user, end_at=NINE + HOUR)
    activation.tell_eligibility_end(make.act(at=NINE - MICROSECOND), eligibility.pk)
    grants.remove_eligibility(make.act(), eligibility, because="New job")
    activation.tell_eligibility_end(make.act(at=NINE + HOUR), eligibility.pk)

    assert (seen.events(at=NINE - MICROSECOND), seen.events(at=NINE + HOUR)) == ([], [])


def test_access_ends_by_the_clock_whether_anything_is_told_or_not(user):
    active = make.activation(by=user)

    assert access(user, active.role, at=NINE + HOUR - MICROSECOND).until == NINE + HOUR
    assert access(user, active.role, at=NINE + HOUR) is None
    assert seen.events(at=NINE + HOUR) == []


def test_a_scheduled_activation_is_called_off_and_told_when_its_eligibility_is_lost(user):
    team = make.group(members=(user,))
    ahead = make.activation(by=user, of=make.eligibility(of=team), start_at=NINE + 5 * HOUR)
    groups.remove(make.act(), team, user)

    activation.end_lapsed(make.act(at=LATER), ahead.pk)
    activation.end_lapsed(make.act(at=LATER + MINUTE), ahead.pk)

    ahead.refresh_from_db()
    assert (ahead.end_at, ahead.end_told_at) == (ahead.start_at, LATER)
    assert seen.events(at=LATER) == ["role.activation_called_off"]
    assert seen.emails(at=LATER) == [("your_role_did_not_start", user.email)]
    assert seen.events(at=LATER + MINUTE) == []


def test_a_scheduled_activation_that_still_stands_is_left_alone(user):
    ahead = make.activation(by=user, of=make.eligibility(of=user), start_at=NINE + 5 * HOUR)

    activation.end_lapsed(make.act(at=LATER), ahead.pk)

    ahead.refresh_from_db()
    assert (ahead.end_at, ahead.end_told_at, seen.events(at=LATER)) == (NINE + 6 * HOUR, None, [])


# --- warned before the end


def test_the_holder_is_warned_once_before_each_end(user):
    active = make.activation(by=user)
    warned_at, later = NINE + 45 * MINUTE, NINE + 50 * MINUTE

    activation.warn(make.act(at=warned_at - MINUTE), active.pk)
    activation.warn(make.act(at=warned_at), active.pk)
    activation.warn(make.act(at=later), active.pk)

    assert Email.objects.filter(template="your_role_ends_soon").count() == 1
    assert seen.emails(at=warned_at) == [("your_role_ends_soon", user.email)]
    Assignment.objects.update(end_at=NINE + 2 * HOUR)
    activation.warn(make.act(at=NINE + 110 * MINUTE), active.pk)
    assert seen.emails(at=NINE + 110 * MINUTE) == [("your_role_ends_soon", user.email)]


def test_nobody_is_warned_where_the_role_does_not_warn_or_the_activation_is_no_longer_than_that(user):
    silent = make.role(name="Teams Reader", terms=replace(make.EASY, warning=0 * MINUTE))
    make.activation(by=user, of=make.eligibility(of=user, role=silent))
    short = make.activation(by=user, of=make.eligibility(of=user), duration=15 * MINUTE)

    assert set(Assignment.objects.ending_soon(NINE + 10 * MINUTE)) == set()
    assert not Assignment.objects.with_warning().filter(pk__in=[short.pk]).exists()
    assert not Assignment.objects.ending_soon(NINE + 59 * MINUTE).exists()


def test_what_comes_next_is_the_warning_then_the_end(user):
    active = make.activation(by=user)
    type(active.activated_from).objects.update(end_at=None)

    assert next_due(NINE) == NINE + 45 * MINUTE
    assert due(NINE + 45 * MINUTE)["warn"] == [active.pk]
    assert next_due(NINE + 45 * MINUTE) == NINE + HOUR
