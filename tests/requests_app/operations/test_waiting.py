"""What becomes of a request while it waits: reminded, escalated, no longer possible; each once."""

from dataclasses import replace

import pytest

from accounts.operations import groups, people
from kernel.period import HOUR, MINUTE, SECOND
from kernel.refusal import Refused
from notifications.models import Email
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from requests_app.operations import activation, approval, granting, waiting
from roles.models import Eligibility, Role
from roles.operations import grants
from roles.terms import DEFAULTS, ActivationTerms
from tests import make, seen
from tests.make import MICROSECOND, NINE

pytestmark = pytest.mark.postgres

HALF_TIME = NINE + 12 * HOUR
LATER = NINE + MINUTE


def portal(at):
    """The portal itself acts."""
    return make.act(at=at)


def is_quiet(at):
    return (seen.events(at=at), seen.emails(at=at)) == ([], [])


# --- reminded


def test_at_half_time_those_who_have_not_decided_are_reminded_once(user, approver, other_approver):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2))
    role_request = make.role_request(by=user, approval=rounds)
    approval.approve(make.act(by=approver), role_request, because="On call")

    waiting.remind(portal(HALF_TIME), role_request.pk)
    waiting.remind(portal(HALF_TIME + MINUTE), role_request.pk)

    assert seen.emails(at=HALF_TIME) == [("approval_reminder", other_approver.email)]
    (entry,) = seen.entries(at=HALF_TIME)
    assert (entry.kind, entry.facts) == ("request.reminded", {"reminded": ["Ben Second"]})
    assert is_quiet(HALF_TIME + MINUTE)


def test_the_reminder_says_how_far_it_is(user, approver, other_approver):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2))
    role_request = make.role_request(by=user, approval=rounds)
    approval.approve(make.act(by=approver), role_request, because="On call")

    waiting.remind(portal(HALF_TIME), role_request.pk)

    facts = Email.objects.get(template="approval_reminder").facts
    assert (facts["progress"], facts["waits_for"]) == ("1 of 2 approvals", "Ben Second")


