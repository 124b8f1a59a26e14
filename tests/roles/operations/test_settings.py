"""Changing the settings of a role."""

from dataclasses import replace

import pytest

from accounts.operations import people
from kernel.period import DAY, HOUR, MINUTE, in_words
from kernel.refusal import Refused
from notifications.email import render
from notifications.models import Email
from roles.models import Role, RolePolicy
from roles.operations import settings
from roles.policy import EXPIRY_CHOICES
from roles.terms import DEFAULTS, ActivationTerms, GrantTerms, Notice, Notices, SecondFactor, Settings
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.postgres

NOBODY_NAMED = "Global and Privileged Role Administrators"
EVERYTHING_ELSE = Settings(
    activation=ActivationTerms(
        max_duration=90 * MINUTE,
        second_factor=SecondFactor.NONE,
        needs_justification=False,
        needs_ticket=True,
        needs_approval=True,
        decision_window=48 * HOUR,
    ),
    eligible=GrantTerms(permanent_allowed=False, max_duration=90 * DAY),
    active=GrantTerms(permanent_allowed=False, max_duration=15 * DAY),
)


@pytest.fixture
def role(db):
    """A built-in role as it comes."""
    return make.role()


def set_to(activation, **rest):
    return replace(DEFAULTS, activation=activation, **rest)


def change(act, role, wanted, version=None):
    """Set the role by somebody who has seen how it is set now, unless they saw an older version."""
    now = RolePolicy.objects.get(role=role).version
    return settings.change(act, role, wanted, version=now if version is None else version)


def refused(act, role, wanted, version=None):
    """Why this cannot be set; everything has to be as it was."""
    before = RolePolicy.objects.values().get(role=role), names_of_approvers(role)
    with pytest.raises(Refused) as caught:
        change(act, role, wanted, version)
    assert (RolePolicy.objects.values().get(role=role), names_of_approvers(role)) == before
    assert seen.events(at=act.at) == []
    return caught.value


def names_of_approvers(role):
    return sorted(str(approver) for approver in RolePolicy.objects.get(role=role).approvers.all())


def test_every_setting_can_be_changed(role, admin, approver, user):
    team = make.group(name="Collaboration team", members=(user,))
    wanted = make.wanted(to=EVERYTHING_ELSE, approvers=(approver, team))

    change(make.act(by=admin), role, wanted)

    policy = RolePolicy.objects.get(role=role)
    assert policy.settings() == wanted
    assert names_of_approvers(role) == ["Alva Approver", "Collaboration team"]
    assert (policy.version, policy.changed_at, policy.changed_by) == (1, NINE, admin)


def test_old_and_new_of_every_change_are_told(role, admin, approver):
    wanted = make.wanted(to=EVERYTHING_ELSE, approvers=(approver,))

    changes = change(make.act(by=admin), role, wanted)

    assert [(change["what"], change["old"], change["new"]) for change in changes] == [
        ("Activation maximum duration", "8 h", "1 h 30 min"),
        ("On activation, require", "a second factor", "nothing"),
        ("Require a justification on activation", "yes", "no"),
        ("Require a ticket on activation", "no", "yes"),
        ("Require approval to activate", "no", "yes"),
        ("Approvers", NOBODY_NAMED, "approver@example.com"),
        ("Time to decide", "1 day", "2 days"),
        ("Allow permanent eligible assignment", "yes", "no"),
        ("Expire eligible assignments after", "365 days", "90 days"),
        ("Allow permanent active assignment", "yes", "no"),
        ("Expire active assignments after", "180 days", "15 days"),
        ("Require a justification of whoever assigns active", "yes", "no"),
    ]
    entry = seen.entry("settings.changed")
    assert entry.facts == {"version": 1, "changes": changes}
    assert (entry.actor_id, entry.role_id, entry.role_name, entry.at) == (
        admin.pk,
        role.pk,
        "Teams Administrator",
        NINE,
    )
    assert entry.scope_name == "Directory"


def test_the_portal_itself_may_change_settings(role):
    change(make.act(), role, EVERYTHING_ELSE)

    policy = RolePolicy.objects.get(role=role)
    assert (policy.settings(), policy.changed_by) == (EVERYTHING_ELSE, None)


