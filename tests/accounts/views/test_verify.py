"""Step-up: showing a second factor."""

import pytest
from django.contrib.sessions.models import Session

from accounts.models import User
from accounts.operations import second_factor
from kernel.period import MINUTE, SECOND
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

WRONG = ["That code is not right, or was used already. Wait for the next one in your app and enter it."]


def show(browser, device, code=None, **more):
    return browser.post(
        "/verify/", {"device": device.persistent_id, "code": make.code(device) if code is None else code, **more}
    )


# --- shown


def test_a_right_code_leads_back_to_where_it_was_needed(user):
    device = make.device(of=user)
    browser = visit.by(user, proven=False)

    page = browser.get("/verify/?next=/my-roles/")
    response = browser.post("/verify/", {**visit.typed(page), "code": make.code(device)})

    assert visit.typed(page) == {"next": "/my-roles/", "device": device.persistent_id, "code": ""}
    assert (response.status_code, response.headers["Location"]) == (302, "/my-roles/")
    assert browser.session["proof"] == {"method": "totp", "device": "Phone", "at": NINE.isoformat()}


def test_a_shown_second_factor_stands_in_the_history_with_its_device(user):
    show(visit.by(user, proven=False), make.device(of=user))

    entry = seen.entry("second_factor.shown")
    assert (entry.at, entry.actor_name, entry.proof_method, entry.proof_device) == (NINE, "John Doe", "totp", "Phone")


def test_showing_a_second_factor_makes_a_new_session_key(user):
    device = make.device(of=user)
    browser = visit.by(user, proven=False)
    before = browser.session.session_key

    show(browser, device)

    assert browser.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_code_may_be_typed_with_a_space_in_the_middle(user):
    device = make.device(of=user)
    code = make.code(device)

    response = show(visit.by(user, proven=False), device, f"{code[:3]} {code[3:]}")

    assert response.status_code == 302


def test_somebody_with_two_devices_chooses_one(user):
    phone, tablet = make.device(of=user), make.device(of=user, name="Tablet")
    browser = visit.by(user, proven=False)

    page = browser.get("/verify/")
    response = show(browser, tablet)

    assert visit.typed(page)["device"] == [phone.persistent_id]
    assert response.status_code == 302
    assert browser.session["proof"]["device"] == "Tablet"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_link_cannot_lead_out_of_the_portal(user, elsewhere):
    response = show(visit.by(user, proven=False), make.device(of=user), next=elsewhere)

    assert response.headers["Location"] == "/"


# --- not shown


def test_a_wrong_code_is_answered_with_a_sentence_and_keeps_the_way_back(user):
    device = make.device(of=user)
    browser = visit.by(user, proven=False)

    response = show(browser, device, make.wrong_code(device), next="/my-roles/")

    assert (response.status_code, visit.sentences(response)) == (400, WRONG)
    assert visit.typed(response)["next"] == "/my-roles/"
    assert "proof" not in browser.session
    assert [(entry.kind, entry.facts) for entry in seen.entries()][-1] == (
        "second_factor.refused",
        {"device": "Phone"},
    )


def test_a_code_counts_once(user, at_nine):
    device = make.device(of=user)
    code = make.code(device)
    show(visit.by(user, proven=False), device, code)

    at_nine.move_to(NINE + SECOND)
    thief = visit.by(user, proven=False)
    response = show(thief, device, code)

    assert (response.status_code, visit.sentences(response)) == (400, WRONG)
    assert "proof" not in thief.session


def test_after_a_wrong_code_even_the_right_one_has_to_wait(user, at_nine):
    device = make.device(of=user)
    browser = visit.by(user, proven=False)
    show(browser, device, make.wrong_code(device))

    at_nine.move_to(NINE + 0.5 * SECOND)
    early = show(browser, device)
    at_nine.move_to(NINE + MINUTE)
    late = show(browser, device)

    assert (early.status_code, visit.sentences(early)) == (
        400,
        ["After a wrong code the next has to wait. Enter a new one from 09:00:01 UTC on."],
    )
    assert late.status_code == 302


@pytest.mark.parametrize("code", ["", "abcdef", "12345", "１２３４５６", "-00001", "0" * 33, "12\x003456", "💥"])
def test_what_is_no_code_is_refused(user, code):
    device = make.device(of=user)
    browser = visit.by(user, proven=False)

    response = show(browser, device, code)

    assert response.status_code == 400
    assert len(visit.sentences(response)) == 1
    assert "proof" not in browser.session


def test_nobody_shows_somebody_elses_device(user, stranger):
    make.device(of=stranger)
    theirs = make.device(of=user)
    browser = visit.by(stranger, proven=False)

    response = show(browser, theirs)

    assert response.status_code == 400
    assert "proof" not in browser.session
    assert seen.entries()[-1].kind == "second_factor.added"


