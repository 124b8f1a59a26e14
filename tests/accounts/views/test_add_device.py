"""Adding an authenticator app: never by a password alone."""

import base64

import pytest
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import OneTimeCode
from accounts.operations import people
from kernel.period import DAY, HOUR, MINUTE
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

PAGE = "/security/add-device/"
NOT_RIGHT = ["This code is not right or has run out. Check it, or ask an administrator for a new one."]
WRONG = ["That code is not right. Check that the clock of your phone is right, and try the next."]


def code_for(person, *, at=NINE):
    """An enrolment code, as an administrator reads it out."""
    return people.issue_enrolment_code(make.act(at=at), person)


def proposed(person):
    return TOTPDevice.objects.get(user=person, confirmed=False)


def test_with_an_enrolment_code_a_person_adds_their_first_device(user):
    browser = visit.by(user, proven=False)

    entered = browser.post(PAGE, {"enrolment_code": code_for(user)}, follow=True)
    added = browser.post(PAGE, {"name": "My phone", "code": make.code(proposed(user))}, follow=True)

    assert (visit.title(entered), visit.typed(entered)) == (
        "Add an authenticator app",
        {"name": "Authenticator app", "code": ""},
    )
    assert visit.notices(added) == ["My phone is now your second factor. Make recovery codes next."]
    assert [device.name for device in TOTPDevice.objects.filter(user=user, confirmed=True)] == ["My phone"]
    assert browser.session["proof"]["device"] == "My phone"
    assert seen.entry("second_factor.added").facts == {"device": "My phone"}


def test_the_page_shows_the_secret_as_picture_and_as_text(user):
    browser = visit.by(user)

    response = browser.get(PAGE)

    (secret,) = [text.text for text in visit.main(response).all(of="mono")]
    assert base64.b32decode(secret.replace(" ", "")) == proposed(user).bin_key
    assert len(visit.main(response).all("svg")) == 1
    assert "no-store" in response.headers["Cache-Control"]


def test_opening_the_page_again_shows_the_same_secret(user):
    browser = visit.by(user)

    secrets = [visit.main(browser.get(PAGE)).all(of="mono")[0].text for _ in range(2)]

    assert secrets[0] == secrets[1]
    assert TOTPDevice.objects.count() == 1


def test_adding_a_device_makes_a_new_session_key(user):
    browser = visit.by(user, proven=False)
    browser.post(PAGE, {"enrolment_code": code_for(user)}, follow=True)
    before = browser.session.session_key

    browser.post(PAGE, {"name": "Phone", "code": make.code(proposed(user))})

    assert browser.session.session_key != before


def test_whoever_showed_a_second_factor_just_now_needs_no_code(user):
    make.device(of=user)
    browser = visit.by(user)

    browser.get(PAGE)
    response = browser.post(PAGE, {"name": "Tablet", "code": make.code(proposed(user))})

    assert response.headers["Location"] == "/security/"
    assert TOTPDevice.objects.filter(user=user, confirmed=True).count() == 2


# --- a password alone


def test_a_password_alone_shows_no_secret(user):
    response = visit.by(user, proven=False).get(PAGE)

    assert (visit.title(response), visit.typed(response)) == ("Add an authenticator app", {"enrolment_code": ""})
    assert TOTPDevice.objects.count() == 0


def test_a_second_factor_shown_ten_minutes_ago_is_asked_for_again(user):
    make.device(of=user)

    response = visit.by(user, proven_at=NINE - 10 * MINUTE).get(PAGE)

    assert visit.links(response) == {"Show it": "/verify/?next=/security/add-device/"}


def test_a_code_sent_without_having_entered_an_enrolment_code_adds_nothing(user):
    visit.by(user).get(PAGE)
    browser = visit.by(user, proven=False)

    response = browser.post(PAGE, {"name": "Thief's phone", "code": make.code(proposed(user))})

    assert visit.typed(response) == {"enrolment_code": ""}
    assert TOTPDevice.objects.filter(confirmed=True).count() == 0


# --- enrolment codes


