"""The pages beside the main road: getting in for the first time, people, second factors, and what went wrong."""

from collections.abc import Callable

import pytest
from django_otp.plugins.otp_totp.models import TOTPDevice

from notifications.models import Email
from pimportal import demo
from tests import make
from tests.browser.people import NARROW, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NEW_PASSWORD = "seven-lakes-and-no-boat"


def test_somebody_new_gets_in(somebody: Callable[..., Person]) -> None:
    admin, nora = somebody("admin"), somebody("nora")

    admin.signs_in().goes_to("/people/").takes_a_picture("people")
    admin.goes_to("/people/?q=nobody").sees("Nobody found").takes_a_picture("people-none-found")
    admin.goes_to("/people/").follows("Invite somebody").presses("Send invitation")
    admin.reads("This field is required.", "This field is required.").takes_a_picture("invite-refused")
    admin.fills(name="Nora New", email="user@example.com").presses("Send invitation")
    admin.reads("There is a person with user@example.com already.")
    admin.fills(email=nora.address, job_title="Analyst").presses("Send invitation")
    admin.is_told("Nora New is invited. The link in the email works for 7 days.").takes_a_picture("person-invited")
    person = admin.path

    invitation = Email.objects.get(to_address=nora.address).path
    nora.goes_to(invitation).sees("Welcome, Nora New").takes_a_picture("invitation")
    nora.fills(password="nora.new.nora.new", again="something-else").presses("Set password and continue")
    nora.reads("The two passwords differ. Type the same one twice.").takes_a_picture("invitation-refused")
    nora.fills(password=NEW_PASSWORD, again=NEW_PASSWORD).presses("Set password and continue")
    assert nora.path == "/security/add-device/"
    nora.takes_a_picture("add-device")
    nora.fills(code="000000").presses("Add").reads(
        "That code is not right. Check that the clock of your phone is right, and try the next."
    )
    nora.takes_a_picture("add-device-refused")

    nora.page.wait_for_timeout(1100)  # a wrong code makes the next try wait for a second
    device = TOTPDevice.objects.get(user__email=nora.address)
    nora.fills(code=make.code(device)).presses("Add")
    nora.is_told("Authenticator app is now your second factor. Make recovery codes next.").takes_a_picture("security")
    nora.presses("Make recovery codes").sees("Your recovery codes").takes_a_picture("recovery-codes")
    assert nora.main.locator("li").count() == 10
    nora.goes_to("/").takes_a_picture("home-of-somebody-new")
    somebody("scanner").goes_to(invitation).sees("no longer works").takes_a_picture("invitation-dead")

    admin.goes_to(person).presses("Issue an enrolment code").takes_a_picture("issue-enrolment-code")
    admin.goes_to(person).presses("Disable")
    admin.is_told("Nora New is disabled. Whatever they held has ended.").takes_a_picture("person-disabled")
    assert nora.goes_to("/").path == "/sign-in/?next=/"


def test_a_second_factor_is_added_with_a_code_from_an_administrator(somebody: Callable[..., Person]) -> None:
    admin, user = somebody("admin"), somebody("user")
    user.signs_in().goes_to("/security/").follows("Add an authenticator app")
    user.sees("A password alone is not enough for that.").takes_a_picture("enrolment-code")
    user.fills(enrolment_code="ABCDE-FGHJK").presses("Continue")
    user.reads("This code is not right or has run out. Check it, or ask an administrator for a new one.")
    user.takes_a_picture("enrolment-code-refused")

    admin.signs_in().goes_to("/people/").follows("John Doe").presses("Issue an enrolment code")
    code = admin.main.locator(".code").inner_text()
    user.fills(enrolment_code=code.lower()).presses("Continue").sees("Scan the picture")

    TOTPDevice.objects.filter(user__email=user.address).delete()
    user.goes_to("/verify/").sees("You have no second factor yet").takes_a_picture("verify-without-a-device")


def test_a_group_is_made_and_gets_members(somebody: Callable[..., Person]) -> None:
    admin = somebody("admin").signs_in().goes_to("/groups/").takes_a_picture("groups")
    admin.presses("Make group").reads("This field is required.").takes_a_picture("groups-refused")
    admin.fills(name="Night shift").presses("Make group")
    admin.is_told("Night shift is made. Add its members now.").takes_a_picture("group-without-members")
    admin.fills(email="nobody@example.com").presses("Add")
    admin.reads("Nobody enabled has this email. Check it, or invite them first.").takes_a_picture("group-refused")
    admin.fills(email="stranger@example.com").presses("Add")
    admin.is_told("Sam Stranger is in Night shift. What the group holds, they hold from now on.")
    admin.takes_a_picture("group")
    admin.presses("Remove Sam Stranger")
    admin.is_told("Sam Stranger is no longer in Night shift. What came through it has ended.")


def test_what_is_taken_away_is_taken_away_with_a_reason(somebody: Callable[..., Person]) -> None:
    admin = somebody("admin").signs_in().goes_to("/assignments/")
    admin.follows("Remove Teams Reader for John Doe").takes_a_picture("remove")
    admin.presses("Remove").sees("This was made less than 5 minutes ago", "Say why you remove it.")
    admin.takes_a_picture("remove-refused")
    admin.goes_to("/assignments/?tab=expired").sees("Nothing ended").takes_a_picture("assignments-none-expired")
    admin.goes_to("/assignments/?q=nobody+at+all").takes_a_picture("assignments-none-found")


def test_what_went_wrong_is_said_on_a_page(somebody: Callable[..., Person]) -> None:
    guesser, user = somebody("stranger"), somebody("user").signs_in()
    user.goes_to("/no-such-page/").sees("There is nothing here")
    user.goes_to("/history/").sees("This is not open to you now")
    user.goes_to("/my-roles/").follows("Activate Teams Reader")
    user.page.context.clear_cookies(name="csrf")
    user.presses("Activate").takes_a_picture("form-too-old")

    guesser.goes_to("/sign-in/")
    for _ in range(5):
        guesser.fills(username=guesser.address, password="guessed").presses("Sign in")
    guesser.sees("Wait before you try again").takes_a_picture("locked-out")
    guesser.goes_to("/sign-in/").fills(username=guesser.address, password=demo.PASSWORD).presses("Sign in")
    guesser.sees("Wait before you try again")


def test_the_menu_opens_on_a_telephone(somebody: Callable[..., Person]) -> None:
    user = somebody("user").signs_in()
    user.page.set_viewport_size(NARROW)
    user.page.get_by_text("Menu", exact=True).click()
    user.takes_a_picture("menu")

    user.page.set_viewport_size(NARROW)
    user.page.get_by_role("navigation", name="Menu").get_by_role("link", name="My roles").click()
    assert user.path == "/my-roles/"


def test_an_email_has_a_text_part_to_look_at(somebody: Callable[..., Person]) -> None:
    user = somebody("user").opens_mail("PIM: You were made eligible for Teams Administrator")
    user.page.get_by_text("The text part").click()
    user.sees("Hello John Doe,", "You get this email because").takes_a_picture("email-text-part")
