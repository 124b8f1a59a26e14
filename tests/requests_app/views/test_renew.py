"""The page where its holder asks to keep what was assigned, and where My roles and My requests lead to it."""

import pytest
from django.urls import reverse

from kernel.period import DAY
from requests_app.lifecycle import Status
from requests_app.models import RenewalRequest
from roles.operations import grants
from tests import make, visit
from tests.make import EASY, NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

IN_10_DAYS = NINE + 10 * DAY


@pytest.fixture
def ending(user, admin):
    return make.eligibility(of=user, end_at=IN_10_DAYS)


def page_of(grant):
    return reverse("renew_eligibility" if grant.kind == "eligible" else "renew_assignment", args=[grant.pk])


def filled(browser, grant, **changed):
    """The page's own form, with a reason."""
    return {**visit.typed(browser.get(page_of(grant))), "justification": "The project goes on", **changed}


def test_the_page_shows_what_is_held_and_offers_as_long_again(user, ending):
    response = visit.by(user).get(page_of(ending))

    assert visit.title(response) == "Extend Teams Administrator"
    assert visit.facts(response) == {
        "Type": "Eligible",
        "On": "Directory",
        "Since": "22 Nov 2026, 09:00 UTC",
        "Ends": "3 Dec 2026, 09:00 UTC",
        "Reason then": "Project Falcon",
    }
    assert visit.typed(response)["end_at"] == "2027-12-03T09:00"
    assert visit.buttons(response) == ["Send request"]


def test_what_is_typed_is_asked_for(user, ending):
    browser = visit.by(user)

    response = browser.post(page_of(ending), filled(browser, ending, end_at="2027-01-31T12:30"), follow=True)

    asked = RenewalRequest.objects.get()
    assert (asked.user, asked.eligibility, asked.status) == (user, ending, Status.PENDING)
    assert (f"{asked.end_at:%d %b %Y %H:%M}", asked.justification) == ("31 Jan 2027 12:30", "The project goes on")
    assert response.redirect_chain == [(reverse("renewal", args=[asked.pk]), 302)]
    assert visit.title(response) == "Extension of Teams Administrator for John Doe"


def test_no_end_is_asked_for_with_a_tick(user, admin):
    held = make.assignment(of=user, end_at=NINE - DAY, start_at=NINE - 9 * DAY)
    browser = visit.by(user)

    browser.post(page_of(held), filled(browser, held, permanent="on"))

    asked = RenewalRequest.objects.get()
    assert (asked.assignment, asked.action, asked.end_at) == (held, "renew", None)


def test_what_was_typed_wrongly_is_kept_and_nothing_is_asked(user, ending):
    browser = visit.by(user)

    response = browser.post(page_of(ending), filled(browser, ending, end_at="2026-12-01T09:00"))
    without = browser.post(page_of(ending), filled(browser, ending, end_at="2027-01-31T12:30", justification=" "))

    assert (response.status_code, without.status_code) == (400, 400)
    assert visit.sentences(response) == ["Choose an end later than the one it has."]
    assert visit.typed(response)["justification"] == "The project goes on"
    assert visit.sentences(without) == ["Say why you still need it."]
    assert visit.typed(without)["end_at"] == "2027-01-31T12:30"
    assert not RenewalRequest.objects.exists()


def test_a_form_without_its_hidden_key_says_so(user, ending):
    browser = visit.by(user)

    response = browser.post(page_of(ending), filled(browser, ending, form_key=""))

    assert response.status_code == 400
    assert "This page was sent incompletely. Open it again and send it once more." in visit.sentences(response)


def test_asking_again_is_a_conflict_that_leads_to_what_waits(user, ending):
    browser = visit.by(user)
    first, second = filled(browser, ending), filled(browser, ending)
    browser.post(page_of(ending), first)
    waiting = reverse("renewal", args=[RenewalRequest.objects.get().pk])

    response = browser.post(page_of(ending), second)

    assert response.status_code == 409
    assert visit.links(response)["See the request"] == waiting
    assert visit.links(browser.get(page_of(ending)))["See the request"] == waiting
    assert browser.post(page_of(ending), first).status_code == 302
    assert RenewalRequest.objects.count() == 1


def test_only_the_direct_holder_finds_the_page(user, stranger, admin, ending):
    through_group = make.eligibility(of=make.group(members=(user,)), end_at=IN_10_DAYS)
    activated = make.activation(by=user, of=make.eligibility(of=user, role=make.role(name="Reader", terms=EASY)))

    asked = [(user, through_group), (user, activated), (stranger, ending), (admin, ending)]

    assert [visit.by(person).get(page_of(grant)).status_code for person, grant in asked] == [404] * 4
    assert [visit.by(person).post(page_of(grant)).status_code for person, grant in asked] == [404] * 4


def test_what_cannot_be_kept_says_why_instead_of_offering_a_form(user, ending):
    grants.remove_eligibility(make.act(), ending, because="New job")

    response = visit.by(user).get(page_of(ending))

    assert visit.notices(response) == ["This was taken away. Ask an administrator to assign it again."]
    assert visit.buttons(response) == []


def test_my_roles_leads_to_what_can_be_kept_and_to_what_waits(user, ending):
    make.eligibility(of=make.group(members=(user,)), role=make.role(name="Reader"), end_at=IN_10_DAYS)
    over = make.assignment(of=user, role=make.role(name="Writer"), start_at=NINE - 9 * DAY, end_at=NINE - DAY)
    browser = visit.by(user)

    def leads(tab):
        return sorted(link for link in visit.links(browser.get(f"/my-roles/?tab={tab}")).values() if "/renew" in link)

    assert (leads("eligible"), leads("active"), leads("expired")) == ([page_of(ending)], [], [page_of(over)])
    waiting = make.renewal(of=ending, by=user)
    assert leads("eligible") == [reverse("renewal", args=[waiting.pk])]


def test_my_requests_shows_how_they_stand(user, stranger, ending):
    make.renewal(of=ending, by=user)

    rows = visit.table(visit.by(user).get(reverse("my_requests")))

    assert rows == [
        ["Extension of Teams Administrator", "23 Nov 2026, 09:00 UTC", "21 Feb 2027, 09:00 UTC", "Waiting for approval"]
    ]
    assert visit.table(visit.by(stranger).get(reverse("my_requests"))) == []
