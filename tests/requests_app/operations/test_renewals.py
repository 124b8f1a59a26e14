"""Keeping what was assigned: asked by its holder, decided by another administrator."""

from dataclasses import replace
from uuid import UUID

import pytest

from accounts.operations import people
from kernel.period import DAY, MINUTE
from kernel.refusal import Refused
from notifications.email import render
from notifications.models import Email
from requests_app.lifecycle import Status
from requests_app.models import RenewalRequest
from requests_app.operations import renewals
from requests_app.operations.renewals import Given
from requests_app.queries import renewals as queries
from roles.models import Assignment, Eligibility
from roles.operations import amendments, grants
from roles.policy import GrantAsk, Kind
from roles.terms import CELLS, DEFAULTS, Audience, GrantTerms, Notice, Notices, Occasion
from tests import make, seen
from tests.make import MICROSECOND, NINE

IN_10_DAYS, IN_90_DAYS, LATER = NINE + 10 * DAY, NINE + 90 * DAY, NINE + MINUTE
KEY = UUID(int=7)


@pytest.fixture
def ending(user, admin):
    return make.eligibility(of=user, end_at=IN_10_DAYS)


def codes(call, *args, **words):
    with pytest.raises(Refused) as refused:
        call(*args, **words)
    return refused.value.codes


def give(by, renewal, kind=Kind.ELIGIBLE, end_at=IN_90_DAYS, start_at=None, because="Fine", at=LATER):
    return renewals.grant(make.act(by=by, at=at), renewal, Given(kind, end_at, start_at), because=because)


# --- asking


def test_whoever_asks_to_extend_waits_for_the_administrators(user, ending, admin):
    renewal = make.renewal(of=ending, by=user)

    assert (renewal.action, renewal.status, renewal.end_at) == ("extend", Status.PENDING, IN_90_DAYS)
    assert (renewal.held_until, renewal.decide_until) == (IN_10_DAYS, IN_10_DAYS + 30 * DAY)
    assert (renewal.ip, renewal.justification) == ("203.0.113.7", "The project goes on")
    assert seen.events() == ["renewal.asked"]
    assert seen.emails() == [("renewal_wanted", admin.email)]


def test_an_administrator_who_asks_is_not_written_to(admin):
    other = make.administrator(email="other@example.com")
    held = make.assignment(of=admin, end_at=IN_10_DAYS)

    make.renewal(of=held, by=admin)

    assert seen.emails() == [("renewal_wanted", other.email)]


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        (IN_10_DAYS - 14 * DAY - MICROSECOND, ("too_early",)),
        (IN_10_DAYS - 14 * DAY, ()),
        (IN_10_DAYS - MICROSECOND, ()),
        (IN_10_DAYS + 30 * DAY - MICROSECOND, ()),
        (IN_10_DAYS + 30 * DAY, ("too_late",)),
    ],
)
def test_one_asks_from_14_days_before_the_end_until_30_days_after_it(user, at, refused):
    held = make.eligibility(of=user, end_at=IN_10_DAYS, start_at=NINE - 30 * DAY)

    assert tuple(one.code for one in queries.not_renewable(make.act(by=user, at=at), held)) == refused


def test_what_is_over_is_renewed(user, ending):
    assert make.renewal(of=ending, by=user, at=IN_10_DAYS).action == "renew"


def test_only_the_direct_holder_asks(user, stranger, admin):
    team = make.group(members=(user,))
    through_group = make.eligibility(of=team, end_at=IN_10_DAYS)
    theirs = make.eligibility(of=user, end_at=IN_10_DAYS)

    assert codes(make.renewal, of=through_group, by=user) == ("not_yours",)
    assert codes(make.renewal, of=theirs, by=stranger) == ("not_yours",)


def test_an_activation_and_what_has_no_end_are_not_renewed(user, admin):
    eligibility = make.eligibility(of=user, role=make.role(terms=make.EASY), end_at=None)
    activation = make.activation(by=user, of=eligibility)

    assert codes(make.renewal, of=activation, by=user) == ("activated",)
    assert codes(make.renewal, of=eligibility, by=user) == ("permanent",)


