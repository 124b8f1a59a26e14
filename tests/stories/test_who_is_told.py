"""Who is written to, and how often: promises that hold for every email about roles and requests."""

from collections import Counter
from dataclasses import replace

import pytest

from accounts.operations import mail
from kernel.period import DAY, HOUR, MINUTE
from notifications.models import Email
from notifications.terms import Pace
from requests_app.operations import activation as asking
from requests_app.operations import approval, questions, renewals, starting, waiting
from roles.operations import activation, amendments, batches, departures, grants
from roles.policy import GrantAsk
from roles.terms import CELLS, Audience, Notice, Notices, Occasion
from tests import make, seen
from tests.make import EASY, IN_30_DAYS, NINE

pytestmark = pytest.mark.django_db

LATER = NINE + 10 * MINUTE
OFF = Notices((Notice(by_default=False),) * len(CELLS))


def told(person, *, at=LATER):
    """What this person is written to at this moment."""
    return [template for template, address in seen.emails(at=at) if address == person.email]


def also_to(*addresses, cells=CELLS):
    """Everybody is written to, and these addresses where one can name any."""
    only_approvers = (Occasion.ACTIVATION, Audience.APPROVERS)
    return Notices(
        tuple(Notice(addresses=addresses if cell in cells and cell != only_approvers else ()) for cell in CELLS)
    )


def watcher():
    """An active Security Administrator."""
    made = make.user(name="Wanda Watcher", email="watcher@example.com")
    make.assignment(of=made, role=make.role(name="Security Administrator"), end_at=None)
    return made


# --- the asker always learns what became of it, by whom, and why


@pytest.fixture
def silent(user, approver):
    """John asks for a role whose emails are all switched off."""
    role = make.role(notices=OFF, approvers=(approver,))
    return make.role_request(by=user, for_=make.eligibility(of=user, role=role))


@pytest.mark.parametrize(("decide", "verdict"), [(approval.approve, "approve"), (approval.deny, "deny")])
def test_the_asker_learns_who_decided_and_why_though_all_emails_of_the_role_are_off(
    silent, user, approver, decide, verdict
):
    decide(make.act(by=approver, at=LATER), silent, because="Because of the audit")

    assert seen.emails(at=LATER) == [("your_request_decided", user.email)]
    facts = Email.objects.get(promised_at=LATER).facts
    assert (facts["verdict"], facts["approver_name"]) == (verdict, "Alva Approver")
    assert facts["because"] == "Because of the audit"


def test_the_asker_learns_that_nobody_decided_though_all_emails_of_the_role_are_off(silent, user):
    asking.time_out(make.act(at=NINE + 25 * HOUR), silent.pk)

    assert seen.emails(at=NINE + 25 * HOUR) == [("your_request_timed_out", user.email)]


def test_the_asker_learns_that_it_is_no_longer_possible_though_all_emails_of_the_role_are_off(silent, user):
    grants.remove_eligibility(make.act(at=LATER), silent.eligibility, because="New job")
    waiting.lapse(make.act(at=LATER), silent.pk)

    assert seen.emails(at=LATER) == [("your_request_lapsed", user.email)]


def test_the_asker_learns_that_somebody_wants_to_know_more_though_all_emails_of_the_role_are_off(
    silent, user, approver
):
    questions.ask(make.act(by=approver, at=LATER), silent, "Which mailbox?")

    assert seen.emails(at=LATER) == [("question_asked", user.email)]


def test_the_holder_learns_that_what_was_planned_does_not_begin_though_all_emails_of_the_role_are_off(user):
    role = make.role(terms=EASY, notices=OFF)
    planned = make.activation(by=user, of=make.eligibility(of=user, role=role), start_at=NINE + HOUR)
    now = role.policy.settings()
    make.change_settings(of=role, to=replace(now, activation=replace(EASY, needs_ticket=True)), at=LATER)

    starting.check(make.act(at=LATER), planned.pk)

    assert told(user) == ["your_role_did_not_start"]


def test_who_asked_for_more_time_learns_that_it_was_denied_though_all_emails_of_the_role_are_off(user, admin):
    held = make.eligibility(of=user, role=make.role(notices=OFF), end_at=NINE + 10 * DAY)

    renewals.deny(make.act(by=admin, at=LATER), make.renewal(of=held, by=user), because="The project is over")

    assert seen.emails(at=LATER) == [("renewal_decided", user.email)]


# --- the others learn that it is decided, and nobody hears of their own deed twice


