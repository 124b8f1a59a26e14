"""Changing what was assigned: its period, or eligible to active and back."""

from dataclasses import replace

import pytest

from accounts.operations import people
from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refused
from notifications.models import Email
from roles.models import Assignment, Eligibility
from roles.operations import amendments, grants
from roles.policy import GrantAsk
from roles.queries.access import access
from roles.terms import GrantTerms
from tests import make, seen
from tests.make import IN_30_DAYS, NINE, THE_DAY_BEFORE

pytestmark = pytest.mark.postgres

STRICT = GrantTerms(permanent_allowed=False, max_duration=30 * DAY)
IN_60_DAYS = NINE + 60 * DAY
LONGER = GrantAsk(THE_DAY_BEFORE, IN_60_DAYS, "Project Falcon takes longer")
BOTH = pytest.mark.parametrize("give", [make.eligibility, make.assignment])


def refused(change, act, grant, ask):
    """Why this cannot be changed so; it has to be as it was."""
    before = list(Eligibility.objects.values()), list(Assignment.objects.values())
    with pytest.raises(Refused) as caught:
        change(act, grant, ask)
    assert (list(Eligibility.objects.values()), list(Assignment.objects.values())) == before
    assert (seen.events(at=act.at), seen.emails(at=act.at)) == ([], [])
    return caught.value.codes


# --- another period


@BOTH
def test_an_assignment_gets_another_end(give, admin, user):
    grant = give(of=user)

    amendments.update(make.act(by=admin), grant, LONGER)

    grant.refresh_from_db()
    assert (grant.start_at, grant.end_at, grant.removed_at) == (THE_DAY_BEFORE, IN_60_DAYS, None)
    assert grant.justification == "Project Falcon takes longer"


def test_without_a_new_reason_the_old_one_stays(user):
    eligibility = make.eligibility(of=user)

    amendments.update(make.act(), eligibility, replace(LONGER, justification=""))

    eligibility.refresh_from_db()
    assert eligibility.justification == "Project Falcon"


@pytest.mark.parametrize(
    ("give", "kind"), [(make.eligibility, "eligibility.updated"), (make.assignment, "assignment.updated")]
)
def test_history_tells_the_old_and_the_new_period(give, kind, admin, user):
    amendments.update(make.act(by=admin), give(of=user), LONGER)

    (entry,) = seen.entries()
    assert (entry.kind, entry.actor_id, entry.person_id) == (kind, admin.pk, user.pk)
    assert (entry.because, entry.scope_name) == ("Project Falcon takes longer", "Directory")
    assert entry.facts == {
        "old_start_at": "2026-11-22T09:00:00Z",
        "old_end_at": "2026-12-23T09:00:00Z",
        "start_at": "2026-11-22T09:00:00Z",
        "end_at": "2027-01-22T09:00:00Z",
    }


@pytest.mark.parametrize(("give", "kind"), [(make.eligibility, "eligible"), (make.assignment, "active")])
def test_the_member_and_the_administrators_read_the_old_and_the_new_period(give, kind, admin, user):
    grant = give(of=user)

    amendments.update(make.act(by=admin), grant, LONGER)

    assert seen.emails() == [("changed", admin.email), ("changed_for_you", user.email)]
    theirs = Email.objects.get(template="changed")
    assert theirs.path == f"/assignments/{kind}/{grant.pk}/"
    assert theirs.facts == {
        "person_name": "John Doe",
        "role_name": "Teams Administrator",
        "scope_name": "Directory",
        "start_at": "2026-11-22T09:00:00Z",
        "end_at": "2027-01-22T09:00:00Z",
        "group_name": "",
        "verb": "updated",
        "old_start_at": "2026-11-22T09:00:00Z",
        "old_end_at": "2026-12-23T09:00:00Z",
        "kind": kind,
        "actor_name": "Ada Admin",
        "because": "Project Falcon takes longer",
    }


def test_two_changes_are_told_twice(user):
    eligibility = make.eligibility(of=user)

    amendments.update(make.act(), eligibility, LONGER)
    amendments.update(make.act(at=NINE + MINUTE), eligibility, replace(LONGER, end_at=None))

    assert Email.objects.filter(template="changed_for_you").count() == 2


@BOTH
def test_what_has_not_begun_gets_another_start(give, user):
    grant = give(of=user, start_at=NINE + DAY, at=THE_DAY_BEFORE)

    amendments.update(make.act(), grant, GrantAsk(NINE + 2 * DAY, IN_30_DAYS, "Later"))

    grant.refresh_from_db()
    assert (grant.start_at, grant.end_at) == (NINE + 2 * DAY, IN_30_DAYS)


@BOTH
def test_what_has_begun_keeps_its_start(give, user, admin):
    assert refused(amendments.update, make.act(by=admin), give(of=user), replace(LONGER, start_at=NINE)) == ("begun",)


