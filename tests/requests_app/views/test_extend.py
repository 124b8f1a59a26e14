"""The page that makes an activation last longer, and the banner that leads there."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.urls import reverse

from kernel.period import HOUR, MINUTE
from roles.models import Assignment
from roles.terms import ActivationTerms
from tests import make, visit
from tests.make import EASY, NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def ending(user) -> Assignment:
    """John is active for ten minutes more."""
    eligibility = make.eligibility(of=user, role=make.role(terms=EASY))
    return make.activation(by=user, of=eligibility, at=NINE - 50 * MINUTE)


def end_of(active: Assignment) -> datetime | None:
    return Assignment.objects.get(pk=active.pk).end_at


def test_every_page_says_what_ends_soon_and_leads_to_both_ways(user, ending):
    page = visit.by(user).get(reverse("my_requests")).content.decode()

    assert "ends in 10 min" in page
    assert reverse("extend", args=[ending.pk]) in page
    assert reverse("deactivate", args=[ending.pk]) in page


def test_no_banner_while_there_is_time_nor_for_anybody_else(user, stranger, ending):
    assert "Ends soon" not in visit.by(stranger).get("/").content.decode()

    make.extension(of=ending)

    assert "Ends soon" not in visit.by(user).get("/").content.decode()


def test_it_lasts_longer_from_now(user, ending):
    typed = {"form_key": uuid4(), "duration": "120", "justification": "More mailboxes than thought"}

    response = visit.by(user).post(reverse("extend", args=[ending.pk]), typed, follow=True)

    assert "lasts until 23 Nov 2026, 11:00 UTC now" in response.content.decode()
    assert end_of(ending) == NINE + 2 * HOUR


def test_what_is_over_cannot_be_extended_and_the_page_says_so(user, ending):
    Assignment.objects.update(end_at=NINE)
    typed = {"form_key": uuid4(), "duration": "120"}

    opened = visit.by(user).get(reverse("extend", args=[ending.pk])).content.decode()
    sent = visit.by(user).post(reverse("extend", args=[ending.pk]), typed)

    assert "ask for a new one" in opened
    assert (sent.status_code, end_of(ending)) == (409, NINE)
    assert "ask for a new one" in sent.content.decode()


def test_nothing_typed_is_lost_by_showing_the_second_factor(user):
    role, device = make.role(terms=ActivationTerms()), make.device(of=user)
    running = make.activation(by=user, of=make.eligibility(of=user, role=role), at=NINE - 50 * MINUTE)
    page, browser = reverse("extend", args=[running.pk]), visit.by(user, proven=False)
    asked_first = browser.get(page).content.decode()
    typed = {"form_key": str(uuid4()), "duration": "120", "justification": "More “mailboxes”\nthan thought"}

    led = browser.post(page, typed)
    verify = browser.get(led.headers["Location"])
    back = browser.post("/verify/", {**visit.typed(verify), "code": make.code(device)}, follow=True)
    kept = {name: visit.typed(back)[name] for name in typed}

    assert "Additional verification required" in asked_first
    assert (led.status_code, end_of(running)) == (302, NINE + 10 * MINUTE)
    assert kept == typed
    browser.post(page, visit.typed(back))
    assert end_of(running) == NINE + 2 * HOUR
    assert visit.typed(browser.get(page))["justification"] == ""