def test_a_device_that_was_only_proposed_proves_nothing(user):
    proposed = second_factor.propose(make.act(by=user), name="Phone")
    browser = visit.by(user, proven=False)

    response = show(browser, proposed)

    assert response.status_code == 400
    assert "proof" not in browser.session


def test_whoever_has_no_device_is_told_how_to_get_one(user):
    response = visit.by(user, proven=False).get("/verify/?next=/my-roles/")

    assert response.status_code == 200
    assert visit.links(response)["Enter an enrolment code"] == "/security/add-device/"
    assert visit.buttons(response) == ["Sign out"]


# --- the demo's code


def demo_code(response):
    return [code.text for code in visit.main(response).all(of="code")]


def test_in_the_demo_the_page_shows_the_code_of_a_demo_person():
    demo_person = make.user(is_demo=True)
    device = make.device(of=demo_person)
    browser = visit.by(demo_person, proven=False)

    (code,) = demo_code(browser.get("/verify/"))

    assert code == make.code(device)
    assert show(browser, device, code).status_code == 302


def test_a_used_code_is_not_shown_again():
    demo_person = make.user(is_demo=True)
    device = make.device(of=demo_person)
    browser = visit.by(demo_person, proven=False)
    show(browser, device)

    (code,) = demo_code(browser.get("/verify/"))

    assert code == make.code(device, steps=1)
    assert show(browser, device, code).status_code == 302


def test_when_both_codes_are_used_the_page_says_to_wait():
    demo_person = make.user(is_demo=True)
    device = make.device(of=demo_person)
    browser = visit.by(demo_person, proven=False)
    show(browser, device)
    show(browser, device, make.code(device, steps=1))

    response = browser.get("/verify/")

    assert visit.notices(response) == ["Demo only. The last codes are used up. Open this page again in half a minute."]


def test_the_code_of_a_real_person_is_never_shown(user):
    make.device(of=user)

    response = visit.by(user, proven=False).get("/verify/")

    assert (demo_code(response), visit.notices(response)) == ([], [])


def test_outside_the_demo_a_demo_person_is_nobody(settings):
    demo_person = make.user(is_demo=True)
    make.device(of=demo_person)
    browser = visit.by(demo_person, proven=False)
    settings.DEMO = False

    page = browser.get("/verify/")
    sign_in = browser.post("/sign-in/", {"username": demo_person.email, "password": make.PASSWORD})

    assert (page.headers["Location"], sign_in.status_code) == ("/sign-in/?next=/verify/", 401)


# --- powers need a second factor, once in each session

MANAGING = [
    "/",
    "/roles/",
    "/assignments/",
    "/assignments/add/",
    "/people/",
    "/people/invite/",
    "/history/",
    "/history/who/",
    "/my-roles/",
    "/security/",
]


@pytest.mark.parametrize("path", MANAGING)
def test_an_administrator_shows_a_second_factor_first(admin, path):
    device = make.device(of=admin)
    browser = visit.by(admin, proven=False)

    led = browser.get(path)
    before = browser.session.session_key
    shown = show(browser, device, next=visit.typed(browser.get(led.headers["Location"]))["next"])

    assert led.headers["Location"] == f"/verify/?next={path}"
    assert (shown.status_code, shown.headers["Location"]) == (302, path)
    assert browser.session.session_key != before
    assert browser.get(path).status_code == 200


def test_an_auditor_shows_a_second_factor_first(auditor):
    response = visit.by(auditor, proven=False).get("/history/?q=John")

    assert response.headers["Location"] == "/verify/?next=/history/%3Fq%3DJohn"


def test_without_a_second_factor_nothing_is_done_for_an_administrator(admin, user):
    response = visit.by(admin, proven=False).post(f"/people/{user.pk}/disable/")

    assert response.headers["Location"] == "/verify/?next=/"
    assert User.objects.get(pk=user.pk).is_enabled


def test_a_second_factor_shown_long_ago_in_this_session_is_enough_to_manage(admin):
    response = visit.by(admin, proven_at=NINE - 600 * MINUTE).get("/roles/")

    assert response.status_code == 200


def test_whoever_activates_a_role_with_powers_shows_a_second_factor_next(user):
    role = make.role(name="Global Reader", terms=make.EASY)
    browser = visit.by(user, proven=False)
    before = browser.get("/my-roles/").status_code

    make.activation(by=user, of=make.eligibility(of=user, role=role))

    assert (before, browser.get("/my-roles/").headers["Location"]) == (200, "/verify/?next=/my-roles/")