def test_what_was_taken_away_is_not_renewed(user, ending):
    grants.remove_eligibility(make.act(), ending, because="New job")

    assert codes(make.renewal, of=ending, by=user, at=LATER) == ("removed",)


def test_a_role_that_is_retired_is_not_renewed(user, admin):
    role = make.role(name="Shop Operator")
    held = make.eligibility(of=user, role=role, end_at=IN_10_DAYS)
    type(role).objects.filter(pk=role.pk).update(retired_at=NINE)

    assert codes(make.renewal, of=held, by=user) == ("retired",)


def test_a_reason_and_an_end_later_than_the_present_one_are_wanted(user, ending):
    refused = codes(make.renewal, of=ending, by=user, end_at=IN_10_DAYS, justification=" ")

    assert refused == ("justification", "no_longer")
    assert not RenewalRequest.objects.exists()


def test_the_wanted_end_is_within_what_the_role_allows(user, admin):
    short = GrantTerms(permanent_allowed=False, max_duration=30 * DAY, needs_second_factor=True)
    held = make.eligibility(of=user, role=make.role(eligible=replace(short, needs_second_factor=False)), start_at=NINE)
    make.change_settings(of=held.role, to=replace(DEFAULTS, eligible=short))
    at = NINE + 20 * DAY

    assert codes(make.renewal, of=held, by=user, end_at=None, at=at) == ("permanent",)
    assert codes(make.renewal, of=held, by=user, end_at=at + 31 * DAY, at=at) == ("too_long",)
    assert make.renewal(of=held, by=user, end_at=at + 30 * DAY, at=at).status == Status.PENDING


def test_one_waits_at_a_time(user, ending):
    make.renewal(of=ending, by=user)

    with pytest.raises(Refused, match="asked for this already") as refused:
        make.renewal(of=ending, by=user, at=LATER)

    assert refused.value.status == 409


def test_a_form_sent_twice_is_one_request(user, ending):
    first = make.renewal(of=ending, by=user, form_key=KEY)

    assert make.renewal(of=ending, by=user, form_key=KEY, at=LATER) == first
    assert seen.events(at=LATER) == []


# --- deciding


def test_an_extension_that_is_granted_is_the_same_eligibility_with_a_later_end(user, ending, admin):
    renewal = make.renewal(of=ending, by=user)

    made = give(admin, renewal, end_at=NINE + 60 * DAY)

    renewal.refresh_from_db()
    ending.refresh_from_db()
    assert (made, ending.end_at) == (ending, NINE + 60 * DAY)
    assert (renewal.status, renewal.decided_by, renewal.decision_reason) == (Status.GRANTED, admin, "Fine")
    assert (renewal.given_kind, renewal.given_start_at, renewal.given_end_at) == (
        "eligible", ending.start_at, ending.end_at,
    )  # fmt: skip
    assert renewal.closed_at == LATER
    assert seen.events(at=LATER) == ["eligibility.updated", "renewal.granted"]
    assert seen.emails(at=LATER) == [("changed", admin.email), ("changed_for_you", user.email)]


@pytest.mark.parametrize("notice", [Notice(by_default=False), Notice(only_critical=True)])
def test_whoever_asked_is_told_of_a_grant_even_where_the_role_tells_no_holder(user, admin, notice):
    to_holders = (Occasion.ELIGIBLE, Audience.HOLDER)
    notices = Notices(tuple(notice if cell == to_holders else Notice() for cell in CELLS))
    held = make.eligibility(of=user, role=make.role(notices=notices), end_at=IN_10_DAYS)

    give(admin, make.renewal(of=held, by=user))

    told = [one for one in seen.emails(at=LATER) if one[1] == user.email]
    assert told == [("renewal_decided", user.email)]
    letter = render(Email.objects.get(template="renewal_decided"))
    assert letter.subject == "PIM: Granted: keeping Teams Administrator"
    for body in (letter.text, letter.html):
        assert "21 Feb 2027, 09:00 UTC" in body
        assert "because: Fine" in body
        assert "activate it when you need it" in body


