"""Going back to earlier settings."""

from dataclasses import replace

import pytest

from accounts.models import User
from accounts.operations import people
from kernel.period import HOUR, MINUTE
from kernel.refusal import Refused
from roles.models import RolePolicy, SettingsVersion
from roles.operations import versions
from roles.terms import DEFAULTS, ActivationTerms
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.postgres

TWO_HOURS = replace(DEFAULTS, activation=ActivationTerms(max_duration=2 * HOUR))


@pytest.fixture
def role(db):
    """A role that came with the defaults, had an approver in version 1, and lost them in version 2."""
    made = make.role()
    approver = make.user(name="Alva Approver", email="approver@example.com")
    make.change_settings(of=made, to=DEFAULTS, approvers=(approver,), at=make.THE_DAY_BEFORE)
    make.change_settings(of=made, to=TWO_HOURS, at=make.THE_DAY_BEFORE)
    return made


def refused(act, role, number, *, version):
    """Why one cannot go back; everything has to be as it was."""
    before = RolePolicy.objects.values().get(role=role)
    with pytest.raises(Refused) as caught:
        versions.revert(act, role, number, version=version)
    assert RolePolicy.objects.values().get(role=role) == before
    assert seen.events(at=act.at) == []
    return caught.value


def test_going_back_brings_the_settings_of_then_as_a_new_version(role, admin):
    changes = versions.revert(make.act(by=admin), role, 1, version=2)

    policy = RolePolicy.objects.get(role=role)
    assert (policy.settings(), policy.version, policy.changed_by) == (
        SettingsVersion.objects.get(policy=policy, number=1).settings(),
        3,
        admin,
    )
    assert [approver.user.email for approver in policy.approvers.all()] == ["approver@example.com"]
    assert changes == [
        {"what": "Activation maximum duration", "old": "2 h", "new": "8 h"},
        {
            "what": "Approvers",
            "old": "Global and Privileged Role Administrators",
            "new": "approver@example.com",
        },
    ]


def test_the_history_says_whereto_somebody_went_back(role, admin):
    changes = versions.revert(make.act(by=admin), role, 0, version=2)

    entry = seen.entries()[0]
    assert (entry.because, entry.facts) == ("Back to version 0", {"version": 3, "changes": changes})
    assert RolePolicy.objects.get(role=role).settings() == DEFAULTS


def test_going_back_to_what_is_so_already_changes_nothing(role, admin):
    assert versions.revert(make.act(by=admin), role, 2, version=2) == []

    assert (RolePolicy.objects.get(role=role).version, seen.events()) == (2, [])


def test_only_who_holds_the_power_goes_back(role, auditor):
    assert refused(make.act(by=auditor), role, 1, version=2).codes == ("power",)


def test_who_looked_at_older_settings_is_told_who_changed_them(role, admin):
    refusal = refused(make.act(by=admin), role, 0, version=1)

    assert refusal.codes == ("version",)
    assert str(refusal).startswith("the portal changed these settings")


def test_there_is_no_going_back_to_a_version_that_never_was(role, admin):
    other = make.role(name="Teams Reader", terms=make.EASY)

    refusals = [refused(make.act(by=admin), of, number, version=1) for of, number in ((role, 3), (other, 2))]

    assert [str(refusal) for refusal in refusals] == [
        "There is no version 3 of these settings. Choose a listed one.",
        "There is no version 2 of these settings. Choose a listed one.",
    ]


def test_where_an_approver_of_then_is_gone_the_sentence_says_who_and_what_to_do(role, admin):
    people.disable(make.act(at=make.THE_DAY_BEFORE), User.objects.get(email="approver@example.com"))

    refusal = refused(make.act(by=admin, at=NINE + MINUTE), role, 1, version=2)

    assert str(refusal) == (
        "Version 1 cannot come back as it was. Nobody enabled has the email approver@example.com. "
        "Name somebody else. Edit the settings instead."
    )
