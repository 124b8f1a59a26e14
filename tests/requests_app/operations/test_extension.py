"""Making a running activation last longer."""

from uuid import uuid4

import pytest

from accounts.models import User
from kernel.period import DAY, HOUR, MINUTE, SECOND
from kernel.refusal import Refused
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from requests_app.operations import approval, extension, waiting
from roles.models import Assignment
from roles.operations import activation
from tests import make, seen
from tests.make import EASY, NINE

LATER = NINE + 30 * MINUTE


@pytest.fixture
def running(user: User) -> Assignment:
    """John is active from nine to ten."""
    return make.activation(by=user, of=make.eligibility(of=user, role=make.role(terms=EASY)))


@pytest.fixture
def to_approve(user: User, approver: User) -> Assignment:
    """The same, for a role that has asked for approval since."""
    role = make.role(terms=EASY)
    active = make.activation(by=user, of=make.eligibility(of=user, role=role))
    terms = make.ActivationTerms(second_factor=EASY.second_factor, needs_justification=False, needs_approval=True)
    make.change_terms(of=role, to=terms, approvers=(approver,), at=NINE + MINUTE)
    return active


def refused(active: Assignment, *, by: User, at=LATER, **asked) -> Refused:
    """Why it cannot be extended so."""
    with pytest.raises(Refused) as caught:
        extension.extend(make.act(by=by, at=at), active, make.ask(**asked), form_key=uuid4())
    return caught.value


def test_the_end_moves_to_so_long_from_now_and_everybody_is_told(running):
    asked = make.extension(of=running, at=LATER)

    running.refresh_from_db()
    assert (running.start_at, running.end_at) == (NINE, LATER + 2 * HOUR)
    assert (asked.status, asked.granted, asked.assignment) == (Status.GRANTED, running, None)
    assert seen.events(at=LATER) == ["request.made", "role.activation_extended"]
    assert seen.entry("role.activation_extended").facts["old_end_at"] == "2026-11-23T10:00:00Z"
    assert ("your_role_is_extended", running.user.email) in seen.emails(at=LATER)


def test_two_extensions_at_one_moment_are_told_both(running):
    make.extension(of=running, at=LATER, duration=2 * HOUR)
    running.refresh_from_db()
    make.extension(of=running, at=LATER, duration=3 * HOUR)

    assert seen.emails(at=LATER).count(("your_role_is_extended", running.user.email)) == 2


def test_only_the_holder_extends(running, stranger):
    assert refused(running, by=stranger).codes == ("not_yours",)


def test_what_is_assigned_cannot_be_extended(user):
    assert refused(make.assignment(of=user), by=user, at=NINE).codes == ("not_yours",)


def test_what_has_ended_stays_ended(user, running):
    over = refused(running, by=user, at=NINE + HOUR, duration=2 * HOUR)

    assert over.codes == ("over",)
    assert over.status == 409


def test_an_end_the_worker_has_told_is_not_moved_by_an_act_that_began_before(user, running):
    activation.tell_assignment_end(make.act(at=NINE + HOUR), running.pk)

    assert refused(running, by=user, duration=2 * HOUR).codes == ("over",)


def test_what_has_not_begun_cannot_be_extended(user):
    ahead = make.activation(by=user, of=make.eligibility(of=user, role=make.role(terms=EASY)), start_at=NINE + HOUR)

    assert refused(ahead, by=user).codes == ("not_begun",)


def test_the_new_end_has_to_be_later_and_the_sentence_names_both(user, running):
    sooner = refused(running, by=user, duration=30 * MINUTE, at=NINE + 10 * MINUTE)

    assert sooner.codes == ("not_later",)
    assert "10:00 UTC already, and would end at 09:40 UTC" in sooner.refusals[0].sentence


def test_of_two_tabs_a_moment_apart_one_extends_and_the_other_is_told(user, running):
    make.extension(of=running, duration=3 * HOUR, at=LATER)

    again = refused(running, by=user, at=LATER + SECOND, duration=3 * HOUR)

    assert (again.codes, again.status) == (("not_later",), 409)


def test_nothing_is_extended_beyond_the_eligibility(user):
    role = make.role(terms=EASY)
    active = make.activation(by=user, of=make.eligibility(of=user, role=role, end_at=NINE + 90 * MINUTE))

    make.extension(of=active, at=LATER, duration=4 * HOUR)

    active.refresh_from_db()
    assert active.end_at == NINE + 90 * MINUTE
    again = refused(active, by=user, duration=4 * HOUR)
    assert again.codes == ("not_later",)
    assert "not eligible for longer" in again.refusals[0].sentence


def test_the_rules_of_asking_count(user, running):
    asked = {"duration": 9 * HOUR, "start_at": NINE + HOUR}

    assert refused(running, by=user, **asked).codes == ("start", "too_long")


def test_a_scheduled_activation_of_the_same_role_is_in_the_way(user, running):
    make.activation(by=user, of=running.activated_from, start_at=NINE + 2 * HOUR)

    assert refused(running, by=user, duration=3 * HOUR).codes == ("active_already",)


def test_an_eligibility_that_was_removed_extends_nothing(user, running):
    type(running.activated_from).objects.update(removed_at=NINE, end_at=NINE + DAY)

    assert refused(running, by=user, duration=2 * HOUR).codes == ("not_eligible",)


def test_the_same_form_sent_twice_is_one_extension(running):
    key = uuid4()
    first = make.extension(of=running, at=LATER, form_key=key)

    assert make.extension(of=running, at=LATER + MINUTE, form_key=key) == first
    assert RoleRequest.objects.filter(extends=running).count() == 1


def test_where_the_role_asks_for_approval_the_end_moves_when_it_is_approved(approver, to_approve):
    asked = make.extension(of=to_approve, at=LATER)
    assert (asked.status, asked.decide_until) == (Status.PENDING, NINE + HOUR)

    approval.approve(make.act(by=approver, at=LATER + MINUTE), asked, because="Go on")

    to_approve.refresh_from_db()
    assert to_approve.end_at == LATER + MINUTE + 2 * HOUR
    assert seen.events(at=LATER + MINUTE) == ["request.approved", "role.activation_extended"]


def test_a_second_request_while_one_waits_is_refused(user, to_approve):
    make.extension(of=to_approve, at=LATER)

    assert refused(to_approve, by=user, duration=3 * HOUR).codes == ("pending",)


def test_what_its_holder_has_ended_cannot_be_extended_by_an_approval(user, approver, to_approve):
    asked = make.extension(of=to_approve, at=LATER)
    activation.deactivate(make.act(by=user, at=LATER + MINUTE), to_approve)

    with pytest.raises(Refused) as caught:
        approval.approve(make.act(by=approver, at=LATER + MINUTE), asked, because="Go on")

    assert caught.value.codes == ("over",)


def test_the_request_lapses_with_the_activation(user, to_approve):
    asked = make.extension(of=to_approve, at=LATER)
    activation.deactivate(make.act(by=user, at=LATER + MINUTE), to_approve)

    waiting.lapse(make.act(at=LATER + 2 * MINUTE), asked.pk)

    asked.refresh_from_db()
    assert asked.status == Status.LAPSED
    assert [entry.because for entry in seen.entries(at=LATER + 2 * MINUTE)] == ["the activation has ended meanwhile"]