def test_the_other_approvers_and_the_watchers_learn_that_it_is_decided_each_once(user, approver, other_approver, admin):
    watching = watcher()
    role = make.role(approvers=(approver, other_approver, admin))
    role_request = make.role_request(by=user, for_=make.eligibility(of=user, role=role))

    approval.approve(make.act(by=approver, at=LATER), role_request, because="On call")

    others = [(("request_decided"), person.email) for person in (admin, other_approver, watching)]
    assert seen.emails(at=LATER) == sorted([*others, ("your_request_decided", user.email)])


def test_an_administrator_who_decides_is_not_written_to_about_it(user, approver, admin):
    role_request = make.role_request(
        by=user, for_=make.eligibility(of=user, role=make.role(approvers=(approver, admin)))
    )

    approval.deny(make.act(by=admin, at=LATER), role_request, because="Not tonight")

    assert told(admin) == []
    assert told(approver) == ["request_decided"]


DEEDS = {
    "gives themself a role": lambda admin: make.assignment(
        of=admin, role=make.role(notices=also_to(admin.email)), at=LATER, start_at=LATER
    ),
    "activates their own role": lambda admin: make.activation(
        by=admin, of=make.eligibility(of=admin, role=make.role(terms=EASY, notices=also_to(admin.email))), at=LATER
    ),
    "gives many at once": lambda admin: batches.give(
        make.act(by=admin, at=LATER),
        [
            make.wish(to=person, role=make.role(name=name, notices=also_to(admin.email)), start_at=LATER)
            for person, name in ((admin, "Teams Reader"), (make.user(), "User Administrator"))
        ],
    ),
    "changes what they hold": lambda admin: amendments.update(
        make.act(by=admin, at=LATER),
        make.eligibility(of=admin, role=make.role(notices=also_to(admin.email))),
        GrantAsk(make.THE_DAY_BEFORE, IN_30_DAYS + DAY, "Longer"),
    ),
    "loosens a privileged role": lambda admin: make.change_settings(
        of=make.role(name="Privileged Authentication Administrator"),
        to=replace(make.DEFAULTS, activation=EASY),
        by=admin,
        at=LATER,
    ),
}  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS)
def test_nobody_is_written_to_about_their_own_deed_twice(admin, deed):
    DEEDS[deed](admin)

    about = Email.objects.filter(promised_at=LATER, to_address=admin.email)
    told_of = Counter((email.facts.get("role_name"), email.facts.get("kind")) for email in about)
    assert about.exists()
    assert set(told_of.values()) == {1}


# --- groups, the disabled, additional addresses


def test_each_member_of_a_group_is_told_once_of_what_the_group_is_given_and_loses(user, stranger, admin):
    team = make.group(members=(user, stranger, admin))
    made = make.eligibility(of=team, start_at=NINE, at=NINE, end_at=NINE + 20 * DAY)
    over = NINE + 20 * DAY

    activation.tell_eligibility_end(make.act(at=over), made.pk)

    for at, template in ((NINE, "assigned_to_you"), (over, "your_role_ended")):
        assert seen.emails(at=at) == sorted((template, person.email) for person in (user, stranger, admin))


def test_a_member_who_is_disabled_is_not_told(user, stranger):
    team = make.group(members=(user, stranger))
    departures.disable(make.act(at=NINE - HOUR), stranger)

    make.eligibility(of=team, start_at=NINE, at=NINE)

    assert seen.emails() == [("assigned_to_you", user.email)]


def test_an_asker_who_was_disabled_meanwhile_is_not_told(user, approver):
    role_request = make.role_request(by=user, for_=make.eligibility(of=user, role=make.role(approvers=(approver,))))
    departures.disable(make.act(at=LATER), user)

    waiting.lapse(make.act(at=LATER), role_request.pk)

    assert told(user) == []


def test_an_address_of_somebody_who_was_disabled_is_no_way_around(user, stranger):
    role = make.role(terms=EASY, notices=also_to(stranger.email, "soc@example.org"))
    departures.disable(make.act(at=NINE - HOUR), stranger)

    make.activation(by=user, of=make.eligibility(of=user, role=role), at=LATER)

    assert seen.emails(at=LATER) == [("role_activated", "soc@example.org"), ("your_role_is_active", user.email)]


@pytest.mark.parametrize("written", ["admin@example.com", "Admin@Example.com"])
def test_an_additional_address_of_somebody_who_is_told_anyway_is_told_once(user, admin, written):
    role = make.role(terms=EASY, notices=also_to(written))

    make.activation(by=user, of=make.eligibility(of=user, role=role), at=LATER)

    assert seen.emails(at=LATER) == [("role_activated", admin.email), ("your_role_is_active", user.email)]