def test_an_administrator_may_make_it_active_instead(user, ending, admin):
    made = give(admin, make.renewal(of=ending, by=user), Kind.ACTIVE, at=NINE + 5 * MINUTE)

    assert (type(made), made.user, made.end_at) == (Assignment, user, IN_90_DAYS)
    assert seen.events(at=NINE + 5 * MINUTE) == ["eligibility.converted", "renewal.granted"]


def test_a_renewal_that_is_granted_is_a_new_assignment(user, admin):
    held = make.assignment(of=user, end_at=IN_10_DAYS)
    at = IN_10_DAYS + DAY
    renewal = make.renewal(of=held, by=user, at=at)

    made = give(admin, renewal, Kind.ELIGIBLE, start_at=at + DAY, at=at)

    assert (type(made), made.user, made.start_at, made.end_at) == (Eligibility, user, at + DAY, IN_90_DAYS)
    assert [event for event in seen.events(at=at) if event != "renewal.asked"] == [
        "eligibility.assigned", "renewal.granted",
    ]  # fmt: skip


def test_a_renewal_may_be_active_again_from_now_on(user, admin):
    held = make.assignment(of=user, end_at=IN_10_DAYS)

    made = give(admin, make.renewal(of=held, by=user, at=IN_10_DAYS), Kind.ACTIVE, at=IN_10_DAYS)

    assert (type(made), made.start_at) == (Assignment, IN_10_DAYS)


def test_the_rules_of_assigning_apply_to_whoever_grants(user, ending, admin):
    renewal = make.renewal(of=ending, by=user)

    assert codes(give, admin, renewal, end_at=NINE - DAY) == ("too_short",)
    renewal.refresh_from_db()
    assert renewal.status == Status.PENDING


def test_a_denial_has_a_reason_and_is_told(user, ending, admin):
    other = make.administrator(email="other@example.com")
    renewal = make.renewal(of=ending, by=user)

    assert codes(renewals.deny, make.act(by=admin), renewal, because=" ") == ("justification",)
    renewals.deny(make.act(by=admin, at=LATER), renewal, because=" Not needed ")

    renewal.refresh_from_db()
    ending.refresh_from_db()
    assert (renewal.status, renewal.decided_by, renewal.decision_reason) == (Status.DENIED, admin, "Not needed")
    assert ending.end_at == IN_10_DAYS
    assert seen.events(at=LATER) == ["renewal.denied"]
    assert seen.emails(at=LATER) == [("renewal_closed", other.email), ("renewal_decided", user.email)]


def test_nobody_decides_for_themself_and_only_administrators_do(admin, user, approver, ending):
    own = make.renewal(of=make.assignment(of=admin, end_at=IN_10_DAYS), by=admin)
    theirs = make.renewal(of=ending, by=user)

    assert codes(give, admin, own) == codes(renewals.deny, make.act(by=admin), own, because="No") == ("own_request",)
    assert codes(give, approver, theirs) == ("power",)
    assert codes(renewals.deny, make.act(by=approver), theirs, because="No") == ("power",)


def test_the_second_administrator_is_told_who_was_faster_and_when(user, ending, admin):
    other = make.administrator(email="other@example.com", name="Otto Other")
    renewal = make.renewal(of=ending, by=user)
    seen_before = RenewalRequest.objects.get(pk=renewal.pk)
    give(other, renewal)

    with pytest.raises(Refused, match="Otto Other has granted this request already, 23 Nov 2026, 09:01 UTC") as refused:
        give(admin, seen_before)

    assert refused.value.status == 409
    assert codes(renewals.deny, make.act(by=admin), seen_before, because="No") == ("closed",)


# --- other ends


