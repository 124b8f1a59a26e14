"""Administrators made on the console, and the accounts for emergencies."""

from datetime import timedelta

import pytest

from accounts.models import EmergencyUse, User
from accounts.operations import people, sign_in
from kernel.period import DAY, MINUTE
from kernel.powers import EVERY_POWER
from kernel.refusal import Refused
from roles.models import Assignment
from roles.operations import administrators, settings
from roles.queries import access, emergency
from roles.terms import DEFAULTS, GrantTerms
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.django_db

QUARTER = 90 * DAY
LATER = NINE + MINUTE


@pytest.fixture
def glass(admin: User) -> User:
    """A break-glass account, beside the administrator there is."""
    return make.break_glass()


use = make.emergency_use


def note(act, use, *, purpose="drill", text="Quarterly drill, both envelopes opened."):
    administrators.note(act, use, purpose=purpose, text=text)


# --- made


def test_a_break_glass_account_is_permanently_global_administrator_and_everybody_is_told(admin):
    user, _secret = administrators.make(make.act(), address="glass@example.org", name="Glass", is_break_glass=True)

    held = Assignment.objects.in_force(NINE).get(user=user)
    assert (user.is_break_glass, held.role.name, held.end_at) == (True, "Global Administrator", None)
    assert seen.events() == [
        "catalogue.loaded",
        "person.added",
        "person.invited",
        "break_glass.made",
        "assignment.made",
    ]
    assert seen.emails() == sorted(
        [
            ("assigned", admin.email),
            ("assigned_to_you", user.email),
            ("break_glass_made", admin.email),
            ("invitation", user.email),
        ]
    )


def test_the_first_administrator_is_no_break_glass_account():
    user, _secret = administrators.make(make.act(), address="ada@example.org", name="Ada")

    assert (user.is_break_glass, "break_glass.made" in seen.events()) == (False, False)


def test_a_portal_that_lost_its_administrators_gets_one_on_the_console(admin):
    User.objects.filter(pk=admin.pk).update(is_enabled=False)

    user, _secret = administrators.make(make.act(), address="ada@example.org", name="Ada")

    assert access.powers_of(user, at=NINE) == EVERY_POWER


def test_the_console_helps_whatever_the_settings_say(admin):
    always = GrantTerms(permanent_allowed=False, needs_justification=True, needs_second_factor=True)
    make.role(name="Global Administrator", active=always, at=NINE - MINUTE)

    user, _secret = administrators.make(make.act(), address="ada@example.org", name="Ada")

    assert access.powers_of(user, at=NINE) == EVERY_POWER


def test_nobody_makes_administrators_so_but_on_the_console(admin):
    with pytest.raises(Refused) as refused:
        administrators.make(make.act(by=admin), address="ada@example.org", name="Ada")

    assert refused.value.codes == ("console",)


# --- never more than that


def test_a_break_glass_account_is_never_made_eligible(glass):
    with pytest.raises(Refused) as refused:
        make.eligibility(of=glass)

    assert refused.value.codes == ("break_glass",)


def test_a_break_glass_account_is_never_named_as_approver(glass, admin):
    role = make.role()

    with pytest.raises(Refused) as refused:
        settings.change(make.act(by=admin), role, make.wanted(to=DEFAULTS, approvers=(glass,)), version=0)

    assert refused.value.codes == ("break_glass",)


def test_a_break_glass_account_is_in_no_group(glass):
    with pytest.raises(Refused) as refused:
        make.group(members=(glass,))

    assert refused.value.codes == ("break_glass",)


# --- its sign-ins


def test_who_is_no_break_glass_account_signs_in_without_alarm(admin):
    sign_in.succeeded(make.act(by=admin))

    assert not EmergencyUse.objects.exists()


def test_every_sign_in_alarms_all_administrators_but_the_account_itself(glass, admin):
    signed_in = use(of=glass)

    administrators.alarm(make.act(at=LATER), signed_in.pk)

    assert (signed_in.ip, seen.events()) == ("203.0.113.7", ["person.signed_in"])
    assert seen.events(at=LATER) == ["break_glass.alarmed"]
    assert seen.emails(at=LATER) == [("break_glass_used", admin.email)]


def test_the_first_session_from_the_invitation_alarms_as_well():
    user, secret = administrators.make(make.act(), address="glass@example.org", name="Glass", is_break_glass=True)

    people.accept_invitation(make.act(at=LATER), secret=secret, password="seven-lakes-and-no-boat")

    assert [(use.user, use.signed_in_at) for use in EmergencyUse.objects.all()] == [(user, LATER)]


