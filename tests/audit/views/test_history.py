"""The history: all of it for those who may, one's own for everybody."""

from datetime import timedelta

import pytest
from django.db import transaction

from audit.events import About
from audit.log import record
from audit.queries import pages
from kernel.period import DAY, HOUR, SECOND
from requests_app.events import RequestDenied
from roles.models import Assignment
from tests import make, visit
from tests.make import NINE
from tests.old_history import archive_all

pytestmark = pytest.mark.usefixtures("at_nine", "db")


def write(*, by=None, about=None, at=NINE, **told):
    """Something in the history."""
    person = About(person_id=about.pk, person_name=about.name, role_name="Teams Administrator") if about else About()
    with transaction.atomic():
        record(make.act(by=by, at=at), RequestDenied(**told), about=person)


def reasons(response):
    """The reasons on the page, in order."""
    return [reason.text for reason in visit.main(response).all(of="preline")]


# --- what it shows


def test_an_entry_shows_who_what_whom_why_and_with_which_proof(auditor, user, approver):
    write(
        by=approver,
        about=user,
        because="Not tonight",
        approver_name="Alva Approver",
        ticket_number="INC-7",
        ticket_system="Jira",
        outcome="refused",
    )

    response = visit.by(auditor).get("/history/")

    assert visit.table(response)[0] == [
        "2026-11-23 09:00:00 UTC",
        "Request denied",
        "Alva Approverfrom 203.0.113.7",
        "John DoeTeams Administrator",
        "Not tonight Approver: Alva Approver Ticket: Jira INC-7 "
        "Second factor: Phone (totp), 23 Nov 2026, 09:00 UTC Outcome: refused",
    ]


def test_changed_settings_show_old_and_new(auditor, admin):
    role = make.role()
    make.change_terms(of=role, to=make.ActivationTerms(needs_ticket=True))

    response = visit.by(auditor).get("/history/")

    assert visit.table(response)[0][4] == "Require a ticket on activation: no → yes"


def test_the_newest_comes_first(auditor):
    for number in range(3):
        write(because=f"{number}", at=NINE - number * HOUR)

    assert reasons(visit.by(auditor).get("/history/"))[:3] == ["0", "1", "2"]


def test_an_entry_links_to_its_request(auditor, user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    response = visit.by(auditor).get("/history/")

    assert visit.links(response)[f"Request {role_request.pk}"] == f"/requests/{role_request.pk}/"


# --- filters


@pytest.fixture
def some_history(user, approver):
    """Three things that happened, to be told apart."""
    write(by=approver, about=user, because="first", ticket_number="INC-7")
    write(because="second", approver_name="Ben Second", outcome="refused", at=NINE - 2 * DAY)
    write(because="third", at=NINE - 40 * DAY)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "first"}, ["first"]),
        ({"q": "john", "kind": "request.denied"}, ["first"]),
        ({"q": "ALVA", "kind": "request.denied"}, ["first"]),
        ({"q": "inc-7"}, ["first"]),
        ({"q": "ben"}, ["second"]),
        ({"q": "  second "}, ["second"]),
        ({"q": "%%%"}, []),
        ({"actor": "alva"}, ["first"]),
        ({"person": "john d"}, ["first"]),
        ({"outcome": "refused"}, ["second"]),
        ({"kind": "request.*"}, ["first", "second", "third"]),
        ({"kind": "request.denied", "start": "2026-11-20T00:00"}, ["first", "second"]),
        ({"kind": "request.denied", "start": "2026-11-20T00:00", "end": "2026-11-23T09:00"}, ["second"]),
        ({"kind": "request.denied", "end": "2026-11-21T10:00+01:00"}, ["third"]),
        ({"kind": "request.denied", "end": "2026-11-21T10:00:01+01:00"}, ["second", "third"]),
        ({"kind": "request.denied", "end": "2026-11-21T10:00:01 01:00"}, ["second", "third"]),
        ({"role": "teams adm", "kind": "request.denied"}, ["first"]),
        ({"kind": "request.denied"}, ["first", "second", "third"]),
        ({"kind": "request.denied", "days": "1"}, ["first"]),
        ({"kind": "request.denied", "days": "7"}, ["first", "second"]),
        ({"kind": "request.denied", "days": "30"}, ["first", "second"]),
        ({"kind": "request.denied", "days": "365"}, ["first", "second", "third"]),
    ],
)
def test_filters_narrow_what_is_shown(some_history, auditor, query, found):
    response = visit.by(auditor).get("/history/", query)

    assert reasons(response) == found