def test_whoever_asked_takes_it_back(user, stranger, ending, admin):
    renewal = make.renewal(of=ending, by=user)

    assert codes(renewals.cancel, make.act(by=stranger), renewal) == ("not_yours",)
    renewals.cancel(make.act(by=user, at=LATER), renewal)

    renewal.refresh_from_db()
    assert (renewal.status, renewal.closed_at) == (Status.CANCELLED, LATER)
    assert seen.events(at=LATER) == ["renewal.cancelled"]
    assert seen.emails(at=LATER) == [("renewal_closed", admin.email)]
    with pytest.raises(Refused, match="John Doe has cancelled this request"):
        give(admin, renewal)


def test_what_nobody_decides_ends_30_days_after_the_end(user, ending, admin):
    renewal = make.renewal(of=ending, by=user)
    until = IN_10_DAYS + 30 * DAY

    renewals.time_out(make.act(at=until - MICROSECOND), renewal.pk)
    assert RenewalRequest.objects.get().status == Status.PENDING
    with pytest.raises(Refused, match="Nobody decided this request in time"):
        give(admin, renewal, at=until)
    renewals.time_out(make.act(at=until), renewal.pk)
    renewals.time_out(make.act(at=until), renewal.pk)

    assert RenewalRequest.objects.get().status == Status.TIMED_OUT
    assert seen.events(at=until) == ["renewal.timed_out"]
    assert seen.emails(at=until) == [("renewal_closed", admin.email), ("renewal_closed", user.email)]


def test_what_still_can_be_granted_does_not_lapse(user, ending):
    renewal = make.renewal(of=ending, by=user)

    renewals.lapse(make.act(at=LATER), renewal.pk)

    assert seen.events(at=LATER) == []


def _remove(held, user):
    grants.remove_eligibility(make.act(at=LATER), held, because="New job")


def _retire(held, user):
    type(held.role).objects.filter(pk=held.role_id).update(retired_at=LATER)


def _disable(held, user):
    people.disable(make.act(at=LATER), user)


def _extend(held, user):
    amendments.update(make.act(at=LATER), held, GrantAsk(held.start_at, IN_90_DAYS, "Of my own accord"))


@pytest.mark.parametrize(
    ("happens", "why", "told"),
    [
        (_remove, "it was taken away, or changed to another type", 2),
        (_retire, "the role is retired", 2),
        (_disable, "the account is disabled", 1),
        (_extend, "an administrator has given it another end, or assigned it again", 2),
    ],
)
def test_what_can_no_longer_be_granted_lapses_and_says_why(user, admin, happens, why, told):
    held = make.eligibility(of=user, role=make.role(name="Shop Operator"), end_at=IN_10_DAYS)
    renewal = make.renewal(of=held, by=user)
    happens(held, user)
    at = LATER + MINUTE

    assert queries.badge(renewal, at=at).status == Status.LAPSED
    with pytest.raises(Refused, match=why):
        give(admin, renewal, at=at)
    renewals.lapse(make.act(at=at), renewal.pk)
    renewals.lapse(make.act(at=at), renewal.pk)

    assert [(entry.kind, entry.because) for entry in seen.entries(at=at)] == [("renewal.lapsed", why)]
    assert len(seen.emails(at=at)) == told


@pytest.mark.parametrize("again", [make.eligibility, make.assignment])
def test_what_was_assigned_again_since_is_not_renewed_as_well(user, admin, ending, again):
    renewal = make.renewal(of=ending, by=user, at=IN_10_DAYS)
    again(of=user, role=ending.role, start_at=IN_10_DAYS + MINUTE, end_at=IN_90_DAYS, at=IN_10_DAYS + MINUTE)

    assert queries.why_lapsed(renewal) == "an administrator has given it another end, or assigned it again"


def test_what_lapsed_does_not_stand_in_the_way_while_the_worker_is_off(user, admin):
    held = make.eligibility(of=user, end_at=IN_10_DAYS)
    first = make.renewal(of=held, by=user)
    amendments.update(make.act(at=LATER), held, GrantAsk(held.start_at, NINE + 12 * DAY, "A little"))

    second = make.renewal(of=held, by=user, at=LATER + MINUTE)

    first.refresh_from_db()
    assert (first.status, second.status) == (Status.LAPSED, Status.PENDING)
