"""Letting people in, and keeping them out."""

import pytest

from accounts.backends import PasswordBackend
from accounts.models import OneTimeCode, User
from accounts.operations import codes, people
from kernel.period import DAY, HOUR
from kernel.refusal import Refused
from notifications.models import Email
from roles.queries.access import access
from roles.queries.people import administrators
from tests import make, seen
from tests.make import NINE

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def refused(operation, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        operation(*args, **kwargs)
    return caught.value.codes


# --- added


def test_somebody_added_holds_nothing_and_cannot_sign_in(admin):
    person = people.add(make.act(by=admin), address=" New@Example.COM ", name=" Nora New ", job_title="Engineer")

    assert (person.email, person.display_name, person.job_title) == ("new@example.com", "Nora New", "Engineer")
    assert (person.is_enabled, person.is_demo, person.has_usable_password()) == (True, False, False)
    (entry,) = seen.entries()
    assert (entry.kind, entry.actor_id, entry.person_id) == ("person.added", admin.pk, person.pk)
    assert entry.facts == {"email": "new@example.com"}


@pytest.mark.parametrize("address", ["user@example.com", "USER@EXAMPLE.COM", " user@example.com"])
def test_nobody_is_added_twice(address, user):
    assert refused(people.add, make.act(), address=address, name="Impostor") == ("taken",)
    assert User.objects.count() == 1


@pytest.mark.parametrize("address", ["", "nonsense", "a@b", "a b@example.com", "a@example.com\nBcc: b@example.com"])
def test_an_address_one_cannot_write_to_is_refused(address):
    assert refused(people.add, make.act(), address=address, name="Nobody") == ("email",)
    assert not User.objects.exists()


def test_an_address_longer_than_any_mail_server_takes_is_refused():
    address = f"{'a' * 60}@{'.'.join(['b' * 60] * 4)}.example"

    assert len(address) > 254
    assert refused(people.add, make.act(), address=address, name="Nobody") == ("email",)


# --- invited


def test_an_invitation_is_written_to_who_is_invited(admin):
    person, secret = people.invite(make.act(by=admin), address="new@example.com", name="Nora New")

    assert seen.events() == ["person.added", "person.invited"]
    email = Email.objects.get(template="invitation")
    assert (email.to_name, email.to_address, email.path) == ("Nora New", person.email, f"/invitation/{secret}/")
    assert email.facts == {"inviter_name": "Ada Admin", "expires_at": "2026-11-30T09:00:00Z"}


def test_the_history_does_not_hold_the_secret_of_an_invitation(admin):
    _person, secret = people.invite(make.act(by=admin), address="new@example.com", name="Nora New")

    assert secret not in str([vars(entry) for entry in seen.entries()])


def test_who_accepts_an_invitation_can_sign_in():
    person, secret = make.invitation()

    accepted = people.accept_invitation(make.act(at=NINE + HOUR), secret=secret, password=make.PASSWORD)

    assert accepted == person
    assert PasswordBackend().authenticate(None, username=person.email, password=make.PASSWORD) == person
    (entry,) = seen.entries(at=NINE + HOUR)
    assert (entry.kind, entry.actor_id, entry.person_id) == ("person.invitation_accepted", person.pk, person.pk)


def test_an_invitation_is_accepted_once():
    person, secret = make.invitation()
    people.accept_invitation(make.act(), secret=secret, password=make.PASSWORD)

    assert refused(people.accept_invitation, make.act(), secret=secret, password="another-long-one") == ("invitation",)
    assert PasswordBackend().authenticate(None, username=person.email, password=make.PASSWORD) == person


def test_an_invitation_runs_out_after_seven_days():
    _person, secret = make.invitation()

    late = make.act(at=NINE + 7 * DAY)

    assert refused(people.accept_invitation, late, secret=secret, password=make.PASSWORD) == ("invitation",)


@pytest.mark.parametrize("password", ["short", "password1234", "123456789012", "new@example.com"])
def test_a_bad_password_is_refused_and_the_link_still_works(password):
    _person, secret = make.invitation()

    codes_ = refused(people.accept_invitation, make.act(), secret=secret, password=password)

    assert set(codes_) == {"password"}
    assert people.accept_invitation(make.act(), secret=secret, password=make.PASSWORD).email == "new@example.com"


def test_everything_wrong_with_a_password_is_told_at_once():
    _person, secret = make.invitation()

    assert refused(people.accept_invitation, make.act(), secret=secret, password="1234567") == ("password",) * 3


def test_a_second_invitation_puts_the_first_one_out_of_use():
    person, first = make.invitation()

    second = people.invite_again(make.act(at=NINE + HOUR), person)

    later = make.act(at=NINE + HOUR)
    assert refused(people.accept_invitation, later, secret=first, password=make.PASSWORD) == ("invitation",)
    assert people.accept_invitation(later, secret=second, password=make.PASSWORD) == person
    assert seen.emails(at=NINE + HOUR) == [("invitation", "new@example.com")]


def test_who_has_accepted_is_not_invited_again(user):
    assert refused(people.invite_again, make.act(), user) == ("accepted",)
    assert (seen.events(), OneTimeCode.objects.count()) == ([], 0)


# --- enrolment codes


def test_an_administrator_issues_an_enrolment_code(admin, user):
    secret = people.issue_enrolment_code(make.act(by=admin), user)

    assert codes.check_enrolment(make.act(by=user), secret).user == user
    (entry,) = seen.entries()
    assert (entry.kind, entry.actor_id, entry.person_id) == ("person.enrolment_code_issued", admin.pk, user.pk)
    assert secret not in str(vars(entry))


def test_nobody_issues_an_enrolment_code_to_themselves(admin):
    assert refused(people.issue_enrolment_code, make.act(by=admin), admin) == ("oneself",)
    assert (seen.events(), OneTimeCode.objects.count()) == ([], 0)


def test_nobody_disabled_gets_an_enrolment_code(admin, user):
    people.disable(make.act(), user)
    user.refresh_from_db()

    assert refused(people.issue_enrolment_code, make.act(by=admin), user) == ("disabled",)


# --- disabled


def test_who_is_disabled_loses_session_roles_and_say_at_once(admin, user, approver):
    other = make.administrator(name="Olga Other", email="olga@example.com")
    make.activation(by=user, of=make.eligibility(of=user))
    assert access(user, make.role(), at=NINE) is not None

    epoch = User.objects.get(pk=user.pk).session_epoch
    for person in (user, other):
        people.disable(make.act(by=admin, at=NINE + HOUR / 2), person)

    assert PasswordBackend().get_user(user.pk) is None
    assert User.objects.get(pk=user.pk).session_epoch == epoch + 1
    assert access(user, make.role(), at=NINE + HOUR / 2) is None
    assert administrators(NINE + HOUR / 2) == [admin]
    assert seen.events(at=NINE + HOUR / 2) == ["person.disabled", "person.disabled"]


def test_nobody_disables_themselves(admin):
    assert refused(people.disable, make.act(by=admin), admin) == ("oneself",)
    assert User.objects.get(pk=admin.pk).is_enabled


def test_disabling_and_enabling_twice_is_said_and_not_told(admin, user):
    assert refused(people.enable, make.act(by=admin), user) == ("enabled",)
    people.disable(make.act(by=admin), user)
    assert refused(people.disable, make.act(by=admin), user) == ("disabled",)
    people.enable(make.act(by=admin), user)

    assert seen.events() == ["person.disabled", "person.enabled"]
    assert User.objects.get(pk=user.pk).is_enabled


def test_a_session_from_before_stays_ended_after_enabling(user):
    before = user.get_session_auth_hash()

    people.disable(make.act(), user)
    people.enable(make.act(), user)

    assert User.objects.get(pk=user.pk).get_session_auth_hash() != before


# --- time zone


def test_one_chooses_the_zone_in_which_one_sees_times(user):
    people.choose_time_zone(make.act(by=user), time_zone="Europe/Berlin")

    assert User.objects.get(pk=user.pk).time_zone == "Europe/Berlin"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "europe/berlin "])
def test_a_zone_that_is_not_there_is_refused(zone, user):
    assert refused(people.choose_time_zone, make.act(by=user), time_zone=zone) == ("time_zone",)
    assert User.objects.get(pk=user.pk).time_zone == "UTC"
