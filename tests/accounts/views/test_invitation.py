"""The first visit, from the link in an invitation."""

import pytest
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import OneTimeCode, User
from accounts.operations import people
from kernel.period import DAY, SECOND
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

NEW = "a-long-enough-secret"


def page_of(secret):
    return f"/invitation/{secret}/"


def test_an_invitation_leads_to_a_password_and_on_to_the_first_second_factor():
    invited, secret = make.invitation()
    browser = Client()

    page = browser.get(page_of(secret))
    chosen = browser.post(page_of(secret), {"password": NEW, "again": NEW}, follow=True)
    device = TOTPDevice.objects.get(user=invited)
    added = browser.post("/security/add-device/", {"name": "Phone", "code": make.code(device)}, follow=True)

    assert (visit.title(page), visit.typed(page)) == ("Welcome, Nora New", {"password": "", "again": ""})
    assert visit.title(chosen) == "Add an authenticator app"
    assert visit.notices(added) == ["Phone is now your second factor. Make recovery codes next."]
    assert seen.entry("person.invitation_accepted").actor_name == "Nora New"
    assert Client().post("/sign-in/", {"username": invited.email, "password": NEW}).status_code == 302


def test_opening_the_link_changes_nothing():
    _invited, secret = make.invitation()
    browser = Client()

    statuses = [browser.get(page_of(secret)).status_code for _ in range(3)]

    assert statuses == [200, 200, 200]
    assert OneTimeCode.objects.get().used_at is None
    assert browser.get("/").status_code == 302


def assert_dead(response):
    assert (response.status_code, visit.title(response)) == (410, "This invitation no longer works")


def test_an_invitation_works_once():
    _invited, secret = make.invitation()
    Client().post(page_of(secret), {"password": NEW, "again": NEW})

    assert_dead(Client().get(page_of(secret)))
    assert_dead(Client().post(page_of(secret), {"password": "another-long-secret", "again": "another-long-secret"}))


@pytest.mark.parametrize(("age", "status"), [(7 * DAY - SECOND, 200), (7 * DAY, 410)])
def test_an_invitation_runs_out_after_seven_days(age, status):
    _invited, secret = make.invitation(at=NINE - age)

    assert Client().get(page_of(secret)).status_code == status


def test_a_newer_invitation_replaces_the_older_one():
    invited, secret = make.invitation()

    newer = people.invite_again(make.act(), invited)

    assert_dead(Client().get(page_of(secret)))
    assert Client().get(page_of(newer)).status_code == 200


def test_the_invitation_of_a_disabled_person_is_dead():
    invited, secret = make.invitation()

    people.disable(make.act(), invited)

    assert_dead(Client().get(page_of(secret)))


@pytest.mark.parametrize("secret", ["x", "0" * 300, "💥", "' OR 1=1 --"])
def test_a_made_up_invitation_is_dead(secret):
    assert_dead(Client().get(page_of(secret)))


def test_an_enrolment_code_is_no_invitation(user):
    secret = people.issue_enrolment_code(make.act(), user)

    assert_dead(Client().get(page_of(secret)))


@pytest.mark.parametrize(
    ("password", "again", "sentences"),
    [
        ("", "", ["This field is required.", "This field is required."]),
        (NEW, "something-else-long", ["The two passwords differ. Type the same one twice."]),
        (
            "short",
            "short",
            ["This password is too short. It must contain at least 12 characters."],
        ),
        (
            "739150284617",
            "739150284617",
            ["This password is entirely numeric."],
        ),
        ("new@example.com", "new@example.com", ["The password is too similar to the email."]),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_a_sentence(password, again, sentences):
    _invited, secret = make.invitation()

    response = Client().post(page_of(secret), {"password": password, "again": again})

    assert (response.status_code, visit.sentences(response)) == (400, sentences)
    assert visit.typed(response) == {"password": "", "again": ""}
    assert OneTimeCode.objects.get().used_at is None
    assert not User.objects.get().has_usable_password()


def test_whoever_opened_the_link_signed_in_as_somebody_else_goes_on_as_the_invited_one(user):
    invited, secret = make.invitation()
    browser = visit.by(user)

    response = browser.post(page_of(secret), {"password": NEW, "again": NEW}, follow=True)

    assert response.context["user"] == invited
    assert "proof" not in browser.session


def test_an_invitation_is_for_the_first_device_only():
    invited, secret = make.invitation()
    browser = Client()
    browser.post(page_of(secret), {"password": NEW, "again": NEW}, follow=True)
    make.device(of=invited)
    browser.get("/security/add-device/")

    device = TOTPDevice.objects.get(user=invited, confirmed=False)
    browser.post("/security/add-device/", {"name": "Second", "code": make.code(device)})

    assert [found.name for found in TOTPDevice.objects.filter(confirmed=True)] == ["Phone"]