def test_an_enrolment_code_may_be_typed_in_small_letters_and_without_its_hyphen(user):
    code = code_for(user).lower().replace("-", " ")

    response = visit.by(user, proven=False).post(PAGE, {"enrolment_code": code})

    assert response.headers["Location"] == PAGE


@pytest.mark.parametrize("code", ["ABCDE-FGHJK", "x", "🔑", "A" * 20])
def test_a_wrong_enrolment_code_is_answered_with_a_sentence(user, code):
    code_for(user)

    response = visit.by(user, proven=False).post(PAGE, {"enrolment_code": code})

    assert (response.status_code, visit.sentences(response)) == (400, NOT_RIGHT)
    assert visit.typed(response) == {"enrolment_code": code}


def test_somebody_elses_enrolment_code_opens_nothing(user, stranger):
    response = visit.by(stranger, proven=False).post(PAGE, {"enrolment_code": code_for(user)})

    assert (response.status_code, visit.sentences(response)) == (400, NOT_RIGHT)


def test_an_enrolment_code_runs_out_after_a_day(user):
    code = code_for(user, at=NINE - DAY)

    response = visit.by(user, proven=False).post(PAGE, {"enrolment_code": code})

    assert visit.sentences(response) == NOT_RIGHT


def test_after_five_wrong_guesses_the_right_code_is_no_longer_taken(user):
    code = code_for(user)
    browser = visit.by(user, proven=False)
    for _ in range(5):
        browser.post(PAGE, {"enrolment_code": "ABCDE-FGHJK"})

    response = browser.post(PAGE, {"enrolment_code": code})

    assert visit.sentences(response) == NOT_RIGHT


def test_an_enrolment_code_adds_one_device_only(user):
    code = code_for(user)
    browser, thief = visit.by(user, proven=False), visit.by(user, proven=False)
    for each in (browser, thief):
        each.post(PAGE, {"enrolment_code": code}, follow=True)
    browser.post(PAGE, {"name": "Phone", "code": make.code(proposed(user))})

    response = thief.get(PAGE)

    assert visit.typed(response) == {"enrolment_code": ""}
    assert [device.name for device in TOTPDevice.objects.filter(confirmed=True)] == ["Phone"]
    assert visit.by(user, proven=False).post(PAGE, {"enrolment_code": code}).status_code == 400


def test_whoever_entered_a_code_that_is_dead_by_now_can_enter_a_new_one(user, at_nine):
    browser = visit.by(user, proven=False)
    browser.post(PAGE, {"enrolment_code": code_for(user, at=NINE - DAY + HOUR)})
    at_nine.move_to(NINE + 2 * HOUR)

    response = browser.get(PAGE)

    assert visit.typed(response) == {"enrolment_code": ""}


# --- the first code of the device


@pytest.mark.parametrize("code", ["000000", "abc", "💥", "1234567890"])
def test_a_wrong_first_code_adds_nothing_and_keeps_the_name(user, code):
    browser = visit.by(user)
    browser.get(PAGE)

    response = browser.post(PAGE, {"name": "My phone", "code": code})

    assert (response.status_code, visit.sentences(response)) == (400, WRONG)
    assert visit.typed(response) == {"name": "My phone", "code": code}
    assert TOTPDevice.objects.filter(confirmed=True).count() == 0


def test_a_wrong_first_code_does_not_use_the_enrolment_code_up(user):
    browser = visit.by(user, proven=False)
    browser.post(PAGE, {"enrolment_code": code_for(user)}, follow=True)

    browser.post(PAGE, {"name": "Phone", "code": make.wrong_code(proposed(user))})

    assert OneTimeCode.objects.get().used_at is None


def test_the_name_of_a_device_is_shown_as_it_was_typed_never_as_markup(user):
    browser = visit.by(user)
    browser.get(PAGE)

    added = browser.post(PAGE, {"name": "<b>Phone</b>", "code": make.code(proposed(user))}, follow=True)

    assert visit.notices(added) == ["<b>Phone</b> is now your second factor. Make recovery codes next."]
    assert visit.main(added).all("b") == []
