"""Asking to activate, and taking it back."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from accounts.models import User
from accounts.operations import groups, people
from kernel.period import HOUR, MINUTE
from kernel.refusal import Refused
from notifications.models import Email
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from requests_app.operations import activation, approval, granting
from requests_app.queries import allowing
from roles.models import Assignment
from roles.operations import grants
from roles.policy import GrantAsk
from roles.queries.access import access
from roles.terms import ActivationTerms, SecondFactor
from tests import make, seen
from tests.make import EASY, MICROSECOND, NINE, THE_DAY_BEFORE

# Locks and constraints are the database's.
pytestmark = pytest.mark.postgres

FORM_KEY = UUID("11111111-2222-3333-4444-555555555555")


def refused(act, eligibility, ask):
    """Why this cannot be asked for; nothing may be left behind."""
    with pytest.raises(Refused) as caught:
        activation.submit(act, eligibility, ask, form_key=uuid4())
    assert list(RoleRequest.objects.filter(asked_at=act.at)) == []
    assert (seen.events(at=act.at), seen.emails(at=act.at)) == ([], [])
    return caught.value.codes


# --- granted at once


def test_a_role_that_nobody_approves_is_active_at_once(user):
    eligibility = make.eligibility(of=user)

    role_request = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)

    assert (role_request.status, role_request.closed_at) == (Status.GRANTED, NINE)
    assert access(user, eligibility.role, at=NINE).until == NINE + HOUR


def test_the_assignment_says_where_it_came_from(user):
    eligibility = make.eligibility(of=user)

    role_request = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)

    assignment = Assignment.objects.get(activated_from=eligibility)
    assert (assignment.role, assignment.scope, assignment.user) == (eligibility.role, eligibility.scope, user)
    assert (assignment.start_at, assignment.end_at, assignment.made_at) == (NINE, NINE + HOUR, NINE)
    assert (assignment.request_number, assignment.start_told_at, assignment.end_told_at) == (
        role_request.pk,
        NINE,
        None,
    )
    assert RoleRequest.objects.get().assignment == assignment


def test_what_was_asked_for_is_kept_as_it_was_asked(user):
    terms = ActivationTerms(needs_ticket=True)
    ask = make.ask(duration=90 * MINUTE, start_at=NINE + HOUR, ticket_number="INC-7", ticket_system="Jira")
    act = make.act(by=user)

    activation.submit(act, make.eligibility(of=user, terms=terms), ask, form_key=FORM_KEY)

    kept = RoleRequest.objects.get(form_key=FORM_KEY)
    assert allowing.ask_of(kept) == ask
    assert granting.asked_by(kept) == act


def test_who_asked_without_a_second_factor_is_kept_as_such(user):
    act = make.act(by=user, proven=False)

    activation.submit(act, make.eligibility(of=user, terms=EASY), make.ask(), form_key=FORM_KEY)

    assert granting.asked_by(RoleRequest.objects.get()) == act


def test_the_history_tells_the_request_and_the_activation(user):
    eligibility = make.eligibility(of=user, terms=ActivationTerms(needs_ticket=True))
    ask = make.ask(ticket_number="INC-7", ticket_system="Jira")

    role_request = activation.submit(make.act(by=user), eligibility, ask, form_key=FORM_KEY)

    asked, activated = seen.entries()
    assert (asked.kind, activated.kind) == ("request.made", "role.activated")
    for entry in (asked, activated):
        assert (entry.actor_id, entry.person_id, entry.person_name) == (user.pk, user.pk, "John Doe")
        assert (entry.role_id, entry.role_name) == (eligibility.role_id, "Teams Administrator")
        assert (entry.scope_name, entry.request_id) == ("Directory", role_request.pk)
        assert (entry.because, entry.ticket_number, entry.ticket_system) == (
            "Mailbox migration",
            "INC-7",
            "Jira",
        )
        assert (entry.ip, entry.proof_method, entry.proof_device, entry.proof_at) == (
            "203.0.113.7",
            "totp",
            "Phone",
            NINE,
        )
    assert asked.facts == {"duration": "1 h", "start_at": None, "decide_until": None}
    assert activated.facts == {"start_at": "2026-11-23T09:00:00Z", "end_at": "2026-11-23T10:00:00Z"}


def test_the_person_and_the_administrators_are_told_of_an_activation(user, admin, stranger):
    activation.submit(make.act(by=user), make.eligibility(of=user), make.ask(), form_key=FORM_KEY)

    assert seen.emails() == [("role_activated", admin.email), ("your_role_is_active", user.email)]


def test_an_administrator_who_activates_is_written_to_once(admin):
    activation.submit(make.act(by=admin), make.eligibility(of=admin), make.ask(), form_key=FORM_KEY)

    assert seen.emails() == [("your_role_is_active", admin.email)]


def test_a_later_start_is_granted_now_and_told_when_it_comes(user):
    eligibility = make.eligibility(of=user)
    ask = make.ask(start_at=NINE + 2 * HOUR)

    role_request = activation.submit(make.act(by=user), eligibility, ask, form_key=FORM_KEY)

    assert (role_request.assignment.start_at, role_request.assignment.end_at) == (
        NINE + 2 * HOUR,
        NINE + 3 * HOUR,
    )
    assert role_request.assignment.start_told_at is None
    assert access(user, eligibility.role, at=NINE + 2 * HOUR - MICROSECOND) is None
    assert access(user, eligibility.role, at=NINE + 2 * HOUR).until == NINE + 3 * HOUR
    assert seen.emails() == [("your_role_is_scheduled", "user@example.com")]


def test_a_start_a_little_in_the_past_counts_from_now(user):
    ask = make.ask(start_at=NINE - 10 * MINUTE)

    role_request = activation.submit(make.act(by=user), make.eligibility(of=user), ask, form_key=FORM_KEY)

    assert (role_request.assignment.start_at, role_request.assignment.end_at) == (NINE, NINE + HOUR)


def test_a_start_after_the_end_of_the_eligibility_is_refused(user):
    eligibility = make.eligibility(of=user, end_at=NINE + HOUR)

    assert refused(make.act(by=user), eligibility, make.ask(start_at=NINE + HOUR)) == ("after_eligibility",)


def test_an_activation_never_outlives_its_eligibility(user):
    eligibility = make.eligibility(of=user, end_at=NINE + 20 * MINUTE)

    role_request = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)

    assert role_request.assignment.end_at == NINE + 20 * MINUTE


def test_a_member_activates_what_their_group_is_eligible_for(user):
    eligibility = make.eligibility(of=make.group(members=(user,)))

    role_request = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)

    assert (role_request.assignment.user, role_request.assignment.group) == (user, None)
    assert access(user, eligibility.role, at=NINE).until == NINE + HOUR


# --- waiting for approval


def test_a_role_that_somebody_approves_waits_for_a_decision(user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))

    role_request = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)

    assert (role_request.status, role_request.assignment, role_request.closed_at) == (
        Status.PENDING,
        None,
        None,
    )
    assert role_request.decide_until == NINE + 24 * HOUR
    assert access(user, eligibility.role, at=NINE) is None
    assert seen.events() == ["request.made"]
    assert seen.entries()[0].facts["decide_until"] == "2026-11-24T09:00:00Z"


def test_every_approver_is_asked_by_email_and_nobody_else(user, approver, other_approver, admin, stranger):
    team = make.group(members=(other_approver, user))
    eligibility = make.eligibility(of=user, approvers=(approver, team))

    role_request = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)

    assert set(role_request.asked_approvers.all()) == {approver, other_approver}
    assert seen.emails() == [("approval_wanted", approver.email), ("approval_wanted", other_approver.email)]


def test_the_approvers_email_says_who_wants_what_how_long_and_why(user, approver):
    terms = ActivationTerms(needs_ticket=True, needs_approval=True)
    eligibility = make.eligibility(of=user, terms=terms, approvers=(approver,))
    ask = make.ask(duration=90 * MINUTE, ticket_number="INC-7", ticket_system="Jira")

    role_request = activation.submit(make.act(by=user), eligibility, ask, form_key=FORM_KEY)

    email = Email.objects.get(promised_at=NINE)
    assert email.path == f"/requests/{role_request.pk}/"
    assert email.why == "you may approve activations of this role"
    assert email.facts == {
        "request_number": role_request.pk,
        "person_name": "John Doe",
        "person_email": "user@example.com",
        "person_title": "Collaboration engineer",
        "role_name": "Teams Administrator",
        "scope_name": "Directory",
        "duration": "1 h 30 min",
        "start_at": None,
        "asked_at": "2026-11-23T09:00:00Z",
        "decide_by_at": "2026-11-24T09:00:00Z",
        "justification": "Mailbox migration",
        "ticket": "Jira INC-7",
        "progress": "",
        "waits_for": "Alva Approver",
    }


def test_where_nobody_is_named_the_active_administrators_are_asked(user, admin, stranger):
    eligibility = make.eligibility(of=user, terms=ActivationTerms(needs_approval=True))

    role_request = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)

    assert list(role_request.asked_approvers.all()) == [admin]


def test_one_can_decide_no_longer_than_the_eligibility_lasts(user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,), end_at=NINE + 2 * HOUR)

    role_request = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)

    assert role_request.decide_until == NINE + 2 * HOUR


def test_a_role_has_its_own_time_to_decide(user, approver):
    terms = ActivationTerms(needs_approval=True, decision_window=3 * HOUR)
    eligibility = make.eligibility(of=user, terms=terms, approvers=(approver,))

    role_request = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)

    assert role_request.decide_until == NINE + 3 * HOUR


def test_a_form_sent_twice_is_one_request(user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    first = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)

    second = activation.submit(make.act(by=user, at=NINE + MINUTE), eligibility, make.ask(), form_key=FORM_KEY)

    assert second == first
    assert RoleRequest.objects.count() == 1
    assert (seen.events(at=NINE + MINUTE), seen.emails(at=NINE + MINUTE)) == ([], [])


def test_a_form_sent_twice_is_one_activation(user):
    eligibility = make.eligibility(of=user)
    first = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)

    second = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)

    assert second == first
    assert Assignment.objects.filter(activated_from=eligibility).count() == 1


def test_a_form_found_again_with_the_back_button_asks_anew_once_its_role_is_over(user):
    eligibility = make.eligibility(of=user)
    first = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)

    second = activation.submit(make.act(by=user, at=NINE + HOUR), eligibility, make.ask(), form_key=FORM_KEY)

    assert second != first
    assert access(user, eligibility.role, at=NINE + HOUR).until == NINE + 2 * HOUR


def test_a_form_found_again_asks_anew_once_its_request_was_denied(user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    first = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)
    approval.deny(make.act(by=approver), first, because="Not tonight")

    second = activation.submit(make.act(by=user, at=NINE + HOUR), eligibility, make.ask(), form_key=FORM_KEY)

    assert (second.status, second != first) == (Status.PENDING, True)


def test_somebody_elses_form_is_not_mine(user, stranger, approver):
    role = make.role(approvers=(approver,))
    theirs = make.role_request(by=stranger, for_=make.eligibility(of=stranger, role=role), form_key=FORM_KEY)

    mine = make.role_request(by=user, for_=make.eligibility(of=user, role=role), form_key=FORM_KEY)

    assert (mine.user, mine != theirs) == (user, True)


# --- refused


def test_a_second_request_is_refused_while_the_first_one_waits(user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    make.role_request(by=user, for_=eligibility)

    assert refused(make.act(by=user, at=NINE + MINUTE), eligibility, make.ask()) == ("pending",)
    assert RoleRequest.objects.count() == 1


def test_two_people_may_wait_for_the_same_role(user, stranger, approver):
    role = make.role(approvers=(approver,))
    make.role_request(by=user, for_=make.eligibility(of=user, role=role))

    second = make.role_request(by=stranger, for_=make.eligibility(of=stranger, role=role))

    assert second.status == Status.PENDING


def test_a_request_nobody_decided_in_time_does_not_block_the_next(user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    first = make.role_request(by=user, for_=eligibility)
    later = NINE + 24 * HOUR

    second = make.role_request(by=user, for_=eligibility, at=later)

    first.refresh_from_db()
    assert (first.status, first.closed_at, second.status) == (Status.TIMED_OUT, later, Status.PENDING)
    assert seen.events(at=later) == ["request.timed_out", "request.made"]


def test_up_to_the_last_moment_the_first_request_blocks(user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    make.role_request(by=user, for_=eligibility)

    assert refused(make.act(by=user, at=NINE + 24 * HOUR - MICROSECOND), eligibility, make.ask()) == ("pending",)


def test_a_role_that_nobody_else_can_approve_any_more_is_refused(user, approver):
    eligibility = make.eligibility(of=user, approvers=(user, approver))
    people.disable(make.act(at=NINE - HOUR), approver)

    assert refused(make.act(by=user), eligibility, make.ask()) == ("nobody",)


def test_a_disabled_approver_is_nobody(user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    people.disable(make.act(at=NINE - HOUR), approver)

    assert refused(make.act(by=user), eligibility, make.ask()) == ("nobody",)


def test_an_administrator_cannot_be_their_own_approver(admin, approver):
    make.assignment(of=approver, role=make.role(name="Global Administrator"), end_at=NINE)
    eligibility = make.eligibility(of=admin, terms=ActivationTerms(needs_approval=True))

    assert refused(make.act(by=admin), eligibility, make.ask()) == ("nobody",)


def test_every_reason_is_told_at_once(user):
    eligibility = make.eligibility(of=user, end_at=NINE)
    ask = make.ask(duration=9 * HOUR, justification="")

    codes = refused(make.act(by=user, proven=False), eligibility, ask)

    assert codes == ("not_eligible", "second_factor", "too_long", "justification")


def test_somebody_elses_eligibility_is_refused(user, stranger):
    assert refused(make.act(by=stranger), make.eligibility(of=user), make.ask()) == ("not_eligible",)


@pytest.mark.parametrize(
    ("at", "codes"),
    [
        (NINE - MICROSECOND, ("not_eligible",)),
        (NINE + HOUR, ("not_eligible",)),
        (NINE + 2 * HOUR, ("not_eligible",)),
    ],
)
def test_outside_of_the_eligibility_nothing_can_be_asked(user, at, codes):
    eligibility = make.eligibility(of=user, start_at=NINE, end_at=NINE + HOUR, at=make.THE_DAY_BEFORE)

    assert refused(make.act(by=user, at=at), eligibility, make.ask()) == codes


def test_a_removed_eligibility_is_refused(user):
    eligibility = make.eligibility(of=user)
    grants.remove_eligibility(make.act(at=NINE - HOUR), eligibility, because="New job")

    assert refused(make.act(by=user), eligibility, make.ask()) == ("not_eligible",)


def test_who_left_the_group_can_no_longer_ask(user):
    team = make.group(members=(user,))
    eligibility = make.eligibility(of=team)
    groups.remove(make.act(at=NINE - HOUR), team, user)

    assert refused(make.act(by=user), eligibility, make.ask()) == ("not_eligible",)


def test_who_is_disabled_cannot_ask(user):
    eligibility = make.eligibility(of=user)
    people.disable(make.act(at=NINE - HOUR), user)

    assert refused(make.act(by=user), eligibility, make.ask()) == ("not_eligible",)


def test_settings_of_this_moment_count_not_those_the_page_was_made_with(user):
    role = make.role()
    eligibility = make.eligibility(of=user, role=role)
    make.change_terms(of=role, to=ActivationTerms(max_duration=30 * MINUTE), at=NINE - HOUR)

    assert refused(make.act(by=user), eligibility, make.ask()) == ("too_long",)


@pytest.mark.parametrize(
    ("start_at", "codes"),
    [
        (None, ("active_already",)),
        (NINE + HOUR - MINUTE, ("active_already",)),
    ],
)
def test_what_is_active_cannot_be_activated_again(user, start_at, codes):
    eligibility = make.eligibility(of=user)
    make.activation(by=user, of=eligibility)

    assert refused(make.act(by=user, at=NINE + MINUTE), eligibility, make.ask(start_at=start_at)) == codes


def test_the_next_activation_may_begin_where_the_last_one_ends(user):
    eligibility = make.eligibility(of=user)
    make.activation(by=user, of=eligibility)

    following = make.activation(by=user, of=eligibility, start_at=NINE + HOUR, at=NINE + MINUTE)

    assert (following.start_at, following.end_at) == (NINE + HOUR, NINE + 2 * HOUR)


def test_an_activation_may_end_where_a_scheduled_one_begins(user):
    eligibility = make.eligibility(of=user)
    make.activation(by=user, of=eligibility, start_at=NINE + HOUR)

    now = make.activation(by=user, of=eligibility, at=NINE)

    assert (now.start_at, now.end_at) == (NINE, NINE + HOUR)


def test_an_activation_may_not_run_into_a_scheduled_one(user):
    eligibility = make.eligibility(of=user)
    make.activation(by=user, of=eligibility, start_at=NINE + HOUR, at=NINE - HOUR)

    assert refused(make.act(by=user), eligibility, make.ask(duration=HOUR + MINUTE)) == ("active_already",)


def test_somebody_elses_activation_is_in_nobodys_way(user, stranger):
    eligibility = make.eligibility(of=make.group(members=(user, stranger)))
    make.activation(by=stranger, of=eligibility)

    assert make.activation(by=user, of=eligibility).end_at == NINE + HOUR


def test_an_activation_that_lapsed_is_in_nobodys_way(user):
    team = make.group(members=(user,))
    role = make.role()
    make.activation(by=user, of=make.eligibility(of=team, role=role))
    groups.remove(make.act(at=NINE + MINUTE), team, user)
    own = make.eligibility(of=user, role=role)

    again = make.activation(by=user, of=own, at=NINE + 2 * MINUTE)

    assert access(user, role, at=NINE + 2 * MINUTE).until == again.end_at


# --- taken back


def test_who_asked_can_take_it_back(user, approver, other_approver):
    role_request = make.role_request(by=user, approvers=(approver, other_approver))
    later = NINE + HOUR

    activation.cancel(make.act(by=user, at=later), role_request)

    kept = RoleRequest.objects.get()
    assert (kept.status, kept.closed_at, kept.assignment) == (Status.CANCELLED, later, None)
    assert (role_request.status, role_request.closed_at) == (Status.CANCELLED, later)
    assert seen.events(at=later) == ["request.cancelled"]
    assert seen.emails(at=later) == [
        ("request_closed", approver.email),
        ("request_closed", other_approver.email),
    ]


def test_nobody_else_can_take_it_back(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    with pytest.raises(Refused, match="Only the person who asked"):
        activation.cancel(make.act(by=approver, at=NINE + MINUTE), role_request)

    assert RoleRequest.objects.get().status == Status.PENDING
    assert (seen.events(at=NINE + MINUTE), seen.emails(at=NINE + MINUTE)) == ([], [])


def test_what_is_granted_cannot_be_taken_back(user):
    role_request = make.role_request(by=user)

    with pytest.raises(Refused, match="This request was granted at 09:00 UTC already"):
        activation.cancel(make.act(by=user, at=NINE + MINUTE), role_request)

    assert RoleRequest.objects.get().status == Status.GRANTED


def test_taking_back_what_was_decided_meanwhile_says_who_decided(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    stale = RoleRequest.objects.get()
    approval.deny(make.act(by=approver), role_request, because="Not tonight")

    with pytest.raises(Refused, match=r"Alva Approver has denied this request at 09:00 UTC already\."):
        activation.cancel(make.act(by=user, at=NINE + MINUTE), stale)


def test_taking_back_twice_says_so(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    activation.cancel(make.act(by=user), role_request)

    with pytest.raises(Refused, match="You have cancelled this request at 09:00 UTC already"):
        activation.cancel(make.act(by=user, at=NINE + MINUTE), role_request)


def test_what_ran_out_of_time_cannot_be_taken_back(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    with pytest.raises(Refused, match="Nobody decided this request in time"):
        activation.cancel(make.act(by=user, at=NINE + 24 * HOUR), role_request)


# --- out of time


def test_a_request_nobody_decided_ends_and_everybody_is_told(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    later = NINE + 24 * HOUR

    activation.time_out(make.act(at=later), role_request.pk)

    kept = RoleRequest.objects.get()
    assert (kept.status, kept.closed_at) == (Status.TIMED_OUT, later)
    assert seen.events(at=later) == ["request.timed_out"]
    assert seen.emails(at=later) == [
        ("request_closed", approver.email),
        ("your_request_timed_out", user.email),
    ]


def test_before_its_time_nothing_ends(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    early = NINE + 24 * HOUR - MICROSECOND

    activation.time_out(make.act(at=early), role_request.pk)

    assert RoleRequest.objects.get().status == Status.PENDING
    assert (seen.events(at=early), seen.emails(at=early)) == ([], [])


def test_running_out_of_time_is_told_once(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    activation.time_out(make.act(at=NINE + 25 * HOUR), role_request.pk)

    activation.time_out(make.act(at=NINE + 26 * HOUR), role_request.pk)

    assert (seen.events(at=NINE + 26 * HOUR), seen.emails(at=NINE + 26 * HOUR)) == ([], [])
    assert RoleRequest.objects.get().closed_at == NINE + 25 * HOUR


def test_a_decided_request_does_not_run_out_of_time(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    approval.deny(make.act(by=approver), role_request, because="Not tonight")

    activation.time_out(make.act(at=NINE + 25 * HOUR), role_request.pk)

    assert RoleRequest.objects.get().status == Status.DENIED


def test_a_disabled_approver_is_not_written_to(user, approver, other_approver):
    role_request = make.role_request(by=user, approvers=(approver, other_approver))
    people.disable(make.act(), approver)

    activation.cancel(make.act(by=user, at=NINE + MINUTE), role_request)

    assert seen.emails(at=NINE + MINUTE) == [("request_closed", other_approver.email)]


# --- from when until when


@pytest.mark.parametrize(
    ("start_at", "granted_at", "start"),
    [
        (None, NINE, NINE),
        (NINE - 10 * MINUTE, NINE, NINE),
        (NINE + HOUR, NINE, NINE + HOUR),
        (NINE + HOUR, NINE + 3 * HOUR, NINE + 3 * HOUR),
    ],
)
def test_the_clock_starts_when_it_is_granted_or_at_the_later_start(start_at, granted_at, start):
    ask = replace(make.ask(duration=90 * MINUTE), start_at=start_at)

    period = granting.period_of(ask, granted_at)

    assert (period.start, period.duration) == (start, timedelta(minutes=90))


def test_an_eligibility_read_before_its_removal_opens_nothing(user):
    read_before = make.eligibility(of=user)
    grants.remove_eligibility(make.act(at=NINE - HOUR), read_before, because="New job")

    assert refused(make.act(by=user), read_before, make.ask()) == ("not_eligible",)


# --- a fresh second factor each time

FRESH = ActivationTerms(second_factor=SecondFactor.FRESH)


def test_where_a_fresh_second_factor_is_asked_for_one_proof_counts_once(user):
    first = make.eligibility(of=user, role=make.role(terms=FRESH))
    second = make.eligibility(of=user, role=make.role(name="Exchange Administrator", terms=FRESH))
    act = make.act(by=user)
    activation.submit(act, first, make.ask(), form_key=FORM_KEY)

    with pytest.raises(Refused) as caught:
        activation.submit(replace(act, at=NINE + MINUTE), second, make.ask(), form_key=uuid4())
    assert caught.value.codes == ("second_factor_spent",)

    shown_again = make.act(by=user, at=NINE + 2 * MINUTE)
    assert activation.submit(shown_again, second, make.ask(), form_key=uuid4()).status == Status.GRANTED


def test_a_proof_shown_for_another_role_is_spent_too(user):
    easier = make.eligibility(of=user, role=make.role(name="Exchange Administrator"))
    act = make.act(by=user)
    activation.submit(act, easier, make.ask(), form_key=FORM_KEY)

    with pytest.raises(Refused, match="anew on every activation"):
        activation.submit(act, make.eligibility(of=user, role=make.role(terms=FRESH)), make.ask(), form_key=uuid4())


def test_where_a_second_factor_is_enough_one_proof_counts_for_many(user):
    act = make.act(by=user)
    held = [make.eligibility(of=user, role=make.role(name=name)) for name in ("Teams Reader", "User Administrator")]

    made = [activation.submit(act, one, make.ask(), form_key=uuid4()) for one in held]

    assert [one.status for one in made] == [Status.GRANTED] * 2


def test_the_same_form_sent_twice_is_one_request_though_its_proof_is_spent(user):
    eligibility = make.eligibility(of=user, role=make.role(terms=FRESH))
    first = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY)

    assert activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY) == first


def test_who_shows_nothing_is_asked_for_a_second_factor_once(user):
    eligibility = make.eligibility(of=user, role=make.role(terms=FRESH))

    assert refused(make.act(by=user, proven=False), eligibility, make.ask()) == ("second_factor",)


# --- narrower


@pytest.fixture
def payroll():
    return make.resource(name="Payroll", below=make.resource())


def test_one_activates_where_one_needs_it_and_nowhere_else(user, payroll, admin):
    eligibility = make.eligibility(of=user)

    made = activation.submit(make.act(by=user), eligibility, make.ask(), form_key=FORM_KEY, on=payroll)

    assert (made.scope, made.assignment.scope) == (payroll, payroll)
    assert access(user, eligibility.role, at=NINE) is None
    assert access(user, eligibility.role, at=NINE, on=payroll).until == NINE + HOUR
    assert {entry.scope_name for entry in seen.entries()} == {"Payroll"}
    assert {email.facts["scope_name"] for email in Email.objects.filter(promised_at=NINE)} == {"Payroll"}


def test_nobody_activates_above_or_beside_where_they_are_eligible(user, payroll):
    archive = make.resource(name="Archive", below=make.resource())
    eligibility = grants.make_eligible(
        make.act(at=NINE - HOUR),
        make.role(),
        GrantAsk(start_at=NINE - HOUR, end_at=None),
        to=user,
        on=payroll,
    )

    for elsewhere in (archive, payroll.parent):
        with pytest.raises(Refused) as caught:
            activation.submit(make.act(by=user), eligibility, make.ask(), form_key=uuid4(), on=elsewhere)
        assert (caught.value.codes, caught.value.refusals[0].field) == (("scope",), "scope")


def test_each_place_is_asked_for_by_itself(user, payroll, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    make.role_request(by=user, for_=eligibility, on=payroll)

    assert make.role_request(by=user, for_=eligibility).status == Status.PENDING
    with pytest.raises(Refused, match="waits for approval"):
        make.role_request(by=user, for_=eligibility, on=payroll)


def test_what_is_active_in_one_place_can_be_activated_in_another(user, payroll):
    eligibility = make.eligibility(of=user)
    make.role_request(by=user, for_=eligibility, on=payroll)

    assert make.role_request(by=user, for_=eligibility).status == Status.GRANTED
    with pytest.raises(Refused, match="is active until 10:00 UTC"):
        make.role_request(by=user, for_=eligibility, on=payroll)


# --- through a group, for a time


def test_an_activation_ends_with_the_time_in_the_group_it_comes_through(user):
    team = make.group()
    make.member(of=team, who=user, end_at=NINE + 30 * MINUTE)

    made = make.role_request(by=user, for_=make.eligibility(of=team))

    assert made.assignment.end_at == NINE + 30 * MINUTE


def test_one_can_decide_no_longer_than_the_asker_is_in_the_group(user, approver):
    team = make.group()
    make.member(of=team, who=user, end_at=NINE + 4 * HOUR)

    made = make.role_request(by=user, for_=make.eligibility(of=team, approvers=(approver,)))

    assert (made.decide_until, made.remind_at) == (NINE + 4 * HOUR, NINE + 2 * HOUR)


def test_a_start_after_the_time_in_the_group_is_refused(user):
    team = make.group()
    make.member(of=team, who=user, end_at=NINE + HOUR)

    assert refused(make.act(by=user), make.eligibility(of=team), make.ask(start_at=NINE + HOUR)) == (
        "after_eligibility",
    )


# --- nobody to ask


def test_too_few_approvers_are_refused_with_what_to_do(user, approver, other_approver):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2))
    eligibility = make.eligibility(of=user, role=make.role(approval=rounds))
    people.disable(make.act(), other_approver)

    with pytest.raises(Refused) as caught:
        make.role_request(by=user, for_=eligibility)
    assert (caught.value.codes, str(caught.value)) == (
        ("nobody",), "Too few others can approve this role now. Ask an administrator to name more approvers.",
    )  # fmt: skip


def test_one_approver_for_two_stages_is_too_few(user, approver, other_approver):
    rounds = make.stages(make.stage(approver), make.stage(approver, other_approver))
    eligibility = make.eligibility(of=user, role=make.role(approval=rounds))
    people.disable(make.act(at=THE_DAY_BEFORE), other_approver)

    assert refused(make.act(by=user), eligibility, make.ask()) == ("nobody",)


def test_who_has_no_manager_cannot_ask_where_only_the_manager_approves(user, approver):
    User.objects.filter(pk=user.pk).update(manager=approver)
    eligibility = make.eligibility(of=user, role=make.role(approval=make.stages(make.stage(manager=True))))
    User.objects.filter(pk=user.pk).update(manager=None)

    assert refused(make.act(by=user), eligibility, make.ask()) == ("nobody",)


def test_only_the_first_stage_is_asked_at_first(user, approver, other_approver):
    make.role_request(by=user, approval=make.stages(make.stage(approver), make.stage(other_approver)))

    assert seen.emails() == [("approval_wanted", approver.email)]
