"""Signing in and out."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.operations import people
from kernel.period import MINUTE
from tests import make, seen, visit
from tests.make import NINE, PASSWORD

pytestmark = pytest.mark.usefixtures("at_nine", "db")

NOT_RIGHT = ["Email or password is not right. Check both and try again."]


def sign_in(browser, email, password=PASSWORD, **more):
    return browser.post("/sign-in/", {"username": email, "password": password, **more})


# --- in


def test_email_and_password_let_a_person_in(user):
    browser = Client()

    response = sign_in(browser, "user@example.com")

    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert browser.get("/").status_code == 200
    assert [(entry.kind, entry.actor_name, entry.ip) for entry in seen.entries()] == [
        ("person.signed_in", "John Doe", "127.0.0.1")
    ]


def test_the_email_may_be_typed_in_any_case_and_with_spaces_around_it(user):
    response = sign_in(Client(), "  USER@Example.com ")

    assert response.status_code == 302


def test_signing_in_makes_a_new_session(user):
    browser = Client()
    browser.get("/sign-in/")
    session = browser.session
    session["planted"] = "yes"
    session.save()
    planted = str(session.session_key)
    browser.cookies["session"] = planted

    sign_in(browser, "user@example.com")

    assert browser.cookies["session"].value != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_whoever_is_signed_in_is_not_asked_again(user):
    response = visit.by(user).get("/sign-in/?next=/requests/")

    assert (response.status_code, response.headers["Location"]) == (302, "/requests/")


@pytest.mark.parametrize("person", ["user", "approver", "stranger"])
def test_people_without_powers_are_not_asked_for_a_second_factor_at_sign_in(request, person):
    somebody = request.getfixturevalue(person)
    make.device(of=somebody)
    browser = Client()

    response = sign_in(browser, somebody.email, next="/approvals/")

    assert response.headers["Location"] == "/approvals/"
    assert browser.get("/approvals/").status_code == 200


def test_nothing_of_somebody_elses_session_is_left_after_signing_in_as_another(user, stranger):
    browser = visit.by(user)

    sign_in(browser, "stranger@example.com")

    assert "proof" not in browser.session
    assert browser.get("/").context["user"] == stranger


# --- not in


def test_a_wrong_password_is_answered_with_one_sentence(user):
    response = sign_in(Client(), "user@example.com", "wrong")

    assert (response.status_code, visit.sentences(response)) == (401, NOT_RIGHT)
    assert visit.typed(response) == {"next": "/", "username": "user@example.com", "password": ""}


def test_a_wrong_password_stands_in_the_history(user):
    sign_in(Client(), "user@example.com", "wrong")

    (entry,) = seen.entries()
    assert (entry.kind, entry.outcome, entry.facts) == (
        "person.sign_in_failed",
        "refused",
        {"email": "user@example.com"},
    )
    assert (entry.actor_id, entry.person_id, entry.ip) == (None, user.pk, "127.0.0.1")


def test_an_email_nobody_has_is_answered_like_a_wrong_password(user):
    wrong, unknown = (sign_in(Client(), f"{name}@example.com", "wrong") for name in ("user", "nobody"))

    assert (unknown.status_code, visit.main(unknown).text) == (wrong.status_code, visit.main(wrong).text)
    assert [entry.person_id for entry in seen.entries()] == [user.pk, None]


def test_a_disabled_person_is_answered_like_a_wrong_password(user):
    people.disable(make.act(), user)

    response = sign_in(Client(), "user@example.com")

    assert (response.status_code, visit.sentences(response)) == (401, NOT_RIGHT)


def test_a_person_who_never_chose_a_password_cannot_sign_in():
    invited, _secret = make.invitation()

    response = sign_in(Client(), invited.email, "")

    assert (response.status_code, visit.sentences(response)) == (401, ["This field is required."])


def test_what_is_not_an_email_is_said_to_be_none():
    response = sign_in(Client(), "john", "x")

    assert (response.status_code, visit.sentences(response)) == (401, ["Enter a valid email address."])


# --- throttling


def test_the_fifth_wrong_password_closes_the_door_also_for_the_right_one(user):
    tries = [sign_in(Client(), "user@example.com", "wrong").status_code for _ in range(5)]

    response = sign_in(Client(), "user@example.com")

    assert tries == [401, 401, 401, 401, 429]
    assert (response.status_code, visit.title(response)) == (429, "Wait before you try again")


def test_the_history_tells_every_wrong_password_and_once_that_the_door_is_closed(user):
    for _ in range(7):
        sign_in(Client(), "user@example.com", "wrong")

    told = [entry for entry in seen.entries() if entry.kind.startswith("person.sign_in")]
    assert [entry.kind for entry in told] == ["person.sign_in_failed"] * 5 + ["person.sign_in_blocked"]
    assert {(entry.person_name, entry.outcome, entry.facts["email"]) for entry in told} == {
        ("John Doe", "refused", "user@example.com")
    }


def test_the_door_opens_again_fifteen_minutes_after_the_last_try(user, at_nine):
    for _ in range(5):
        sign_in(Client(), "user@example.com", "wrong")

    at_nine.move_to(NINE + 15 * MINUTE - timedelta(seconds=1))
    early = sign_in(Client(), "user@example.com").status_code
    at_nine.move_to(NINE + 30 * MINUTE)
    late = sign_in(Client(), "user@example.com").status_code

    assert (early, late) == (429, 302)


def test_writing_the_email_otherwise_gives_no_further_tries(user):
    tries = [sign_in(Client(), email, "wrong").status_code for email in ("user@example.com",) * 4]

    response = sign_in(Client(), "USER@example.com", "wrong")

    assert (tries, response.status_code) == ([401] * 4, 429)


def test_a_locked_email_locks_nobody_else_out(user, stranger):
    for _ in range(5):
        sign_in(Client(), "user@example.com", "wrong")

    response = sign_in(Client(), "stranger@example.com")

    assert response.status_code == 302


def test_a_right_password_forgives_the_wrong_ones_before_it(user):
    for _ in range(4):
        sign_in(Client(), "user@example.com", "wrong")
    sign_in(Client(), "user@example.com")

    tries = [sign_in(Client(), "user@example.com", "wrong").status_code for _ in range(4)]

    assert tries == [401, 401, 401, 401]


# --- where to


def test_after_signing_in_one_is_where_one_wanted_to_be(user):
    led = Client().get("/requests/?page=2")
    asked = Client().get(led.headers["Location"])

    response = sign_in(Client(), "user@example.com", next=visit.typed(asked)["next"])

    assert led.headers["Location"] == "/sign-in/?next=/requests/%3Fpage%3D2"
    assert response.headers["Location"] == "/requests/?page=2"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "http:evil.example",
        "http://testserver@evil.example/",
        "javascript:alert(1)",
        " //evil.example",
        "/\t/evil.example/",
    ],
)
def test_a_link_cannot_lead_out_of_the_portal(user, elsewhere):
    browser = Client()

    page = browser.get("/sign-in/", {"next": elsewhere})
    response = sign_in(browser, "user@example.com", next=elsewhere)

    assert visit.typed(page)["next"] == "/"
    assert response.headers["Location"] == "/"
    assert browser.get("/sign-in/", {"next": elsewhere}).headers["Location"] == "/"


# --- out


def test_signing_out_ends_the_session(user):
    browser = visit.by(user)
    key = browser.session.session_key

    response = browser.post("/sign-out/")

    assert (response.status_code, response.headers["Location"]) == (302, "/sign-in/")
    assert not Session.objects.filter(session_key=key).exists()
    assert browser.get("/").headers["Location"] == "/sign-in/?next=/"
    assert seen.events() == ["person.signed_out"]


def test_a_link_signs_nobody_out(user):
    browser = visit.by(user)

    response = browser.get("/sign-out/")

    assert response.status_code == 405
    assert browser.get("/").status_code == 200


def test_the_session_of_a_disabled_person_is_dead_at_once(user):
    browser = visit.by(user)
    before = browser.get("/").status_code

    people.disable(make.act(), user)

    assert (before, browser.get("/").headers["Location"]) == (200, "/sign-in/?next=/")
    assert browser.get("/access/check/?role=Teams").status_code == 401


def test_a_session_ends_after_twelve_hours(user, at_nine):
    browser = visit.by(user)

    at_nine.move_to(NINE + 12 * 60 * MINUTE)

    assert browser.get("/").headers["Location"] == "/sign-in/?next=/"