def test_what_changes_nothing_is_neither_told_nor_counted(role, admin, approver):
    make.change_settings(of=role, to=EVERYTHING_ELSE, approvers=(approver,), at=make.THE_DAY_BEFORE)
    wanted = make.wanted(to=EVERYTHING_ELSE, approvers=(approver,))

    changes = change(make.act(by=admin), role, wanted)

    policy = RolePolicy.objects.get(role=role)
    assert (changes, seen.events()) == ([], [])
    assert (policy.version, policy.changed_at, policy.changed_by) == (1, make.THE_DAY_BEFORE, None)
    assert names_of_approvers(role) == ["Alva Approver"]


def test_each_change_counts(role, admin):
    for version, hours in ((1, 2), (2, 3), (3, 4)):
        change(make.act(by=admin), role, set_to(ActivationTerms(max_duration=hours * HOUR)))
        assert RolePolicy.objects.get(role=role).version == version


def test_approvers_can_be_taken_away_again(role, admin, approver):
    make.change_terms(of=role, to=ActivationTerms(), approvers=(approver,), at=make.THE_DAY_BEFORE)

    changes = change(make.act(by=admin), role, DEFAULTS)

    assert changes == [{"what": "Approvers", "old": "approver@example.com", "new": NOBODY_NAMED}]
    assert names_of_approvers(role) == []


def test_two_approvers_of_the_same_name_are_two_approvers(role, admin):
    """Who decides has changed, though the words have not: history has to tell."""
    one, namesake = make.user(name="Kim Lee"), make.user(name="Kim Lee")
    make.change_terms(of=role, to=ActivationTerms(), approvers=(one,), at=make.THE_DAY_BEFORE)

    change(make.act(by=admin), role, make.wanted(to=DEFAULTS, approvers=(namesake,)))

    policy = RolePolicy.objects.get(role=role)
    assert [approver.user for approver in policy.approvers.all()] == [namesake]
    assert (policy.version, seen.events()) == (2, ["settings.changed"])


def test_a_group_and_a_person_of_the_same_name_are_two_approvers(role, admin):
    person = make.user(name="Night shift")
    make.change_terms(of=role, to=ActivationTerms(), approvers=(person,), at=make.THE_DAY_BEFORE)
    team = make.group(name="Night shift")

    change(make.act(by=admin), role, make.wanted(to=DEFAULTS, approvers=(team,)))

    assert (names_of_approvers(role), seen.events()) == (["Night shift"], ["settings.changed"])
    assert [approver.group for approver in RolePolicy.objects.get(role=role).approvers.all()] == [team]


def test_no_two_choices_are_said_in_the_same_words():
    """A change is found by its words, so they have to tell every choice apart."""
    for choices in (
        [hours * HOUR for hours in range(1, 169)],
        [count * 30 * MINUTE for count in range(1, 49)],
        EXPIRY_CHOICES,
    ):
        assert len({in_words(choice) for choice in choices}) == len(choices)


def test_only_who_holds_the_power_changes_settings(role, user, auditor):
    wanted = EVERYTHING_ELSE

    assert refused(make.act(by=user), role, wanted).codes == ("power",)
    assert refused(make.act(by=auditor), role, wanted).codes == ("power",)


def test_a_power_that_has_ended_changes_nothing(role, user, admin):
    make.assignment(of=user, role=make.role(name="Global Administrator"), end_at=NINE)

    assert refused(make.act(by=user), role, EVERYTHING_ELSE).codes == ("power",)


def test_a_disabled_administrator_changes_nothing(role, admin):
    people.disable(make.act(), admin)
    admin.refresh_from_db()

    assert refused(make.act(by=admin, at=NINE + MINUTE), role, DEFAULTS).codes == ("power",)


def test_every_reason_is_told_at_once(role, user):
    nonsense = GrantTerms(max_duration=DAY)
    wanted = Settings(ActivationTerms(max_duration=0 * HOUR), eligible=nonsense, active=nonsense)

    assert refused(make.act(by=user), role, wanted).codes == ("power", "max_duration", "expiry", "expiry")


