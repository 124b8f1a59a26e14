"""The history as a file: whole, guarded, with an end, and told."""

import csv
import hashlib
import io
import json
import tracemalloc

import pytest
from django.db import transaction

from audit.events import About
from audit.log import record
from audit.models import Entry
from kernel.period import DAY
from requests_app.events import RequestDenied
from roles.models import Assignment
from tests import make, visit
from tests.make import NINE
from tests.old_history import archive_all

pytestmark = pytest.mark.usefixtures("at_nine", "db")

COLUMNS = [
    "id", "at", "kind", "actor_name", "person_name", "role_name", "scope_name", "because", "approver_name",
    "ticket_number", "ticket_system", "proof_method", "proof_device", "proof_at", "ip", "request_id", "outcome",
    "actor_id", "person_id", "role_id", "facts", "digest",
]  # fmt: skip
BECAUSE = COLUMNS.index("because")


def write(*, by=None, about=None, at=NINE, **told):
    """Something in the history."""
    person = About(person_id=about.pk, person_name=about.name, role_name="Teams Administrator") if about else About()
    with transaction.atomic():
        return record(make.act(by=by, at=at), RequestDenied(**told), about=person)


def download(browser, path="/history/export/?kind=request.denied", file="csv"):
    """The whole file."""
    response = browser.post(path, {"file": file})
    return response, b"".join(response.streaming_content).decode()


def rows(text):
    """The file as a spreadsheet reads it."""
    return list(csv.reader(io.StringIO(text, newline="")))


def objects(text):
    """The file as a program reads it."""
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_has_every_column_and_times_in_utc(auditor, user, approver):
    auditor.time_zone = "Asia/Tokyo"
    auditor.save()
    entry = write(
        by=approver,
        about=user,
        because="Line one\nline, two",
        approver_name="Alva Approver",
        ticket_number="INC-7",
        ticket_system="Jira",
        outcome="refused",
    )

    response, text = download(visit.by(auditor))

    assert rows(text)[:-1] == [
        COLUMNS,
        [
            str(entry.pk),
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
            "",
            '{"deputy_for": ""}',
            entry.digest,
        ],
    ]
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="audit-history.csv"'
    assert response.headers["Cache-Control"] == "no-store, private"


def test_json_lines_hold_every_column_there_is_as_it_is(auditor, user, approver):
    entry = write(by=approver, about=user, because="=1+1\nnext line")

    response, text = download(visit.by(auditor), file="jsonl")

    (told, _end) = objects(text)
    columns = {field.attname: getattr(entry, field.attname) for field in Entry._meta.concrete_fields}
    assert told == columns | {"at": "2026-11-23T09:00:00+00:00", "proof_at": "2026-11-23T09:00:00+00:00"}
    assert response.headers["Content-Type"] == "application/jsonl"
    assert response.headers["Content-Disposition"] == 'attachment; filename="audit-history.jsonl"'


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_nothing_in_the_csv_is_taken_for_a_formula(auditor, first):
    write(because=f"{first}HYPERLINK(1)", ticket_number=f"{first}1")

    _response, text = download(visit.by(auditor))

    row = rows(text)[1]
    assert (row[BECAUSE], row[BECAUSE + 2]) == (f"'{first}HYPERLINK(1)", f"'{first}1")


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201])
def test_the_end_says_how_many_and_the_digest_of_all_before_it(auditor, count):
    for number in range(count):
        write(because=f"{number}")

    _response, as_csv = download(visit.by(auditor))
    _response, as_json = download(visit.by(auditor), file="jsonl")

    before, end = as_csv[: as_csv.index("End of file")], as_csv[as_csv.index("End of file") :]
    assert end == f"End of file. Events: {count}. SHA-256: {hashlib.sha256(before.encode()).hexdigest()}\r\n"
    before = "".join(as_json.splitlines(keepends=True)[:-1])
    assert objects(as_json)[-1] == {
        "end": True,
        "events": count,
        "sha256": hashlib.sha256(before.encode()).hexdigest(),
    }
    assert len(before.splitlines()) == count


def test_a_file_that_was_cut_has_no_end(auditor, monkeypatch):
    monkeypatch.setattr("audit.queries.export.CHUNK", 200)
    for number in range(450):
        write(because=f"{number}")
    response = visit.by(auditor).post("/history/export/?kind=request.denied", {"file": "jsonl"})

    pieces = response.streaming_content
    cut = b"".join(piece for piece, _number in zip(pieces, range(3), strict=False)).decode()

    assert not any(one.get("end") for one in objects(cut))


