"""The history page by page."""

import pytest

from accounts.events import SignedIn
from audit.log import record
from audit.models import Entry
from audit.queries import pages
from kernel.period import DAY
from tests import make
from tests.make import MICROSECOND, NINE

pytestmark = pytest.mark.django_db


def tell(*, at=NINE):
    return record(make.act(at=at), SignedIn())


def turned(**first):
    """Every page, as somebody sees them who turns them: from the newest on, or from the oldest back."""
    found = [pages.page([Entry.objects.all()], **first)]
    while key := found[-1].newer_key if first else found[-1].older_key:
        direction = {"after": key} if first else {"before": key}
        found.append(pages.page([Entry.objects.all()], **direction))
    return found


@pytest.mark.postgres
@pytest.mark.parametrize("oldest", [False, True])
def test_the_pages_are_complete_and_without_doubles_even_if_all_happened_at_once(oldest):
    moments = [NINE] * 60 + [NINE - MICROSECOND] * 30 + [NINE - DAY] * 70
    made = [tell(at=at) for at in moments]

    found = turned(oldest=True)[::-1] if oldest else turned()

    shown = [entry for page in found for entry in page.entries]
    assert shown == sorted(made, key=lambda entry: (entry.at, entry.pk), reverse=True)
    assert len(found) == 4


@pytest.mark.parametrize(("count", "length"), [(0, 1), (1, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_a_page_holds_fifty(count, length):
    for _ in range(count):
        tell()

    there, back = turned(), turned(oldest=True)

    assert [sum(len(page.entries) for page in way) for way in (there, back)] == [count, count]
    assert (len(there), len(back)) == (length, length)


def test_one_gets_back_the_way_one_came():
    for number in range(120):
        tell(at=NINE - number * DAY)
    first, second, third = turned()

    back = pages.page([Entry.objects.all()], after=third.newer_key)
    again = pages.page([Entry.objects.all()], after=back.newer_key)

    assert (back, again.entries) == (second, first.entries)
    assert (first.newer_key, third.older_key, again.newer_key) == ("", "", "")


def test_what_happens_while_turning_pages_shifts_nothing():
    made = [tell(at=NINE - number * DAY) for number in range(60)]
    first = pages.page([Entry.objects.all()])
    tell(at=NINE + DAY)

    second = pages.page([Entry.objects.all()], before=first.older_key)

    assert [*first.entries, *second.entries] == made


def test_a_key_from_an_address_line_works_though_plus_became_a_space():
    made = [tell() for _ in range(51)]
    key = pages.page([Entry.objects.all()]).older_key

    assert pages.page([Entry.objects.all()], before=key.replace("+", " ")).entries == made[:1]


@pytest.mark.parametrize("direction", ["before", "after"])
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
def test_a_key_that_makes_no_sense_gives_the_first_page(key, direction):
    entry = tell()

    assert pages.page([Entry.objects.all()], **{direction: key}).entries == [entry]


@pytest.mark.parametrize("direction", ["before", "after"])
@pytest.mark.parametrize(
    "key", [f"2026-11-24T09:00:00+00:00_{'9' * 40}", "0001-01-01T00:00:00+23:59_1", "9999-12-31T23:59:59-23:59_1"]
)
def test_a_key_beyond_all_bounds_breaks_nothing(key, direction):
    entry = tell()

    assert pages.page([Entry.objects.all()], **{direction: key}).entries in ([], [entry])


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 events"), (1, "1 event"), (3, "3 events"), (4, "More than 3 events"), (9, "More than 3 events")],
)
def test_how_many_fit_is_exact_up_to_a_bound(monkeypatch, count, words):
    monkeypatch.setattr(pages, "MOST_COUNTED", 3)
    for _ in range(count):
        tell()

    assert pages.counted([Entry.objects.all()]) == words
