"""F44 to F46: the history is rewritten by those who can. What each does, and what `verify_history` says to it."""

from io import StringIO
from itertools import takewhile

import pytest
from django.core.management import CommandError, call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction

from accounts.events import SignedIn
from audit import chain, signature
from audit.log import record
from audit.models import AppendOnly, Checkpoint, Entry, Seal
from audit.operations import checkpoints, outside, sealing, witnesses
from kernel.period import HOUR, SECOND
from tests import make
from tests.make import NINE
from tests.triggers import owner

TABLES = ("audit_entry", "audit_seal", "audit_checkpoint")
INTACT = "The history is as it was written."


@pytest.fixture(autouse=True)
def history(db, settings):
    """Ten entries, 1 to 10, in three seals, to 4, to 8 and to 10; the first two under a signed checkpoint."""
    settings.HISTORY_KEY, _ = signature.make_key()
    with owner() as sql:
        for table in TABLES:
            sql(f"DELETE FROM {table}")  # noqa: S608
    for number in range(1, 11):
        kind = {"because": f"Reason {number}"}
        row = {"at": NINE + number * SECOND, "kind": "a", "actor_name": "John Doe", "facts": {}, **kind}
        Entry.objects.create(pk=number, digest=chain.sha256(chain.content(row)), **row)
    for statement in connection.ops.sequence_reset_sql(no_style(), [Entry]):
        with connection.cursor() as cursor:
            cursor.execute(statement)
    for number, last_id in enumerate((4, 8, 10), start=1):
        sealing.keep(sealing.next_seal(last_id, NINE + number * SECOND))
        if number == 2:
            checkpoints.write(NINE + HOUR)


def verified(*arguments):
    """What `verify_history` prints that it found; nothing if all is well."""
    said = StringIO()
    try:
        call_command("verify_history", *arguments, stdout=said)
    except CommandError:
        return list(takewhile(lambda line: not line.startswith("Sealed entries:"), said.getvalue().splitlines()))
    assert said.getvalue().endswith(f"{INTACT}\n")
    return []


def redigested(**changes):
    """The columns of an entry changed, with the digest that fits them."""
    entry = Entry.objects.values(*sealing.COLUMNS).get(pk=changes.pop("pk"))
    row = {**entry, **changes}
    return row, chain.sha256(chain.content(row))


def test_an_untouched_history_is_found_to_be_whole():
    said = StringIO()

    call_command("verify_history", stdout=said)

    assert said.getvalue().splitlines() == [
        "Sealed entries: 10, in seals: 3.",
        "Entries not sealed yet: 0.",
        "Checkpoints: 1, of which signed: 1.",
        INTACT,
    ]


# --- F45: the owner of the database changes, removes, inserts, reorders


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("because", "Forged"),
        ("actor_name", "Somebody else"),
        ("at", NINE + 2 * SECOND + make.MICROSECOND),
        ("role_id", 7),
        ("facts", '{"a": 1}'),
        ("ip", "192.0.2.1"),
        ("proof_at", NINE),
        ("digest", "0" * 64),
    ],
)
def test_a_changed_entry_is_named(column, value):
    with owner() as sql:
        sql(f"UPDATE audit_entry SET {column} = %s WHERE id = 2", value)  # noqa: S608

    assert verified() == ["Entry 2 was changed: its digest is not that of what it tells."]


def test_a_changed_entry_is_named_though_its_digest_was_changed_to_fit():
    _, digest = redigested(pk=6, because="Forged")
    with owner() as sql:
        sql("UPDATE audit_entry SET because = 'Forged', digest = %s WHERE id = 6", digest)

    assert verified() == ["Entry 6 was changed, and its digest with it."]


def test_removed_entries_are_named():
    with owner() as sql:
        sql("DELETE FROM audit_entry WHERE id IN (1, 6, 10)")

    assert verified() == [f"Entry {number} was removed." for number in (1, 6, 10)]


def test_inserted_entries_are_named():
    with owner() as sql:
        sql("DELETE FROM audit_entry WHERE id IN (3, 9)")
        sql("DELETE FROM audit_checkpoint")
        sql("DELETE FROM audit_seal")
    sealing.seal_all(NINE, patience=0)
    row, digest = redigested(pk=4, because="Inserted")
    for number in (-1, 3):
        Entry.objects.create(**{**row, "id": number, "digest": digest})

    assert verified() == [
        "Entry -1 was in no seal before seal 1: inserted later, or a seal was removed.",
        "Entry 3 was inserted after its neighbours were sealed.",
    ]


