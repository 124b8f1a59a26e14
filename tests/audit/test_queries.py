"""Reads of the history: filtered, page by page, and for a spreadsheet."""

import pytest

from accounts.events import SignedIn, SignedOut
from audit import queries
from audit.events import About
from audit.log import record
from audit.models import Entry
from audit.queries import Filters
from kernel.period import DAY
from tests import make
from tests.make import MICROSECOND, NINE

pytestmark = pytest.mark.django_db


def tell(*, at=NINE, kind=SignedIn, by=None, role="", person="", **told):
    return record(make.act(by=by, at=at), kind(**told), about=About(role_name=role, person_name=person))


def filtered(**wanted):
    return list(queries.filtered(Entry.objects.all(), Filters(**wanted), at=NINE))


# --- filters


def test_without_filters_everything_is_shown():
    first, second = tell(), tell(at=NINE - 500 * DAY)

    assert filtered() == [first, second]


def test_a_kind_can_be_chosen():
    tell()
    out = tell(kind=SignedOut)

    assert filtered(kind="person.signed_out") == [out]


def test_a_role_is_found_by_part_of_its_name():
    tell()
    teams = tell(role="Teams Administrator")

    assert filtered(role="teams") == [teams]


def test_the_last_days_end_now():
    tell(at=NINE - 7 * DAY)
    inside = tell(at=NINE - 7 * DAY + MICROSECOND)

    assert filtered(days=7) == [inside]


@pytest.mark.parametrize("column", ["because", "approver_name", "ticket_number", "role", "person"])
def test_a_text_is_searched_in_every_column_one_would_look_at(column):
    tell()
    found = tell(**{column: "needle in a haystack"})

    assert filtered(text="NEEDLE") == [found]


def test_a_text_finds_who_did_it(user):
    tell()
    by_john = tell(by=user)

    assert filtered(text="john", kind="person.signed_in") == [by_john]


def test_filters_add_up():
    tell(role="Teams Administrator")
    tell(kind=SignedOut, role="Exchange Administrator")
    both = tell(kind=SignedOut, role="Teams Administrator", because="On call")

    assert filtered(kind="person.signed_out", role="teams", text="call", days=1) == [both]


def test_the_kinds_that_history_holds_are_offered_in_words():
    tell(kind=SignedOut)
    tell()
    tell()

    assert queries.kinds() == [("person.signed_in", "Signed in"), ("person.signed_out", "Signed out")]


# --- pages


def all_pages():
    """Every entry, as somebody sees them who turns the pages."""
    found, key, pages = [], "", 0
    while True:
        page = queries.page(Entry.objects.all(), key)
        found += page.entries
        pages += 1
        if not page.next_key:
            return found, pages
        key = page.next_key


@pytest.mark.postgres
def test_the_pages_are_complete_and_without_doubles_even_if_all_happened_at_once():
    moments = [NINE] * 60 + [NINE - MICROSECOND] * 30 + [NINE - DAY] * 70
    made = [tell(at=at) for at in moments]

    found, pages = all_pages()

    assert found == sorted(made, key=lambda entry: (entry.at, entry.pk), reverse=True)
    assert pages == 4


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_a_page_holds_fifty(count, pages):
    for _ in range(count):
        tell()

    found, turned = all_pages()

    assert (len(found), turned) == (count, pages)


def test_what_happens_while_turning_pages_shifts_nothing():
    made = [tell(at=NINE - number * DAY) for number in range(60)]
    first = queries.page(Entry.objects.all(), "")
    tell(at=NINE + DAY)

    second = queries.page(Entry.objects.all(), first.next_key)

    assert [*first.entries, *second.entries] == made


def test_a_key_from_an_address_line_works_though_plus_became_a_space():
    made = [tell() for _ in range(51)]
    key = queries.page(Entry.objects.all(), "").next_key

    assert queries.page(Entry.objects.all(), key.replace("+", " ")).entries == made[:1]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "nonsense",
        "_",
        "2026-11-23T09:00:00+00:00",
        "2026-11-23T09:00:00+00:00_",
        "2026-11-23T09:00:00+00:00_x",
        "2026-11-23T09:00:00_1",
        "2026-13-23T09:00:00+00:00_1",
        "'; DROP TABLE audit_entry; --_1",
    ],
)
def test_a_key_that_makes_no_sense_gives_the_first_page(key):
    entry = tell()

    assert queries.page(Entry.objects.all(), key).entries == [entry]


@pytest.mark.parametrize(
    "key", [f"2026-11-24T09:00:00+00:00_{'9' * 40}", "0001-01-01T00:00:00+23:59_1", "9999-12-31T23:59:59-23:59_1"]
)
def test_a_key_beyond_all_bounds_breaks_nothing(key):
    entry = tell()

    assert queries.page(Entry.objects.all(), key).entries in ([], [entry])


# --- for a spreadsheet


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_nothing_in_the_export_is_taken_for_a_formula(first):
    tell(because=f"{first}HYPERLINK(1)")

    _header, row = queries.rows(Entry.objects.all())

    assert row[queries.CSV_COLUMNS.index("because")] == f"'{first}HYPERLINK(1)"


def test_a_line_of_the_export_says_it_all(user):
    tell(by=user, because="On call", ticket_number="INC-7", role="Teams Administrator")

    header, row = queries.rows(Entry.objects.filter(at=NINE))

    assert dict(zip(header, row, strict=True)) == {
        "at": "2026-11-23T09:00:00+00:00",
        "kind": "person.signed_in",
        "actor_name": "John Doe",
        "actor_id": str(user.pk),
        "person_name": "",
        "person_id": "",
        "role_name": "Teams Administrator",
        "scope_name": "",
        "because": "On call",
        "approver_name": "",
        "ticket_number": "INC-7",
        "ticket_system": "",
        "proof_method": "totp",
        "proof_device": "Phone",
        "proof_at": "2026-11-23T09:00:00+00:00",
        "ip": "203.0.113.7",
        "request_id": "",
        "outcome": "",
        "facts": "",
    }