@pytest.mark.postgres
def test_a_long_history_is_downloaded_whole_and_in_order_chunk_by_chunk(auditor, monkeypatch):
    monkeypatch.setattr("audit.queries.export.CHUNK", 7)
    made = [write(because=f"{number:02}", at=NINE - (number // 5) * DAY) for number in range(60)]

    _response, text = download(visit.by(auditor), file="jsonl")

    newest_first = sorted(made, key=lambda entry: (entry.at, entry.pk), reverse=True)
    assert [one["id"] for one in objects(text)[:-1]] == [entry.pk for entry in newest_first]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=first", ["first"]),
        ("kind=request.denied", ["first", "second"]),
        ("kind=request.denied&days=1", ["first"]),
        ("kind=request.denied&start=2026-11-23T00:00", ["first"]),
        ("kind=request.denied&before=2026-11-22T00:00:00%2B00:00_1", ["first", "second"]),
    ],
)
def test_the_file_has_what_its_page_shows_whichever_page_one_is_on(auditor, query, found):
    write(because="first")
    write(because="second", at=NINE - 2 * DAY)

    _response, text = download(visit.by(auditor), f"/history/export/?{query}")

    assert [row[BECAUSE] for row in rows(text)[1:-1]] == found


@pytest.mark.parametrize("query", ["kind=nonsense", "q=x", "start=yesterday", "days=x"])
def test_filters_that_make_no_sense_are_not_taken_for_everything(auditor, query):
    response = visit.by(auditor).post(f"/history/export/?{query}", {"file": "csv"})

    assert (response.status_code, visit.title(response)) == (400, "This address makes no sense")


def test_a_kind_of_file_there_is_not_is_refused(auditor):
    assert visit.by(auditor).post("/history/export/", {"file": "xlsx"}).status_code == 400


def test_that_somebody_took_the_history_away_stands_in_it_and_not_in_the_file(auditor):
    _response, text = download(visit.by(auditor), "/history/export/?q=Project&days=7", file="jsonl")

    (told,) = Entry.objects.filter(kind="history.exported")
    assert (told.actor_name, told.person_name, told.at) == ("Cleo Auditor", "", NINE)
    assert told.facts == {"file": "jsonl", "filters": "q=Project&days=7", "is_ones_own": False}
    assert told.pk not in [one.get("id") for one in objects(text)]


def test_ones_own_history_is_told_of_oneself(user):
    download(visit.by(user), "/my-history/export/", file="csv")

    (told,) = Entry.objects.filter(kind="history.exported")
    assert (told.actor_name, told.person_name, told.facts["is_ones_own"]) == ("John Doe", "John Doe", True)


def test_ones_own_file_holds_what_one_did_and_what_was_done_to_one_only(user, stranger, approver):
    write(by=user, because="mine")
    write(by=approver, about=user, because="to me")
    write(by=approver, about=stranger, because="to somebody else")

    response, text = download(visit.by(user), "/my-history/export/?kind=request.denied")

    assert sorted(row[BECAUSE] for row in rows(text)[1:-1]) == ["mine", "to me"]
    assert response.headers["Content-Disposition"] == 'attachment; filename="my-audit-history.csv"'


def test_the_whole_history_needs_the_power_to_read_it(user, auditor):
    path = "/history/export/"
    before = [visit.by(one).post(path).status_code for one in (user, auditor)]

    Assignment.objects.filter(user=auditor).update(end_at=NINE)

    assert (before, visit.by(auditor).post(path).status_code) == ([403, 200], 403)


def test_the_buttons_of_the_page_keep_its_filters(auditor):
    page = visit.by(auditor).get("/history/?q=John&days=7&before=x")

    (form,) = [one for one in visit.main(page).all("form") if one.attributes.get("method") == "post"]
    assert form.attributes["action"] == "/history/export/?q=John&days=7"
    assert [(one.text, one.attributes["value"]) for one in form.all("button")] == [
        ("Download CSV", "csv"),
        ("Download JSON Lines", "jsonl"),
    ]


@pytest.mark.parametrize("count", [100, 600])
def test_memory_does_not_grow_with_the_rows(auditor, monkeypatch, count):
    """Each row holds 20 kB: a hundred would be 2 MB, six hundred 12."""
    monkeypatch.setattr("audit.queries.export.CHUNK", 20)
    for _ in range(count):
        write(because="x" * 20_000)
    pieces = visit.by(auditor).post("/history/export/?kind=request.denied", {"file": "jsonl"}).streaming_content

    tracemalloc.start()
    sent = sum(len(piece) for piece in pieces)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sent > count * 20_000
    assert peak < 3_000_000


def test_the_end_says_up_to_when_events_were_archived(auditor, folder):
    write(because="Old")
    archive_all()
    write(because="New", at=NINE + DAY)

    _response, as_csv = download(visit.by(auditor))
    _response, as_json = download(visit.by(auditor), file="jsonl")
    _response, later = download(visit.by(auditor), path="/history/export/?start=2026-11-23T09:01", file="jsonl")

    assert as_csv.endswith(". Events up to 2026-11-23T09:00:00+00:00 were archived\r\n")
    assert rows(as_csv)[1][BECAUSE] == "New"
    assert objects(as_json)[-1]["archived_until"] == "2026-11-23T09:00:00+00:00"
    assert "archived_until" not in objects(later)[-1]