def test_reordered_entries_are_named():
    with owner() as sql:
        for number, other in ((2, 99), (3, 2), (99, 3)):
            sql("UPDATE audit_entry SET id = %s WHERE id = %s", other, number)

    assert verified() == [
        "Entry 2 was sealed as entry 3: the order was changed.",
        "Entry 3 was sealed as entry 2: the order was changed.",
    ]


def test_a_changed_seal_is_named():
    with owner() as sql:
        sql("UPDATE audit_seal SET at = %s WHERE number = 2", NINE)

    assert verified() == ["Seal 2 was changed: its hash is not that of what it says."]


def test_a_changed_seal_is_named_though_its_hash_was_changed_to_fit():
    seal = Seal.objects.get(number=2)
    seal.at = NINE
    with owner() as sql:
        sql("UPDATE audit_seal SET at = %s, hash = %s WHERE number = 2", NINE, chain.sha256(seal.line()))

    assert verified() == [
        f"{checkpoint_1()} knows seal 2 with another hash: the history until then was rewritten.",
        "Seal 3 does not follow seal 2: one of the two was changed or put there.",
    ]


def test_a_changed_list_of_a_seal_is_named():
    with owner() as sql:
        sql("UPDATE audit_seal SET places = %s WHERE number = 2", b"")

    assert verified() == ["The list of seal 2 was changed. Its entries are as they were sealed."]


def test_a_changed_root_is_found_though_everything_else_fits():
    seal = Seal.objects.get(number=3)
    seal.root = "0" * 64
    with owner() as sql:
        sql("UPDATE audit_seal SET root = %s, hash = %s WHERE number = 3", seal.root, chain.sha256(seal.line()))

    assert verified() == ["Seal 3 does not fit its entries, 9 to 10: it or they were changed."]


def test_a_seal_that_claims_an_entry_of_another_is_named():
    seal = Seal.objects.get(number=3)
    seal.first_id = 8
    with owner() as sql:
        sql("UPDATE audit_seal SET first_id = 8, hash = %s WHERE number = 3", chain.sha256(seal.line()))

    assert verified() == ["Seal 3 begins with entry 8; it should with 9."]


def test_a_removed_seal_is_named_with_the_entries_it_was_over():
    with owner() as sql:
        sql("DELETE FROM audit_seal WHERE number = 1")

    assert verified() == [
        "Seal 1 was removed.",
        "Entries 1 to 4 were in no seal before seal 2: inserted later, or a seal was removed.",
        f"{checkpoint_1()} counts 8 entries up to seal 2; there are 4.",
    ]


def test_seals_numbered_anew_after_a_removal_are_named():
    with owner() as sql:
        sql("DELETE FROM audit_seal WHERE number = 2")
        sql("UPDATE audit_seal SET number = 2 WHERE number = 3")

    found = verified()

    assert "Seal 2 does not follow seal 1: one of the two was changed or put there." in found
    assert "Seal 2 was changed: its hash is not that of what it says." in found


def test_a_chain_made_anew_over_other_entries_is_found_by_the_checkpoint():
    with owner() as sql:
        sql("DELETE FROM audit_seal")
        sql("DELETE FROM audit_entry WHERE id = 2")
    sealing.keep(sealing.next_seal(4, NINE + SECOND))
    sealing.keep(sealing.next_seal(8, NINE + 2 * SECOND))

    assert verified() == [f"{checkpoint_1()} knows seal 2 with another hash: the history until then was rewritten."]


def test_a_checkpoint_changed_to_fit_is_not_what_was_signed():
    checkpoint = checkpoint_1()
    with owner() as sql:
        sql("DELETE FROM audit_seal")
    seal = sealing.next_seal(8, NINE)
    sealing.keep(seal)
    with owner() as sql:
        sql("UPDATE audit_checkpoint SET seal = 1, seal_hash = %s", seal.hash)

    assert verified() == [f"{checkpoint} is not what was signed."]


def test_a_checkpoint_signed_with_another_key_does_not_count(settings):
    ours = signature.public_key()
    settings.HISTORY_KEY, theirs = signature.make_key()
    checkpoints.write(NINE + 2 * HOUR)
    settings.HISTORY_KEY, _ = signature.make_key()

    first, second = verified()
    assert f"Checkpoint 1 of {chain.moment(NINE + HOUR)} is signed with a key that is not ours, {ours}." in first
    assert f"not ours, {theirs}." in second

    settings.HISTORY_OLD_PUBLIC_KEYS = [ours, theirs]
    assert verified() == []


def test_a_checkpoint_that_lost_its_signature_is_named():
    checkpoints.write(NINE + 2 * HOUR)
    with owner() as sql:
        sql("UPDATE audit_checkpoint SET signature = '' WHERE number = 2")

    assert verified() == [
        f"Checkpoint 2 of {chain.moment(NINE + 2 * HOUR)} is not signed, though earlier ones are.",
    ]


