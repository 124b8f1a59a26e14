"""History is never changed and never removed: the code refuses, and the database refuses."""

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.events import SignedIn
from audit.log import record
from audit.models import AppendOnly, Entry
from kernel.period import HOUR, MINUTE
from tests import make, triggers
from tests.make import NINE

pytestmark = pytest.mark.postgres


@pytest.fixture
def entry(user):
    """Something that happened."""
    return record(make.act(by=user), SignedIn(because="Original"))


def in_sql(statement, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


# --- the code refuses


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda entry: Entry.objects.update(because="Forged"),
        lambda entry: Entry.objects.filter(pk=entry.pk).update(because="Forged"),
        lambda entry: Entry.objects.bulk_update([entry], ["because"]),
        lambda entry: Entry.objects.update_or_create(pk=entry.pk, defaults={"because": "Forged"}),
        lambda entry: entry.save(),
        lambda entry: Entry.objects.get(pk=entry.pk).save(update_fields=["because"]),
        lambda entry: entry.delete(),
        lambda entry: Entry.objects.all().delete(),
        lambda entry: Entry.objects.filter(pk=entry.pk).delete(),
    ],
)
def test_the_code_refuses_to_rewrite_history(rewrite, entry):
    with pytest.raises(AppendOnly), transaction.atomic():
        rewrite(entry)

    assert Entry.objects.get(pk=entry.pk).because == "Original"


# --- the database refuses


def test_the_database_refuses_to_change_history(entry):
    with pytest.raises(DatabaseError, match="History is never changed"):
        in_sql("UPDATE audit_entry SET because = 'Forged' WHERE id = %s", entry.pk)

    assert Entry.objects.get(pk=entry.pk).because == "Original"


def test_the_database_refuses_to_remove_history(entry):
    with pytest.raises(DatabaseError, match=r"History is never (changed or )?removed"):
        in_sql("DELETE FROM audit_entry WHERE id = %s", entry.pk)

    assert Entry.objects.filter(pk=entry.pk).exists()


def test_the_database_refuses_what_goes_around_the_querysets(entry):
    with pytest.raises(DatabaseError, match="History is never"), transaction.atomic():
        Entry.objects.filter(pk=entry.pk)._raw_delete("default")

    assert Entry.objects.filter(pk=entry.pk).exists()


def test_the_database_refuses_to_write_over_history_when_adding(entry):
    forged = Entry(pk=entry.pk, at=NINE, kind="forged", actor_name="Nobody", digest="")
    columns = ["kind", "actor_name", "because"]

    with pytest.raises(DatabaseError, match="History is never changed"), transaction.atomic():
        Entry.objects.bulk_create([forged], update_conflicts=True, update_fields=columns, unique_fields=["pk"])

    assert Entry.objects.get(pk=entry.pk).because == "Original"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="REPLACE is SQLite's own")
def test_sqlite_refuses_to_replace_history(entry):
    columns = ", ".join(field.name for field in Entry._meta.concrete_fields if field.name != "because")

    with pytest.raises(DatabaseError, match="History is never"):
        in_sql(
            f"REPLACE INTO audit_entry ({columns}, because)"  # noqa: S608
            f" SELECT {columns}, 'Forged' FROM audit_entry WHERE id = %s",
            entry.pk,
        )

    assert Entry.objects.get(pk=entry.pk).because == "Original"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("cascade", ["", " CASCADE"])
def test_postgresql_refuses_to_empty_the_history(cascade, entry):
    with pytest.raises(DatabaseError, match="History is never changed or removed"):
        in_sql(f"TRUNCATE audit_entry{cascade}")

    assert Entry.objects.filter(pk=entry.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_the_migration_can_be_undone_and_done_again():
    with transaction.atomic():
        entry = record(make.act(), SignedIn(because="Original"))

    with connection.schema_editor() as editor:
        triggers.take_away(editor)
    try:
        in_sql("UPDATE audit_entry SET because = 'Changed' WHERE id = %s", entry.pk)
    finally:
        with connection.schema_editor() as editor:
            triggers.put_back(editor)

    with pytest.raises(DatabaseError):
        in_sql("UPDATE audit_entry SET because = 'Forged' WHERE id = %s", entry.pk)
    assert Entry.objects.get(pk=entry.pk).because == "Changed"


# --- reading


def test_history_is_read_newest_first(user):
    second = record(make.act(by=user, at=NINE + HOUR), SignedIn())
    first, third = (record(make.act(by=user, at=NINE + minutes * MINUTE), SignedIn()) for minutes in (0, 90))
    same = record(make.act(by=user, at=NINE + 90 * MINUTE), SignedIn())

    assert list(Entry.objects.filter(at__gte=NINE)) == [same, third, second, first]


def test_what_concerns_somebody_is_what_they_did_and_what_was_done_to_them(user, admin, stranger):
    make.role_request(by=user)
    make.assignment(of=user, role=make.role(name="Exchange Administrator"), start_at=NINE)
    make.role_request(by=stranger, for_=make.eligibility(of=stranger, role=make.role(name="Groups Administrator")))

    concerning = Entry.objects.concerning(user.pk)

    assert concerning.count() == Entry.objects.filter(person_name="John Doe").count()
    assert {entry.person_name for entry in concerning} == {"John Doe"}


def test_what_one_did_to_others_concerns_oneself(admin, user):
    people_event = record(make.act(by=admin), SignedIn())

    assert list(Entry.objects.concerning(admin.pk).filter(at=NINE)) == [people_event]
    assert list(Entry.objects.concerning(user.pk).filter(at=NINE)) == []