def test_who_looked_at_an_older_version_is_told_who_changed_it(role, admin):
    other = make.administrator(name="Olga Other", email="olga@example.com")
    change(make.act(by=other), role, set_to(ActivationTerms(max_duration=HOUR)))

    refusal = refused(make.act(by=admin, at=NINE + MINUTE), role, EVERYTHING_ELSE, version=0)

    assert refusal.codes == ("version",)
    assert str(refusal).startswith("Olga Other changed these settings while you were editing.")


def test_a_role_read_long_ago_is_read_afresh(role, admin):
    stale = Role.objects.select_related("policy").get(pk=role.pk)
    make.change_terms(of=role, to=ActivationTerms(max_duration=HOUR), at=make.THE_DAY_BEFORE)

    assert stale.policy.version == 0
    assert refused(make.act(by=admin), stale, DEFAULTS, version=0).codes == ("version",)


# --- loosening a privileged role

LOOSER = ActivationTerms(max_duration=24 * HOUR, needs_justification=False, needs_ticket=True)


@pytest.fixture
def privileged(db):
    """A privileged role as it comes."""
    return make.role(name="Privileged Authentication Administrator")


def test_every_administrator_is_told_what_loosens_a_privileged_role(privileged, admin):
    other = make.user(name="Olga Other", email="olga@example.com")
    make.assignment(of=make.group(members=(other,)), role=make.role(name="Privileged Role Administrator"))

    change(make.act(by=admin), privileged, set_to(LOOSER))

    assert seen.emails() == [("settings_weakened", "admin@example.com"), ("settings_weakened", "olga@example.com")]
    email = Email.objects.get(to_address="olga@example.com", template="settings_weakened")
    assert (email.path, email.why) == (
        f"/roles/{privileged.pk}/",
        "you are Global or Privileged Role Administrator",
    )
    assert email.facts == {
        "role_name": "Privileged Authentication Administrator",
        "scope_name": "Directory",
        "actor_name": "Ada Admin",
        "changed_at": "2026-11-23T09:00:00Z",
        "count": 2,
        "changes": [
            {"what": "Activation maximum duration", "old": "8 h", "new": "1 day", "is_weaker": True},
            {"what": "Require a justification on activation", "old": "yes", "new": "no", "is_weaker": True},
            {"what": "Require a ticket on activation", "old": "no", "new": "yes", "is_weaker": False},
        ],
    }
    read = render(email)
    assert read.subject == ("PIM: Ada Admin loosened the settings of Privileged Authentication Administrator")
    assert "Require a justification on activation (looser)\n  from: yes\n  to:   no\n" in read.text
    assert "2 of the changes make" in read.html


def test_each_loosening_is_told(privileged, admin):
    change(make.act(by=admin), privileged, set_to(LOOSER))
    change(make.act(by=admin), privileged, set_to(replace(LOOSER, second_factor=SecondFactor.NONE)))

    assert seen.emails() == [("settings_weakened", "admin@example.com")] * 2


def test_what_makes_a_privileged_role_stricter_is_written_to_nobody(privileged, admin):
    change(make.act(by=admin), privileged, set_to(ActivationTerms(max_duration=HOUR)))

    assert seen.emails() == []


def test_loosening_a_role_that_is_not_privileged_is_written_to_nobody(admin):
    plain = make.role(name="Teams Reader")
    assert not plain.is_privileged

    change(make.act(by=admin), plain, set_to(LOOSER))

    assert seen.emails() == []


def test_a_role_of_ones_own_that_carries_powers_counts_as_privileged(admin):
    carrier = make.role(name="Deputy")
    Role.objects.filter(pk=carrier.pk).update(powers=["roles.manage"])
    carrier.refresh_from_db()

    change(make.act(by=admin), carrier, set_to(LOOSER))

    assert seen.emails() == [("settings_weakened", "admin@example.com")]


def test_administrators_are_told_though_the_settings_tell_them_nothing_else(privileged, admin):
    silent = Notices((Notice(by_default=False),) * 9)

    change(make.act(by=admin), privileged, replace(DEFAULTS, notices=silent))

    assert seen.emails() == [("settings_weakened", "admin@example.com")]