def test_a_removed_checkpoint_is_named():
    checkpoints.write(NINE + 2 * HOUR)
    with owner() as sql:
        sql("DELETE FROM audit_checkpoint WHERE number = 1")

    assert verified() == ["Checkpoint 1 was removed."]


def test_a_changed_entry_is_found_before_it_is_sealed():
    with transaction.atomic():
        entry = record(make.act(at=NINE + HOUR), SignedIn(because="Not sealed"))
    with owner() as sql:
        sql("UPDATE audit_entry SET because = 'Forged' WHERE id = %s", entry.pk)

    assert verified() == [f"Entry {entry.pk} was changed: its digest is not that of what it tells."]


# --- F44: an older copy is restored, or the end is cut off


def test_a_cut_off_end_is_found_by_the_newest_checkpoint():
    checkpoints.write(NINE + 2 * HOUR)
    with owner() as sql:
        sql("DELETE FROM audit_seal WHERE number > 2")
        sql("DELETE FROM audit_entry WHERE id > 8")

    assert verified() == [
        f"Checkpoint 2 of {chain.moment(NINE + 2 * HOUR)} knows seal 3, which is not there: it was removed,"
        " the history was cut off, or an older copy was restored."
    ]


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_restored_older_copy_is_found_by_a_checkpoint_kept_elsewhere(goes_on, tmp_path):
    file = tmp_path / "kept.jsonl"
    file.write_text(f"{witnesses.exported(checkpoints.write(NINE + 2 * HOUR))}\n")
    with owner() as sql:
        sql("DELETE FROM audit_checkpoint WHERE number = 2")
        sql("DELETE FROM audit_seal WHERE number > 2")
        sql("DELETE FROM audit_entry WHERE id > 8")
    if goes_on:
        with transaction.atomic():
            record(make.act(), SignedIn())
        sealing.seal_all(NINE + 2 * HOUR, patience=0)

    assert verified() == []
    (found,) = verified("--checkpoints", str(file))
    assert found.startswith(f"Checkpoint 2 in {file} of {chain.moment(NINE + 2 * HOUR)} knows seal 3")
    assert ("with another hash" in found) is goes_on


def test_the_file_outside_misses_no_seal_from_before_the_first_in_the_table(tmp_path):
    file = tmp_path / "kept.jsonl"
    outside.follow(file)
    with owner() as sql:
        sql("DELETE FROM audit_entry WHERE id <= 8")
        sql("DELETE FROM audit_seal WHERE number <= 2")
    assert outside.follow(file) == ""

    with owner() as sql:
        sql("DELETE FROM audit_seal")

    assert "knows seal 2, which is not there" in outside.follow(file)


@pytest.mark.parametrize("text", ["", "{}", "no JSON", '{"signed": "{}", "public_key": "", "signature": ""}', "[]"])
def test_a_file_without_checkpoints_is_refused(text, tmp_path):
    file = tmp_path / "kept.jsonl"
    file.write_text(text)

    with pytest.raises(CommandError, match="checkpoint"):
        call_command("verify_history", "--checkpoints", str(file))


# --- F46: the portal's own account tries


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_portals_own_account_cannot_rewrite_history(table, statement):
    if statement.startswith("TRUNCATE") and connection.vendor == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")

    with pytest.raises(DatabaseError, match="History is never"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))

    assert verified() == []


@pytest.mark.parametrize("model", [Entry, Seal, Checkpoint])
def test_the_portals_own_code_cannot_rewrite_history(model):
    row = model.objects.first()

    for rewrite in (row.save, row.delete, model.objects.all().delete, lambda: model.objects.update(at=NINE)):
        with pytest.raises(AppendOnly):
            rewrite()

    assert verified() == []


@pytest.mark.parametrize("table", [*TABLES, "audit_archive"])
def test_a_trigger_that_was_taken_away_is_named(table):
    name = f"{table}_append_only" if connection.vendor == "postgresql" else f"{table}_no_update"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))

    assert verified() == [f"Nothing keeps {table} from being rewritten: the trigger {name} is gone or off."]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite cannot switch triggers off")
def test_a_trigger_that_was_switched_off_is_named():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_seal DISABLE TRIGGER audit_seal_no_truncate")

    assert verified() == [
        "Nothing keeps audit_seal from being rewritten: the trigger audit_seal_no_truncate is gone or off."
    ]


# --- helpers


def checkpoint_1():
    """The name of the first checkpoint."""
    return f"Checkpoint 1 of {chain.moment(NINE + HOUR)}"