@BOTH
def test_what_was_given_for_the_longest_time_can_be_extended_from_now_on(give, user):
    role = make.role(eligible=STRICT, active=STRICT)
    grant = give(of=user, role=role, end_at=THE_DAY_BEFORE + 30 * DAY)

    assert refused(amendments.update, make.act(), grant, LONGER) == ("too_long",)
    amendments.update(make.act(), grant, replace(LONGER, end_at=IN_30_DAYS))

    grant.refresh_from_db()
    assert grant.end_at == IN_30_DAYS


@BOTH
def test_permanent_is_refused_where_it_is_not_allowed(give, user):
    role = make.role(eligible=STRICT, active=STRICT)
    grant = give(of=user, role=role, end_at=NINE + DAY)

    assert refused(amendments.update, make.act(), grant, replace(LONGER, end_at=None)) == ("permanent",)


@BOTH
def test_it_cannot_end_within_five_minutes(give, user):
    early = replace(LONGER, end_at=NINE + 4 * MINUTE)

    assert refused(amendments.update, make.act(), give(of=user), early) == ("too_short",)


@BOTH
def test_the_same_period_is_no_change(give, user):
    same = replace(LONGER, end_at=IN_30_DAYS)

    assert refused(amendments.update, make.act(), give(of=user), same) == ("same",)


@BOTH
def test_what_is_over_is_not_changed(give, user):
    grant = give(of=user, end_at=NINE)

    assert refused(amendments.update, make.act(), grant, LONGER) == ("over",)
    assert refused(amendments.convert, make.act(), grant, LONGER) == ("over",)


def test_what_was_activated_is_not_changed(user):
    activation = make.activation(by=user, at=NINE - 10 * MINUTE)

    assert refused(amendments.update, make.act(), activation, LONGER) == ("activated",)
    assert refused(amendments.convert, make.act(), activation, LONGER) == ("activated",)


@BOTH
def test_only_who_holds_the_power_changes_assignments(give, user, auditor):
    grant = give(of=user)

    assert refused(amendments.update, make.act(by=auditor), grant, LONGER) == ("power",)
    assert refused(amendments.convert, make.act(by=auditor), grant, LONGER) == ("power",)


@BOTH
def test_nobody_disabled_gets_longer_but_shorter(give, user):
    grant = give(of=user)
    people.disable(make.act(at=THE_DAY_BEFORE), user)

    assert refused(amendments.update, make.act(), grant, LONGER) == ("disabled",)
    assert refused(amendments.update, make.act(), grant, replace(LONGER, end_at=None)) == ("disabled",)
    amendments.update(make.act(), grant, replace(LONGER, end_at=NINE + DAY))

    grant.refresh_from_db()
    assert grant.end_at == NINE + DAY


def test_where_an_assigner_has_to_say_why_a_change_needs_a_reason(user):
    grant = make.assignment(of=user)

    assert refused(amendments.update, make.act(), grant, replace(LONGER, justification="")) == ("justification",)


# --- shortened, and what was activated


def test_what_is_activated_ends_with_the_eligibility_at_the_latest(user):
    eligibility = make.eligibility(of=user)
    running = make.activation(by=user, of=eligibility, duration=4 * HOUR)
    inside = NINE + 2 * HOUR

    amendments.update(make.act(at=NINE + MINUTE), eligibility, GrantAsk(THE_DAY_BEFORE, inside, "New job"))

    running.refresh_from_db()
    assert (running.end_at, running.removed_at, running.end_told_at) == (inside, None, None)
    told = seen.entries(at=NINE + MINUTE)[1]
    assert (told.kind, told.because) == ("role.activation_shortened", "New job")
    assert told.facts == {"old_end_at": "2026-11-23T13:00:00Z", "end_at": "2026-11-23T11:00:00Z"}
    assert seen.emails(at=NINE + MINUTE) == [("changed_for_you", user.email)] * 2


def test_what_would_begin_after_the_new_end_is_called_off(user):
    eligibility = make.eligibility(of=user)
    scheduled = make.activation(by=user, of=eligibility, start_at=NINE + 5 * HOUR)

    amendments.update(make.act(at=NINE + MINUTE), eligibility, GrantAsk(THE_DAY_BEFORE, NINE + 5 * HOUR))

    scheduled.refresh_from_db()
    assert (scheduled.end_at, scheduled.removed_at) == (NINE + 5 * HOUR, NINE + MINUTE)
    assert seen.events(at=NINE + MINUTE) == ["eligibility.updated", "role.activation_revoked"]
    revoked = seen.entry("role.activation_revoked")
    assert revoked.because == "the eligibility now ends before it begins"


@pytest.mark.parametrize("end_at", [NINE + HOUR, IN_60_DAYS, None])
def test_what_ends_no_later_than_the_eligibility_stays_as_it_is(user, end_at):
    eligibility = make.eligibility(of=user)
    running = make.activation(by=user, of=eligibility)

    amendments.update(make.act(at=NINE + MINUTE), eligibility, GrantAsk(THE_DAY_BEFORE, end_at))

    running.refresh_from_db()
    assert running.end_at == NINE + HOUR
    assert seen.events(at=NINE + MINUTE) == ["eligibility.updated"]


# --- converted


EVERY_DAY = GrantAsk(NINE, IN_60_DAYS, "Needs it every day")


