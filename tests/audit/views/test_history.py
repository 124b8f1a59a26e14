"""The history: all of it for those who may, one's own for everybody."""

import csv
from datetime import timedelta

import pytest
from django.db import transaction

from audit.events import About
from audit.log import record
from kernel.period import DAY, HOUR, SECOND
from requests_app.events import RequestDenied
from roles.models import Assignment
from tests import make, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

COLUMNS = [
    "at", "kind", "actor_name", "person_name", "role_name", "scope_name", "because", "approver_name",
    "ticket_number", "ticket_system", "proof_method", "proof_device", "proof_at", "ip", "request_id", "outcome",
    "actor_id", "person_id", "facts",
]  # fmt: skip


def write(*, by=None, about=None, at=NINE, **told):
    """Something in the history."""
    person = About(person_id=about.pk, person_name=about.name, role_name="Teams Administrator") if about else About()
    with transaction.atomic():
        record(make.act(by=by, at=at), RequestDenied(**told), about=person)


def reasons(response):
    """The reasons on the page, in order."""
    return [reason.text for reason in visit.main(response).all(of="preline")]


def lines(response):
    """The CSV, as a spreadsheet reads it."""
    return list(csv.reader(b"".join(response.streaming_content).decode().splitlines(keepends=True)))


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
    write(because="second", approver_name="Ben Second", at=NINE - 2 * DAY)
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
        ({"q": "%"}, []),
        ({"role": "teams adm", "kind": "request.denied"}, ["first"]),
        ({"kind": "request.denied"}, ["first", "second", "third"]),
        ({"kind": "request.denied", "days": "1"}, ["first"]),
        ({"kind": "request.denied", "days": "7"}, ["first", "second"]),
        ({"kind": "request.denied", "days": "30"}, ["first", "second"]),
        ({"kind": "request.denied", "days": "365"}, ["first", "second", "third"]),
    ],
)
def test_filters_narrow_what_is_shown_and_what_is_downloaded(some_history, auditor, query, found):
    browser = visit.by(auditor)

    shown = reasons(browser.get("/history/", query))
    downloaded = [row[6] for row in lines(browser.get("/history/export/", query))[1:]]

    assert (shown, downloaded) == (found, found)


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "nonsense"},
        {"days": "2"},
        {"days": "-1"},
        {"days": "9" * 30},
        {"days": "x"},
        {"q": "x" * 201},
        {"q": "sec\x00ond"},
        {"role": "x" * 121},
    ],
)
def test_a_filter_that_makes_no_sense_finds_nothing_and_is_not_taken_for_everything(some_history, auditor, query):
    browser = visit.by(auditor)

    page, download = browser.get("/history/", query), browser.get("/history/export/", query)

    assert (page.status_code, reasons(page), len(visit.sentences(page))) == (400, [], 1)
    assert (download.status_code, visit.title(download)) == (400, "This address makes no sense")


@pytest.mark.parametrize("query", [{"page": "99"}, {"\x00": "\x00"}])
def test_what_is_no_filter_is_ignored(some_history, auditor, query):
    response = visit.by(auditor).get("/history/", query)

    assert (response.status_code, reasons(response)) == (200, ["first", "Project Falcon", "second", "third"])


def test_when_nothing_fits_the_page_says_so(auditor):
    response = visit.by(auditor).get("/history/?q=nothing-like-this")

    assert visit.table(response) == []
    assert "Nothing that happened fits these filters." in visit.main(response).text


def test_the_download_keeps_the_filters(auditor):
    response = visit.by(auditor).get("/history/?q=John&days=7")

    assert visit.links(response)["Download CSV"] == "/history/export/?q=John&days=7"


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


# --- CSV


def test_the_download_has_every_column_and_times_in_utc(auditor, user, approver):
    auditor.time_zone = "Asia/Tokyo"
    auditor.save()
    write(
        by=approver,
        about=user,
        because="Line one\nline, two",
        approver_name="Alva Approver",
        ticket_number="INC-7",
        ticket_system="Jira",
        outcome="refused",
    )

    response = visit.by(auditor).get("/history/export/?kind=request.denied")

    assert lines(response) == [
        COLUMNS,
        [
            "2026-11-23T09:00:00+00:00",
            "request.denied",
            "Alva Approver",
            "John Doe",
            "Teams Administrator",
            "",
            "Line one\nline, two",
            "Alva Approver",
            "INC-7",
            "Jira",
            "totp",
            "Phone",
            "2026-11-23T09:00:00+00:00",
            "203.0.113.7",
            "",
            "refused",
            str(approver.pk),
            str(user.pk),
            '{"deputy_for": ""}',
        ],
    ]
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="audit-history.csv"'
    assert response.headers["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_nothing_in_the_download_is_taken_for_a_formula(auditor, first):
    write(because=f"{first}HYPERLINK(1)", ticket_number=f"{first}1")

    response = visit.by(auditor).get("/history/export/?kind=request.denied")

    row = lines(response)[1]
    assert (row[6], row[8]) == (f"'{first}HYPERLINK(1)", f"'{first}1")


def test_a_long_history_is_downloaded_whole(auditor):
    for _ in range(60):
        write(because="x")

    assert len(lines(visit.by(auditor).get("/history/export/?kind=request.denied"))) == 61


# --- whose


def test_my_history_shows_what_i_did_and_what_was_done_to_me_only(user, stranger, approver):
    write(by=user, because="mine")
    write(by=approver, about=user, because="to me")
    write(by=approver, about=stranger, because="to somebody else")
    browser = visit.by(user)

    shown = reasons(browser.get("/my-history/"))
    downloaded = [row[6] for row in lines(browser.get("/my-history/export/?kind=request.denied"))[1:]]

    assert sorted(shown) == sorted(downloaded) == ["mine", "to me"]
    assert visit.links(browser.get("/my-history/"))["Download CSV"] == "/my-history/export/?"


@pytest.mark.parametrize("query", ["?q=somebody", "?before=9999-01-01T00:00:00%2B00:00_999", "?kind=request.denied"])
def test_no_filter_shows_somebody_elses_history(user, stranger, query):
    write(about=stranger, because="somebody else's")

    response = visit.by(user).get(f"/my-history/{query}")

    assert reasons(response) == []


@pytest.mark.parametrize("path", ["/history/", "/history/export/"])
def test_the_whole_history_needs_the_power_to_read_it(user, auditor, path):
    mine, theirs = visit.by(user), visit.by(auditor)
    before = [mine.get(path).status_code, theirs.get(path).status_code]

    Assignment.objects.filter(user=auditor).update(end_at=NINE)

    assert before == [403, 200]
    assert theirs.get(path).status_code == 403


def test_times_on_the_page_are_the_readers(auditor):
    auditor.time_zone = "Asia/Tokyo"
    auditor.save()
    write(because="x", at=NINE + timedelta(hours=8))

    response = visit.by(auditor).get("/history/")

    assert visit.table(response)[0][0] == "2026-11-24 02:00:00 JST"
