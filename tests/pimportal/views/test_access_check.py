"""Is this person active in this role now? For reverse proxies."""

import pytest
from django.test import Client

from accounts.operations import people
from kernel.period import HOUR, MINUTE, SECOND
from tests import make, visit
from tests.make import EASY, NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

TEAMS = "69091246-20e8-4a56-aa4d-066075b2a7a8"


def check(browser, role="Teams Administrator"):
    return browser.get("/access/check/", {"role": role})


def answer(response):
    return response.status_code, response.content.decode()


@pytest.fixture
def active(user):
    """John is active as Teams Administrator for 90 minutes."""
    return make.activation(by=user, of=make.eligibility(of=user, terms=EASY), duration=90 * MINUTE)


def test_whoever_is_active_is_let_through_with_name_and_end(user, active):
    user.display_name = "Jöhn Doe, Ltd"
    user.save()

    response = check(visit.by(user))

    assert answer(response) == (204, "")
    assert {name: value for name, value in response.headers.items() if name.startswith("X-Pim")} == {
        "X-Pim-User": "user@example.com",
        "X-Pim-Name": "J%C3%B6hn%20Doe%2C%20Ltd",
        "X-Pim-Until": "2026-11-23T10:30:00+00:00",
    }


def test_a_permanent_assignment_has_no_end(user):
    make.assignment(of=user, end_at=None)

    assert check(visit.by(user)).headers["X-Pim-Until"] == "permanent"


def test_overlapping_grants_end_with_the_last_one(user, active):
    make.assignment(of=user, role=active.role, end_at=NINE + 5 * HOUR)

    assert check(visit.by(user)).headers["X-Pim-Until"] == "2026-11-23T14:00:00+00:00"


@pytest.mark.parametrize(
    "said", ["Teams Administrator", "teams administrator", " Teams Administrator ", TEAMS, TEAMS.upper()]
)
def test_a_role_is_named_by_its_name_or_its_template_id(user, active, said):
    assert check(visit.by(user), said).status_code == 204


def test_a_role_is_named_by_its_number(user, active):
    assert check(visit.by(user), str(active.role_id)).status_code == 204


def test_whoever_is_not_signed_in_is_told_to(active):
    assert answer(check(Client())) == (401, "Sign in first.")


def test_whoever_is_only_eligible_is_refused(user):
    make.eligibility(of=user)

    response = check(visit.by(user))

    assert answer(response) == (403, "Not active as Teams Administrator.")
    assert not any(name.startswith("X-Pim") for name in response.headers)


@pytest.mark.parametrize(("at", "status"), [(NINE + 90 * MINUTE - SECOND, 204), (NINE + 90 * MINUTE, 403)])
def test_access_ends_to_the_second_with_no_worker_running(user, active, at_nine, at, status):
    browser = visit.by(user)
    at_nine.move_to(at)

    assert check(browser).status_code == status


def test_a_disabled_person_is_out_at_once(user, active):
    browser = visit.by(user)
    people.disable(make.act(), user)

    assert check(browser).status_code == 401


@pytest.mark.parametrize("query", ["", "?role=", "?role=%20", "?roles=x"])
def test_a_question_without_a_role_is_not_understood(user, query):
    response = visit.by(user).get(f"/access/check/{query}")

    assert answer(response) == (400, "Name a role: ?role=Teams Administrator")


@pytest.mark.parametrize(
    "said",
    [
        "Nonsense",
        "0",
        "999999",
        "9" * 30,
        "62e90394-69f5-4237-9190-000000000000",
        "%",
        "Teams",
        "\x00",
        "a\x00b",
        "²",
        "💥",
    ],
)
def test_an_unknown_role_is_not_found(user, active, said):
    assert answer(check(visit.by(user), said)) == (404, "There is no such role.")


def test_a_name_that_two_roles_have_decides_nothing(user):
    for number in range(2):
        make.role(name="Owner", on=make.resource(name=f"App {number}", below=make.resource()))

    assert check(visit.by(user), "Owner").status_code == 404


@pytest.fixture
def payroll(db):
    """Something below the directory."""
    return make.resource(name="Payroll", below=make.resource())


def check_on(browser, scope, role="Teams Administrator"):
    return browser.get("/access/check/", {"role": role, "scope": scope})


def test_what_is_held_above_holds_below(user, active, payroll):
    browser = visit.by(user)

    answers = [
        check_on(browser, said).status_code for said in ("Payroll", " payroll ", str(payroll.pk), "Directory", "")
    ]

    assert answers == [204] * 5


def test_what_is_held_below_does_not_hold_above(user, payroll):
    role = make.role()
    make.assignment(of=user, role=role, on=payroll, end_at=None)
    browser = visit.by(user)

    assert check_on(browser, "Payroll").headers["X-Pim-Until"] == "permanent"
    assert answer(check(browser)) == (403, "Not active as Teams Administrator.")


def test_whoever_is_not_active_there_is_told_where(user, payroll):
    make.role()

    assert answer(check_on(visit.by(user), "Payroll")) == (403, "Not active as Teams Administrator on Payroll.")


@pytest.mark.parametrize("said", ["Nonsense", "0", "999999", "9" * 30, "a\x00b", "²"])
def test_an_unknown_scope_is_not_found(user, active, said):
    sentence = "There is no such scope. Teams Administrator can be held on Directory, or on something below it."

    assert answer(check_on(visit.by(user), said)) == (404, sentence)


def test_a_scope_the_role_cannot_be_held_on_is_not_found(user, payroll):
    make.assignment(of=user, role=make.role(name="Owner", on=payroll))

    assert check_on(visit.by(user), "Directory", role="Owner").status_code == 404


def test_a_head_request_is_answered_alike(user, active):
    response = visit.by(user).head("/access/check/?role=Teams Administrator")

    assert (response.status_code, response.headers["X-Pim-User"]) == (204, "user@example.com")


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
def test_other_verbs_are_refused(user, active, verb):
    response = getattr(visit.by(user), verb)("/access/check/?role=Teams Administrator")

    assert response.status_code == 405


def test_no_answer_is_kept_by_anybody(user, active):
    kept = [check(browser).headers["Cache-Control"] for browser in (Client(), visit.by(user))]

    assert kept == ["max-age=0, no-cache, no-store, must-revalidate, private"] * 2