def test_before_half_time_nobody_is_reminded(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    waiting.remind(portal(HALF_TIME - MICROSECOND), role_request.pk)

    assert is_quiet(HALF_TIME - MICROSECOND)


def test_nobody_is_reminded_where_the_settings_say_no(user, approver):
    rounds = replace(make.stages(make.stage(approver)), reminds_at_half_time=False)
    role_request = make.role_request(by=user, approval=rounds)

    waiting.remind(portal(HALF_TIME), role_request.pk)

    assert is_quiet(HALF_TIME)


def test_nobody_is_reminded_of_what_is_decided_over_or_no_longer_possible(user, stranger, approver):
    role = make.role(approvers=(approver,))
    first, second, third = (
        make.role_request(by=person, for_=make.eligibility(of=person, role=role))
        for person in (user, stranger, make.user())
    )
    approval.deny(make.act(by=approver), first, because="Not tonight")
    grants.remove_eligibility(make.act(), second.eligibility, because="New job")

    for one, at in ((first, HALF_TIME), (second, HALF_TIME), (third, NINE + 24 * HOUR)):
        waiting.remind(portal(at), one.pk)
        assert is_quiet(at)


# --- escalated


def escalating(user, approver, *others):
    return make.role_request(by=user, approval=make.stages(make.stage(approver), escalation=others))


def test_after_the_set_time_others_are_asked_as_well_once(user, approver, other_approver, stranger):
    role_request = escalating(user, approver, other_approver, make.group(members=(stranger, user)))

    waiting.escalate(portal(NINE + HOUR), role_request.pk)
    waiting.escalate(portal(NINE + 2 * HOUR), role_request.pk)

    assert seen.emails(at=NINE + HOUR) == [
        ("approval_escalated", other_approver.email),
        ("approval_escalated", stranger.email),
    ]
    (entry,) = seen.entries(at=NINE + HOUR)
    assert (entry.kind, entry.facts) == ("request.escalated", {"asked": ["Ben Second", "Sam Stranger"]})
    assert set(role_request.asked_approvers.all()) == {approver, other_approver, stranger}
    assert is_quiet(NINE + 2 * HOUR)


def test_before_the_set_time_nobody_else_is_asked(user, approver, other_approver):
    role_request = escalating(user, approver, other_approver)

    waiting.escalate(portal(NINE + HOUR - MICROSECOND), role_request.pk)

    assert is_quiet(NINE + HOUR - MICROSECOND)


def test_what_was_decided_does_not_escalate(user, approver, other_approver):
    role_request = escalating(user, approver, other_approver)
    approval.approve(make.act(by=approver), role_request, because="On call")

    waiting.escalate(portal(NINE + HOUR), role_request.pk)

    assert is_quiet(NINE + HOUR)


def test_what_is_no_longer_possible_does_not_escalate(user, approver, other_approver):
    role_request = escalating(user, approver, other_approver)
    grants.remove_eligibility(make.act(), role_request.eligibility, because="New job")

    waiting.escalate(portal(NINE + HOUR), role_request.pk)

    assert is_quiet(NINE + HOUR)


def test_escalation_goes_by_the_settings_as_they_are(user, approver, other_approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    rounds = make.stages(make.stage(approver), escalation=(other_approver,))
    wanted = replace(DEFAULTS, activation=ActivationTerms(needs_approval=True), approval=rounds)
    make.change_settings(of=role_request.role, to=wanted, at=NINE + MINUTE)

    waiting.escalate(portal(NINE + HOUR), role_request.pk)

    assert seen.emails(at=NINE + HOUR) == [("approval_escalated", other_approver.email)]


# --- no longer possible


def test_a_removed_eligibility_closes_what_waits_and_tells_once(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    grants.remove_eligibility(make.act(), role_request.eligibility, because="New job")

    waiting.lapse(portal(LATER), role_request.pk)
    waiting.lapse(portal(LATER + MINUTE), role_request.pk)

    kept = RoleRequest.objects.get()
    assert (kept.status, kept.closed_at) == (Status.LAPSED, LATER)
    (entry,) = seen.entries(at=LATER)
    assert (entry.kind, entry.because) == ("request.lapsed", "the eligibility of John Doe was removed or has ended")
    assert seen.emails(at=LATER) == [("request_closed", approver.email), ("your_request_lapsed", user.email)]
    assert is_quiet(LATER + MINUTE)


def test_leaving_the_group_closes_what_waits(user, approver):
    team = make.group(name="Night shift", members=(user,))
    role_request = make.role_request(by=user, for_=make.eligibility(of=team, approvers=(approver,)))
    groups.remove(make.act(), team, user)

    waiting.lapse(portal(LATER), role_request.pk)

    assert seen.entry("request.lapsed").because == "John Doe is no longer in the group Night shift"


def test_a_disabled_asker_is_not_written_to(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    people.disable(make.act(), user)

    waiting.lapse(portal(LATER), role_request.pk)

    assert seen.entry("request.lapsed").because == "the account of John Doe is disabled"
    assert seen.emails(at=LATER) == [("request_closed", approver.email)]


def test_a_retired_role_closes_what_waits(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    Role.objects.filter(pk=role_request.role_id).update(retired_at=NINE)

    waiting.lapse(portal(LATER), role_request.pk)

    assert seen.entry("request.lapsed").because == "the role is no longer in use"


def test_what_is_still_possible_decided_or_out_of_time_is_left_alone(user, stranger, approver):
    role = make.role(approvers=(approver,))
    still, decided = (
        make.role_request(by=person, for_=make.eligibility(of=person, role=role)) for person in (user, stranger)
    )
    approval.deny(make.act(by=approver), decided, because="Not tonight")
    grants.remove_eligibility(make.act(), decided.eligibility, because="New job")

    waiting.lapse(portal(LATER), still.pk)
    waiting.lapse(portal(LATER), decided.pk)
    Eligibility.objects.update(end_at=NINE)
    waiting.lapse(portal(NINE + 24 * HOUR), still.pk)

    assert [is_quiet(at) for at in (LATER, NINE + 24 * HOUR)] == [True, True]


def test_what_is_no_longer_possible_does_not_stand_in_the_way_of_another_way_to_the_role(user, approver):
    role = make.role(approvers=(approver,))
    first = make.role_request(by=user, for_=make.eligibility(of=user, role=role))
    other_way = make.eligibility(of=make.group(members=(user,)), role=role)
    grants.remove_eligibility(make.act(), first.eligibility, because="New job")

    second = make.role_request(by=user, for_=other_way, at=LATER)

    first.refresh_from_db()
    assert (first.status, second.status) == (Status.LAPSED, Status.PENDING)


def test_a_request_can_be_cancelled_after_one_of_two_approvals(user, approver, other_approver):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2))
    role_request = make.role_request(by=user, approval=rounds)
    approval.approve(make.act(by=approver), role_request, because="On call")

    activation.cancel(make.act(by=user, at=LATER), role_request)

    assert str(granting.already_closed(make.act(), role_request).sentence) == (
        "John Doe has cancelled this request at 09:01 UTC already."
    )


# --- written to again


def test_the_asker_has_those_who_can_decide_written_to_again(user, approver):
    asked = make.role_request(by=user, approvers=(approver,), at=NINE - 15 * MINUTE)

    waiting.resend(make.act(by=user), asked)

    assert seen.emails() == [("approval_wanted", "approver@example.com")]
    assert (seen.events(), seen.entries()[0].facts) == (["request.resent"], {"asked": ["Alva Approver"]})


def test_they_are_written_to_again_at_most_once_in_a_quarter_of_an_hour(user, approver):
    asked = make.role_request(by=user, approvers=(approver,), at=NINE - 15 * MINUTE + SECOND)

    with pytest.raises(Refused, match="again from 09:00 UTC on"):
        waiting.resend(make.act(by=user), asked)
    waiting.resend(make.act(by=user, at=NINE + MINUTE), asked)
    with pytest.raises(Refused, match="again from 09:16 UTC on"):
        waiting.resend(make.act(by=user, at=NINE + 16 * MINUTE - SECOND), asked)
    waiting.resend(make.act(by=user, at=NINE + 16 * MINUTE), asked)

    assert len(seen.emails(at=NINE + 16 * MINUTE)) == 1


def test_only_the_asker_has_them_written_to_and_only_while_somebody_can_decide(user, approver):
    asked = make.role_request(by=user, approvers=(approver,), at=NINE - HOUR)

    with pytest.raises(Refused) as not_mine:
        waiting.resend(make.act(by=approver), asked)
    people.disable(make.act(), approver)
    with pytest.raises(Refused) as nobody:
        waiting.resend(make.act(by=user), asked)
    activation.cancel(make.act(by=user), asked)
    with pytest.raises(Refused) as closed:
        waiting.resend(make.act(by=user), asked)

    assert [one.value.codes for one in (not_mine, nobody, closed)] == [("not_yours",), ("nobody",), ("closed",)]