SHORT = "Type at least 3 characters."
NOT_LISTED = "That is not one of the choices. Choose from the list."
NO_MOMENT = (
    "That is no moment in UTC. Write it like 2026-11-23T09:00, or with its zone: 2026-11-23T09:00+01:00. "
    "An hour in which the clocks change means none without its zone."
)
NOT_AFTER = "That is not after the start. Choose a later moment."
NOBODY = "This link names no person, role or request there can be. Clear the filters and search by name."


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"kind": "nonsense"}, NOT_LISTED),
        ({"kind": "nonsense.*"}, NOT_LISTED),
        ({"days": "2"}, NOT_LISTED),
        ({"days": "9" * 30}, NOT_LISTED),
        ({"outcome": "x"}, NOT_LISTED),
        ({"q": "xy"}, SHORT),
        ({"actor": "xy"}, SHORT),
        ({"person": "x"}, SHORT),
        ({"q": "x" * 201}, "Ensure this value has at most 200 characters (it has 201)."),
        ({"q": "sec\x00ond"}, "Leave out what is no letter."),
        ({"start": "yesterday"}, NO_MOMENT),
        ({"start": "2026-13-01T00:00"}, NO_MOMENT),
        ({"start": "0001-01-01T00:00+23:59"}, NO_MOMENT),
        ({"end": "9999-12-31T23:59-23:59"}, NO_MOMENT),
        ({"start": "2026-11-23T09:00", "end": "2026-11-23T09:00"}, NOT_AFTER),
        ({"start": "2026-11-23T09:00", "days": "7"}, "Choose either one of these spans, or from and to."),
        ({"person_id": "x"}, NOBODY),
        ({"role_id": "9" * 30}, NOBODY),
    ],
)
def test_a_filter_that_makes_no_sense_says_so_and_is_not_taken_for_everything(some_history, auditor, query, sentence):
    page = visit.by(auditor).get("/history/", query)

    assert (page.status_code, reasons(page), visit.sentences(page)) == (400, [], [sentence])
    assert "Download CSV" not in visit.buttons(page)


def test_an_hour_in_which_the_clocks_change_needs_its_zone(auditor):
    auditor.time_zone = "Europe/Berlin"
    auditor.save()
    browser = visit.by(auditor)

    answers = [
        browser.get("/history/", {"start": start}).status_code
        for start in ("2026-10-25T02:30", "2026-10-25T02:30+01:00", "2026-10-25T03:30")
    ]

    assert answers == [400, 200, 200]


@pytest.mark.parametrize("query", [{"page": "99"}, {"\x00": "\x00"}])
def test_what_is_no_filter_is_ignored(some_history, auditor, query):
    response = visit.by(auditor).get("/history/", query)

    assert (response.status_code, reasons(response)) == (200, ["first", "Project Falcon", "second", "third"])


def test_when_nothing_fits_the_page_says_so(auditor):
    response = visit.by(auditor).get("/history/?q=nothing-like-this")

    assert visit.table(response) == []
    assert "Nothing that happened fits these filters." in visit.main(response).text


def test_a_link_means_the_same_to_somebody_in_another_zone(auditor, admin):
    auditor.time_zone = "Asia/Tokyo"
    auditor.save()
    write(because="in the hour", at=NINE)
    write(because="before it", at=NINE - HOUR)

    page = visit.by(auditor).get("/history/?start=2026-11-23T18:00&end=2026-11-23T19:00&q=&kind=request.denied")
    (link,) = [one.text for one in visit.main(page).all(of="mono")]

    query = "kind=request.denied&start=2026-11-23T18%3A00%3A00%2B09%3A00&end=2026-11-23T19%3A00%3A00%2B09%3A00"
    assert link == f"http://testserver/history/?{query}"
    assert reasons(page) == reasons(visit.by(admin).get(f"/history/?{query}")) == ["in the hour"]