def test_an_alarm_is_given_once(glass):
    signed_in = use(of=glass)

    for _ in range(2):
        administrators.alarm(make.act(at=LATER), signed_in.pk)

    assert seen.events(at=LATER) == ["break_glass.alarmed"]
    assert emergency.unalarmed() == []


def test_a_sign_in_is_what_the_worker_waits_for(glass):
    assert emergency.next_alarm(NINE) is None

    signed_in = use(of=glass)

    assert (emergency.next_alarm(LATER - MINUTE), emergency.unalarmed()) == (NINE, [signed_in.pk])


def test_a_sign_in_written_a_moment_late_is_still_found(glass):
    use(of=glass)

    assert emergency.next_alarm(NINE + timedelta(seconds=9)) == NINE
    assert emergency.next_alarm(NINE + timedelta(seconds=11)) is None


# --- what they were


def test_an_administrator_says_afterwards_what_it_was(glass, admin):
    signed_in = use(of=glass)

    note(make.act(by=admin, at=LATER), signed_in, purpose="emergency", text=" Mail server down. ")

    signed_in.refresh_from_db()
    assert (signed_in.get_purpose_display(), signed_in.note) == ("Emergency", "Mail server down.")
    assert (signed_in.noted_by, signed_in.noted_at, emergency.unexplained()) == (admin, LATER, 0)
    told = seen.entry("break_glass.noted")
    assert (told.because, told.facts["purpose"], told.person_name) == ("Mail server down.", "emergency", glass.name)


@pytest.mark.parametrize(
    ("purpose", "text", "codes"),
    [
        ("drill", "  ", ("note",)),
        ("", "x", ("purpose",)),
        ("party", "", ("purpose", "note")),
        ("drill", "x" * 2001, ("note_long",)),
    ],
)
def test_a_note_says_what_it_was_and_what_happened(glass, admin, purpose, text, codes):
    signed_in = use(of=glass)

    with pytest.raises(Refused) as refused:
        note(make.act(by=admin), signed_in, purpose=purpose, text=text)

    assert (refused.value.codes, emergency.unexplained()) == (codes, 1)


def test_the_account_itself_does_not_explain_its_sign_in(glass):
    with pytest.raises(Refused) as refused:
        note(make.act(by=glass), use(of=glass))

    assert refused.value.codes == ("oneself",)


def test_who_may_not_manage_people_does_not_explain(glass, auditor):
    with pytest.raises(Refused) as refused:
        note(make.act(by=auditor), use(of=glass))

    assert refused.value.codes == ("power",)


def test_a_sign_in_is_explained_once(glass, admin):
    signed_in = use(of=glass)
    note(make.act(by=admin), signed_in)

    with pytest.raises(Refused, match=r"Ada Admin has said what this was already\."):
        note(make.act(by=admin), signed_in, purpose="misuse")

    assert EmergencyUse.objects.get().purpose == "drill"


# --- drills


def test_an_account_is_due_90_days_after_it_was_made(glass):
    (before,) = emergency.accounts(NINE + QUARTER - DAY - MINUTE)
    (after,) = emergency.accounts(NINE + QUARTER - DAY)

    assert (before.is_overdue, after.is_overdue, after.tested_at) == (False, True, None)


@pytest.mark.parametrize(("purpose", "counts"), [("drill", True), ("emergency", True), ("misuse", False)])
def test_a_drill_or_an_emergency_shows_that_it_works(glass, admin, purpose, counts):
    note(make.act(by=admin), use(of=glass), purpose=purpose)

    (account,) = emergency.accounts(NINE)

    assert (account.tested_at, account.due_at) == ((NINE, NINE + QUARTER) if counts else (None, NINE + QUARTER - DAY))


def test_a_sign_in_nobody_has_explained_is_no_test(glass):
    use(of=glass)

    (account,) = emergency.accounts(NINE)

    assert account.tested_at is None


def test_administrators_are_reminded_once_in_each_90_days(glass, admin):
    due = NINE + QUARTER - DAY
    rounds = [due - MINUTE, due, due + MINUTE, due + QUARTER]

    for at in rounds:
        administrators.remind_of_drills(make.act(at=at))

    both = sorted([("break_glass_untested", admin.email), ("break_glass_untested", glass.email)])
    assert [seen.emails(at=at) for at in rounds] == [[], both, [], both]
