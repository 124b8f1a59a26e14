"""Pages for what went wrong, each with what to do now."""

import pytest
from django.test import Client

from pimportal.views import home
from tests import visit

pytestmark = pytest.mark.usefixtures("at_nine", "db")


def test_an_address_that_does_not_exist_is_a_page_for_everybody(user):
    pages = [browser.get("/nowhere/") for browser in (Client(), visit.by(user))]

    assert [(page.status_code, visit.title(page)) for page in pages] == [(404, "There is nothing here")] * 2


def test_a_page_one_may_not_see_says_what_to_do(user):
    response = visit.by(user).get("/roles/")

    assert (response.status_code, visit.title(response)) == (403, "This is not open to you now")
    assert visit.links(response)["My roles"] == "/my-roles/"


def test_a_form_from_elsewhere_is_refused_with_a_page(user):
    response = visit.by(user, enforce_csrf_checks=True).post("/sign-out/")

    assert (response.status_code, visit.title(response)) == (403, "This form was opened too long ago")


def test_an_address_under_another_name_makes_no_sense(user):
    response = Client(headers={"host": "evil.example"}).get("/")

    assert (response.status_code, visit.title(response)) == (400, "This address makes no sense")


@pytest.mark.filterwarnings("ignore")
def test_our_own_fault_is_a_page_that_needs_nothing_that_may_be_broken(user, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(home.lists, "active", broken)

    response = visit.by(user, raise_request_exception=False).get("/")

    assert (response.status_code, visit.title(response)) == (500, "Something went wrong on our side")
    assert "secret detail" not in response.content.decode()


def test_a_form_far_too_large_is_refused_with_a_page(user):
    response = visit.by(user).post("/security/", {"time_zone": "x" * 3_000_000})

    assert (response.status_code, visit.title(response)) == (400, "This address makes no sense")


def test_a_form_with_far_too_many_fields_is_refused_with_a_page(user):
    response = visit.by(user).post("/security/", {f"field{number}": "x" for number in range(1001)})

    assert response.status_code == 400