def test_an_additional_address_of_the_asker_or_an_approver_hears_of_a_decision_once(user, approver, other_approver):
    role = make.role(notices=also_to(user.email, other_approver.email), approvers=(approver, other_approver))
    role_request = make.role_request(by=user, for_=make.eligibility(of=user, role=role))

    approval.approve(make.act(by=approver, at=LATER), role_request, because="On call")

    assert seen.emails(at=LATER) == [("request_decided", other_approver.email), ("your_request_decided", user.email)]


def test_an_additional_address_of_somebody_else_here_comes_as_they_chose(user, stranger):
    role = make.role(terms=EASY, notices=also_to(stranger.email))
    mail.choose(make.act(by=stranger), pace=Pace.DAILY, wants_weekly_digest=True)

    make.activation(by=user, of=make.eligibility(of=user, role=role), at=LATER)

    assert Email.objects.get(to_person=stranger.pk, promised_at=LATER).held_at == LATER


# --- what is assigned, and its end


def test_the_administrators_learn_that_what_was_assigned_ran_out(user, admin):
    for make_one, tell in (
        (make.eligibility, activation.tell_eligibility_end),
        (make.assignment, activation.tell_assignment_end),
    ):
        made = make_one(of=user, role=make.role(notices=also_to("soc@example.org")), end_at=LATER)
        tell(make.act(at=LATER), made.pk)

    twice = [("ended", admin.email), ("ended", "soc@example.org"), ("your_role_ended", user.email)] * 2
    assert seen.emails(at=LATER) == sorted(twice)


def test_the_end_of_an_activation_is_told_to_the_holder_and_to_named_addresses_alone(user, admin):
    role = make.role(terms=EASY, notices=also_to("soc@example.org"))
    active = make.activation(by=user, of=make.eligibility(of=user, role=role))

    activation.tell_assignment_end(make.act(at=NINE + HOUR), active.pk)

    assert seen.emails(at=NINE + HOUR) == [("ended", "soc@example.org"), ("your_role_ended", user.email)]


def test_named_addresses_read_who_ended_it_and_not_you_did(user):
    role = make.role(terms=EASY, notices=also_to("soc@example.org"))
    active = make.activation(by=user, of=make.eligibility(of=user, role=role))

    activation.deactivate(make.act(by=user, at=LATER), active)

    assert Email.objects.get(promised_at=LATER, template="ended").facts["because"] == "John Doe deactivated it"


def test_named_addresses_read_who_took_it_away_and_why(user, admin):
    made = make.eligibility(of=user, role=make.role(notices=also_to("soc@example.org")))

    grants.remove_eligibility(make.act(by=admin, at=LATER), made, because="New job")

    assert seen.emails(at=LATER) == [("ended", "soc@example.org"), ("removed_from_you", user.email)]
    assert Email.objects.get(promised_at=LATER, template="ended").facts["because"] == "Ada Admin removed it: New job"


# --- who watches


def test_security_administrators_are_told_of_activations_and_not_of_assignments(user):
    watching, role = watcher(), make.role(terms=EASY)

    make.activation(by=user, of=make.eligibility(of=user, role=role, start_at=NINE), at=LATER)

    assert (told(watching, at=NINE), told(watching)) == ([], ["role_activated"])


# --- what cannot be switched off


def test_whoever_wants_only_what_needs_them_still_hears_of_their_own_roles_and_of_alarms(user, admin):
    role = make.role(approvers=(admin,))
    for person in (user, admin):
        mail.choose(make.act(by=person), pace=Pace.DECISIONS, wants_weekly_digest=False)
    role_request = make.role_request(by=user, for_=make.eligibility(of=user, role=role), at=LATER)
    approval.approve(make.act(by=admin, at=LATER), role_request, because="On call")
    make.change_settings(of=make.role(name="Global Reader"), to=replace(make.DEFAULTS, activation=EASY), at=LATER)

    assert told(user) == ["your_request_decided"]
    assert told(admin) == ["approval_wanted", "settings_weakened"]


def test_whoever_wants_only_what_needs_them_does_not_hear_what_others_do(user, admin):
    mail.choose(make.act(by=admin), pace=Pace.DECISIONS, wants_weekly_digest=False)

    make.activation(by=user, of=make.eligibility(of=user, role=make.role(terms=EASY), start_at=NINE), at=LATER)

    assert (told(admin, at=NINE), told(admin)) == ([], [])
