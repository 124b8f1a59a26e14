"""Looking for a text: the same answer with the index and without, for what is rare and for what is common."""

import importlib

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.events import SignedIn
from audit.apps import text_can_be_searched
from audit.events import About
from audit.log import record
from audit.models import Entry, Name
from audit.operations import text_index
from audit.queries import search
from kernel.period import DAY
from tests import make
from tests.make import NINE

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def tell(*, at=NINE, by=None, role="", person="", scope="", **told):
    about = About(role_name=role, person_name=person, scope_name=scope)
    return record(make.act(by=by, at=at), SignedIn(**told), about=about)


def said(text, *columns):
    (found,) = search.saying([Entry.objects.all()], text, columns or search.COLUMNS, most=1)
    return list(found)


@pytest.fixture(params=["with the index", "without"])
def index(request):
    """Both ways of finding."""
    if request.param == "without":
        text_index.drop()
    return request.param


@pytest.mark.parametrize("column", ["because", "approver_name", "ticket_number", "role", "person", "scope"])
def test_a_text_is_searched_in_every_column_one_would_look_at(index, column):
    tell()
    found = tell(**{column: "a needle in a haystack"})

    assert said("NEEDLE") == [found]


def test_a_text_finds_who_did_it(index, user):
    tell()
    by_john = tell(by=user)

    assert by_john in said("john doe")


@pytest.mark.parametrize(
    "text", ['"quoted"', "100 %", "under_score", "back\\slash", "AND", "'; --", "*wild*", "{brace}"]
)
def test_signs_mean_themselves(index, text):
    tell(because="quoted 100 under score backslash wild brace ANN; -")
    found = tell(because=f"before {text} after")

    assert said(text) == [found]


@pytest.mark.parametrize(("most", "common"), [("MOST_RARE", 100), ("COMMON", 4), ("COMMON", 100)])
def test_what_is_common_is_found_newest_first_as_well(monkeypatch, index, most, common):
    monkeypatch.setattr(search, "MOST_RARE", 2 if most == "MOST_RARE" else 100)
    monkeypatch.setattr(search, "COMMON", common)
    made = [tell(because="common", at=NINE - number * DAY) for number in range(4)]

    assert said("common") == made


def numbered(role, number, *, at=NINE):
    about = About(role_name=role, role_id=number, person_name="Common", person_id=number)
    return record(make.act(at=at), SignedIn(), about=about)


@pytest.mark.parametrize("most_names", [500, 1])
def test_a_name_finds_what_it_stands_in_and_not_what_the_same_one_was_called_otherwise(monkeypatch, index, most_names):
    monkeypatch.setattr(search, "MOST_NAMES", most_names)
    numbered("Old name", 1)
    renamed = numbered("New name", 1, at=NINE - DAY)
    numbered("Other", 2)
    another = numbered("newer NAMES", 3, at=NINE - 2 * DAY)

    assert said("new", "role_name") == [renamed, another]
    assert said("new") == [renamed, another]
    assert said("nobody has it", "role_name") == []


def test_a_name_without_a_number_is_found_as_well(index):
    tell(role="Other")
    found = tell(role="Numberless")
    named = numbered("Numberless", 5, at=NINE - DAY)

    assert said("number", "role_name") == [found, named]


def test_each_name_is_known_once_and_whose_it_is(user):
    for _ in range(2):
        record(make.act(by=user), SignedIn(), about=About(role_name="Owner", role_id=7, person_name="Nobody"))

    assert sorted(Name.objects.values_list("column", "number", "name")) == [
        ("actor_name", 0, "The portal"),
        ("actor_name", user.pk, "John Doe"),
        ("person_name", 0, "Nobody"),
        ("person_name", user.pk, "John Doe"),
        ("role_name", 7, "Owner"),
    ]


def test_names_written_before_there_was_the_table_are_gathered():
    found = numbered("Before", 1)
    Name.objects.all().delete()

    # Not entered: SQLite's editor refuses to begin within the transaction of a test, and nothing here needs that.
    importlib.import_module("audit.migrations.0008_names_so_far").gather(None, connection.schema_editor())

    assert (Name.objects.filter(column="role_name", number=1).count(), said("before", "role_name")) == (1, [found])


def test_the_index_knows_what_was_written_before_it():
    text_index.drop()
    found = tell(because="before the index")

    text_index.build()

    assert (search.has_index(), said("before the index")) == (True, [found])


def test_an_index_that_is_missing_is_told_and_can_be_made_later(capsys):
    assert text_can_be_searched(databases=["default"]) == []
    text_index.drop()
    told = [(one.id, "index_history" in str(one.hint)) for one in text_can_be_searched(databases=["default"])]

    call_command("index_history")

    assert told == [("audit.W001", True)]
    assert text_can_be_searched(databases=["default"]) == []
    assert capsys.readouterr().out == "The history's texts are indexed.\n"


def test_a_database_that_cannot_make_it_goes_on_without_and_says_what_is_missing(monkeypatch):
    text_index.drop()
    monkeypatch.setattr(text_index, "SQLITE", ("CREATE VIRTUAL TABLE x USING nonsense(y)",))
    monkeypatch.setattr(text_index, "POSTGRESQL", "CREATE INDEX x ON audit_entry USING nonsense (because)")

    with pytest.raises(CommandError, match="pg_trgm"):
        call_command("index_history")

    found = tell(because="without an index")
    assert said("without an index") == [found]


def test_the_index_answers_and_not_the_rows():
    for number in range(300):
        tell(because=f"number {number}")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as captured:
        found = search.rare("number 77", search.COLUMNS)
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"

    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {captured[-1]['sql']}")
        plan = str(cursor.fetchall())

    assert (len(found), search.INDEX in plan) == (1, True)