def test_moments_of_a_link_stand_in_the_readers_zone_in_the_form(auditor):
    auditor.time_zone = "Asia/Tokyo"
    auditor.save()

    page = visit.by(auditor).get("/history/", {"start": "2026-11-23T09:00:00+00:00"})

    (field,) = [one for one in visit.main(page).all("input") if one.attributes["name"] == "start"]
    assert field.attributes["value"] == "2026-11-23T18:00"
    assert "In Asia/Tokyo" in visit.main(page).text


def test_the_page_says_how_many_fit(some_history, auditor):
    page = visit.by(auditor).get("/history/?kind=request.denied")

    assert "3 events." in visit.main(page).text


def test_the_history_of_one_person_is_what_they_did_and_what_was_done_to_them(auditor, user, stranger, approver):
    write(by=user, because="did")
    write(by=approver, about=user, because="had done")
    write(by=stranger, because="somebody else")

    page = visit.by(auditor).get(f"/history/?person_id={user.pk}")

    assert sorted(reasons(page)) == ["did", "had done"]
    assert "Only what John Doe did, and what was done to them." in visit.main(page).text


def test_the_history_of_one_role_says_which(auditor, user):
    role = make.role(name="Teams Administrator", at=NINE)
    make.eligibility(of=user, role=role)

    page = visit.by(auditor).get(f"/history/?role_id={role.pk}")

    assert reasons(page) == ["Project Falcon"]
    assert "Only what is about the role Teams Administrator." in visit.main(page).text


def test_a_role_a_person_and_a_request_lead_to_their_history_and_back(admin, user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))
    browser = visit.by(admin)
    of_role = visit.links(browser.get(f"/roles/{role_request.role_id}/"))["History"]
    of_person = visit.links(browser.get(f"/people/{user.pk}/"))["History of John Doe"]
    of_request = visit.links(browser.get(f"/requests/{role_request.pk}/"))["In the audit history"]

    pages = [browser.get(path) for path in (of_role, of_person, of_request)]

    assert (of_role, of_person, of_request) == (
        f"/history/?role_id={role_request.role_id}",
        f"/history/?person_id={user.pk}",
        f"/history/?request_id={role_request.pk}",
    )
    back = f"/requests/{role_request.pk}/"
    assert [visit.links(page).get(f"Request {role_request.pk}") for page in pages] == [back] * 3
    assert [row[1] for row in visit.table(pages[2])] == [f"Activation requestedRequest {role_request.pk}"]
    assert f"Only what is about request {role_request.pk}." in visit.main(pages[2]).text


def test_who_may_not_read_the_history_is_not_led_there(user, approver):
    role_request = make.role_request(by=user, approvers=(approver,))

    assert "In the audit history" not in visit.links(visit.by(user).get(f"/requests/{role_request.pk}/"))


# --- page by page


def test_older_entries_are_one_link_away_and_none_is_shown_twice(auditor):
    for number in range(120):
        write(because=f"{number:03}", at=NINE - (number // 7) * SECOND)
    browser = visit.by(auditor)

    found, link = [], "?kind=request.denied"
    while link:
        page = browser.get(f"/history/{link}")
        found.append(reasons(page))
        link = visit.links(page).get("Older", "")

    assert [len(page) for page in found] == [50, 50, 20]
    assert sorted(reason for page in found for reason in page) == [f"{number:03}" for number in range(120)]
    assert "kind=request.denied" in visit.links(browser.get("/history/?kind=request.denied"))["Older"]


def test_the_pages_are_turned_in_both_directions_and_from_the_end(auditor):
    for number in range(120):
        write(because=f"{number:03}", at=NINE - number * SECOND)
    browser = visit.by(auditor)

    found, page = [], browser.get("/history/?kind=request.denied")
    for link in ("Oldest", "Newer", "Newer", "Older", "Newest"):
        page = browser.get(f"/history/{visit.links(page)[link]}")
        found.append((reasons(page)[0], reasons(page)[-1]))

    assert found == [("070", "119"), ("020", "069"), ("000", "019"), ("020", "069"), ("000", "049")]


def test_fifty_entries_need_no_second_page(auditor):
    for _ in range(50):
        write(because="x")

    assert "Older" not in visit.links(visit.by(auditor).get("/history/?kind=request.denied"))


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x",
        "_",
        "_5",
        "2026-11-23",
        "2026-11-23T09:00:00_5",
        "2026-11-23T09:00:00+00:00_",
        "2026-11-23T09:00:00+00:00_x",
        "2026-13-23T09:00:00+00:00_5",
        "0001-01-01T00:00:00+23:59_5",
        "9999-12-31T23:59:59-23:59_5",
        "\x00_\x00",
        "💥",
    ],
)
def test_a_key_that_makes_no_sense_shows_the_first_page(auditor, key):
    write(because="here")

    response = visit.by(auditor).get("/history/", {"before": key})

    assert (response.status_code, reasons(response)[0]) == (200, "here")