def test_an_eligibility_becomes_an_active_assignment(admin, user):
    eligibility = make.eligibility(of=user)

    made = amendments.convert(make.act(by=admin), eligibility, EVERY_DAY)

    eligibility.refresh_from_db()
    assert (eligibility.end_at, eligibility.removed_at, eligibility.end_told_at) == (NINE, NINE, NINE)
    assert eligibility.converted_to == made
    assert (made.role, made.scope, made.holder) == (eligibility.role, eligibility.scope, user)
    assert (made.start_at, made.end_at, made.justification) == (NINE, IN_60_DAYS, "Needs it every day")
    assert access(user, eligibility.role, at=NINE).until == IN_60_DAYS


def test_an_active_assignment_becomes_an_eligibility(admin, user):
    assignment = make.assignment(of=user)

    made = amendments.convert(make.act(by=admin), assignment, EVERY_DAY)

    assert access(user, assignment.role, at=NINE) is None
    assert list(Eligibility.objects.of(user, NINE).in_force(NINE)) == [made]


@pytest.mark.parametrize(
    ("give", "kind"), [(make.eligibility, "eligibility.converted"), (make.assignment, "assignment.converted")]
)
def test_one_event_names_both(give, kind, admin, user):
    grant = give(of=user)

    made = amendments.convert(make.act(by=admin), grant, EVERY_DAY)

    (entry,) = seen.entries()
    assert (entry.kind, entry.because, entry.person_id) == (kind, "Needs it every day", user.pk)
    assert entry.facts == {
        "old_number": grant.pk,
        "old_end_at": "2026-12-23T09:00:00Z",
        "number": made.pk,
        "start_at": "2026-11-23T09:00:00Z",
        "end_at": "2027-01-22T09:00:00Z",
    }


@BOTH
def test_the_member_and_the_administrators_read_that_it_is_another_kind(give, admin, user):
    made = amendments.convert(make.act(by=admin), give(of=user), EVERY_DAY)

    assert seen.emails() == [("changed", admin.email), ("changed_for_you", user.email)]
    facts = Email.objects.get(template="changed_for_you").facts
    assert (facts["verb"], facts["kind"], facts["because"]) == ("converted", made.kind, "Needs it every day")


@pytest.mark.parametrize(
    ("because", "said"), [("Every day", "Every day"), ("", "the eligibility was made an active assignment")]
)
def test_what_was_activated_from_a_converted_eligibility_ends(user, because, said):
    role = make.role(active=GrantTerms())
    eligibility = make.eligibility(of=user, role=role)
    running = make.activation(by=user, of=eligibility, at=NINE - HOUR, duration=4 * HOUR)

    amendments.convert(make.act(), eligibility, replace(EVERY_DAY, justification=because))

    running.refresh_from_db()
    assert running.end_at == NINE
    assert seen.events() == ["eligibility.converted", "role.activation_revoked"]
    assert seen.entry("role.activation_revoked").because == said


def test_what_has_not_begun_begins_as_planned_whatever_start_is_asked_for(user):
    later = make.eligibility(of=user, start_at=NINE + DAY, at=THE_DAY_BEFORE)

    made = amendments.convert(make.act(), later, EVERY_DAY)

    later.refresh_from_db()
    assert (later.end_at, made.start_at) == (NINE + DAY, NINE + DAY)


def test_the_terms_of_the_other_kind_count(user):
    role = make.role(eligible=GrantTerms(), active=STRICT)
    eligibility = make.eligibility(of=user, role=role, end_at=None)

    assert refused(amendments.convert, make.act(), eligibility, replace(EVERY_DAY, end_at=None)) == ("permanent",)


def test_a_conversion_that_adds_nothing_is_refused(user):
    role = make.role()
    make.assignment(of=user, role=role, end_at=None)

    assert refused(amendments.convert, make.act(), make.eligibility(of=user, role=role), EVERY_DAY) == ("exists",)


@BOTH
def test_what_was_made_less_than_five_minutes_ago_is_not_converted(give, user, admin):
    grant = give(of=user, start_at=NINE, at=NINE)
    soon = replace(EVERY_DAY, start_at=NINE + MINUTE)

    assert refused(amendments.convert, make.act(by=admin, at=NINE + MINUTE), grant, soon) == ("too_early",)


# --- the last administrator


def test_the_last_administrator_cannot_be_removed_nor_converted(admin):
    assignment = Assignment.objects.get(user=admin)

    assert refused(amendments.convert, make.act(by=admin), assignment, EVERY_DAY) == ("last_administrator",)
    with pytest.raises(Refused) as caught:
        grants.remove_assignment(make.act(by=admin), assignment, because="Leaves")
    assert caught.value.codes == ("last_administrator",)
    assert access(admin, assignment.role, at=NINE).until is None


def test_while_another_administrator_stays_one_can_go(admin):
    other = make.administrator(name="Bea Admin", email="bea@example.com")
    assignment = Assignment.objects.get(user=admin)

    amendments.convert(make.act(by=other), assignment, EVERY_DAY)

    assert access(admin, assignment.role, at=NINE) is None