@pytest.mark.parametrize("number", ["9" * 18, "9" * 30, "-1"])
def test_a_forged_number_in_the_key_does_no_harm(auditor, number):
    response = visit.by(auditor).get("/history/", {"before": f"2026-11-23T09:00:00+00:00_{number}"})

    assert response.status_code == 200


# --- whose


def test_my_history_shows_what_i_did_and_what_was_done_to_me_only(user, stranger, approver):
    write(by=user, because="mine")
    write(by=approver, about=user, because="to me")
    write(by=approver, about=stranger, because="to somebody else")

    shown = reasons(visit.by(user).get("/my-history/"))

    assert sorted(shown) == ["mine", "to me"]


@pytest.mark.parametrize(
    "query",
    ["?q=somebody", "?person_id=1", "?oldest", "?before=9999-01-01T00:00:00%2B00:00_999", "?kind=request.denied"],
)
def test_no_filter_shows_somebody_elses_history(user, stranger, query):
    write(about=stranger, because="somebody else's")

    response = visit.by(user).get(f"/my-history/{query}")

    assert reasons(response) == []


def test_the_whole_history_needs_the_power_to_read_it(user, auditor):
    mine, theirs = visit.by(user), visit.by(auditor)
    before = [mine.get("/history/").status_code, theirs.get("/history/").status_code]

    Assignment.objects.filter(user=auditor).update(end_at=NINE)

    assert before == [403, 200]
    assert theirs.get("/history/").status_code == 403


def test_times_on_the_page_are_the_readers(auditor):
    auditor.time_zone = "Asia/Tokyo"
    auditor.save()
    write(because="x", at=NINE + timedelta(hours=8))

    response = visit.by(auditor).get("/history/")

    assert visit.table(response)[0][0] == "2026-11-24 02:00:00 JST"


# --- what was archived


ARCHIVED = "Older events, up to 2026-11-22 09:00:00 UTC, are not shown: they were archived on 2027-11-24 09:00:00 UTC"


def test_the_page_with_the_oldest_says_that_older_ones_were_archived(auditor, folder):
    assert "Older events" not in visit.main(visit.by(auditor).get("/history/")).text
    made = archive_all()

    text = visit.main(visit.by(auditor).get("/history/")).text

    assert f"{ARCHIVED} (last file: {made.file})." in text
    assert "Nothing here is ever changed; what is older than 365 days moves into archives." in text


def test_a_page_with_older_ones_below_does_not_say_it_nor_does_one_of_later_events(auditor, folder, monkeypatch):
    archive_all()
    for number in range(3):
        write(because=f"Reason {number}", at=NINE + HOUR)
    monkeypatch.setattr(pages, "PAGE_LENGTH", 2)

    browser = visit.by(auditor)

    assert "Older events" not in visit.main(browser.get("/history/")).text
    assert "Older events" in visit.main(browser.get("/history/?oldest")).text
    assert "Older events" in visit.main(browser.get("/history/?oldest&start=2026-11-22T09:00")).text
    assert "Older events" not in visit.main(browser.get("/history/?oldest&start=2026-11-22T09:01")).text


def test_ones_own_history_says_so_without_the_file(user, folder):
    made = archive_all()

    text = visit.main(visit.by(user).get("/my-history/")).text

    assert f"{ARCHIVED}. Whoever runs the portal has them." in text
    assert made.file not in text
