"""What is older than the limit leaves for a file, which anybody can verify; the chain goes on from there."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings as portal
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.events import SignedIn
from audit import chain
from audit.log import record
from audit.models import Archive, Checkpoint, Entry, Hindrance, Seal, StreamCursor
from audit.operations import archiving, checkpoints, sealing, streaming
from audit.operations.verifying import Verification
from audit.queries import search
from kernel.period import DAY, HOUR, MINUTE, SECOND
from tests import make
from tests.make import NINE
from tests.old_history import archive, tell
from tests.races.together import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
SCRIPT = Path(portal.BASE_DIR) / "audit" / "verify_export.py"


def outsider(*arguments):
    """Run the script without our packages; return its exit code and what it says."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    return done.returncode, done.stdout


def numbers():
    """Those of the entries in the table, but for what tells of archives."""
    return list(Entry.objects.exclude(kind="history.archived").order_by("pk").values_list("pk", flat=True))


def whole():
    """Whether everything is as it was sealed, archives included."""
    return list(Verification(folder=Path(portal.HISTORY_ARCHIVE_DIR), is_thorough=True).findings()) == []


# --- what leaves, and when


def test_what_is_older_than_the_limit_leaves_for_a_file(old, young, folder):
    newest_at = Entry.objects.get(pk=old[-1]).at

    (made,) = archive()

    assert numbers() == young
    assert list(Seal.objects.values_list("number", flat=True)) == [3, 4]
    assert (made.first_id, made.last_id, made.count, made.entries) == (1, old[-1], 5, 5)
    assert (made.at, made.seal, made.newest_at) == (NINE, 2, newest_at)
    (file,) = folder.iterdir()
    assert file.name == made.file
    rows = [json.loads(line) for line in file.read_bytes().splitlines()]
    assert [row["id"] for row in rows if "entry" in row] == old
    assert whole()


def test_the_history_tells_of_it(old, young):
    (made,) = archive()

    entry = Entry.objects.get(kind="history.archived")
    assert (entry.pk, entry.at, entry.actor_name) == (made.told_in, NINE, "The portal")
    assert entry.facts == {
        "archive": 1, "file": made.file, "digest": made.digest, "first_entry": 1, "last_entry": old[-1], "count": 5,
        "entries_so_far": 5, "newest_at": chain.moment(made.newest_at), "seal": 2, "seal_hash": made.seal_hash,
    }  # fmt: skip


def test_without_a_limit_everything_stays(old, young, settings, folder):
    settings.HISTORY_KEEP_DAYS = None

    assert archive() == []

    assert numbers() == [*old, *young]
    assert list(folder.iterdir()) == []


def test_a_day_leaves_at_midnight_as_a_whole(folder, public_key):
    midnight = NINE.replace(hour=0)
    first, second = tell(365.0), tell(364.0)
    tell(0)

    assert archive(at=midnight + DAY - SECOND) == []
    assert len(archive(at=midnight + DAY)) == 1
    assert numbers()[0] == second[0]
    assert len(archive(at=midnight + 2 * DAY - SECOND)) == 1
    assert len(archive(at=midnight + 2 * DAY)) == 2
    assert first[0] < second[0] < numbers()[0]


def test_a_seal_leaves_as_a_whole_or_stays(old, public_key):
    with transaction.atomic():
        mixed = [record(make.act(at=NINE - days * DAY), SignedIn()).pk for days in (398, 10)]
    sealing.seal_all(NINE, patience=0)
    later = [*tell(397), *tell(0)]

    archive()

    assert numbers() == [*mixed, *later]


def test_the_newest_seal_stays_so_that_the_next_one_can_follow_it(old, folder):
    archive()

    assert numbers() == old[2:]
    tell(0)
    assert list(Seal.objects.values_list("number", flat=True)) == [2, 3]
    assert whole()


def test_much_leaves_in_several_files(old, young, folder, monkeypatch):
    monkeypatch.setattr(archiving, "MOST", 3)

    first, second = archive()

    assert (first.first_id, first.last_id, second.first_id, second.last_id) == (1, old[1], old[1] + 1, old[-1])
    assert (second.count, second.entries) == (3, 5)
    assert sorted(path.name for path in folder.iterdir()) == [first.file, second.file]
    assert numbers() == young
    assert whole()


def test_a_seal_larger_than_an_archive_should_be_is_one(old, young, monkeypatch):
    monkeypatch.setattr(archiving, "MOST", 1)

    first, second = archive()

    assert (first.count, second.count) == (2, 3)


def test_a_run_begins_no_further_file_when_its_time_is_over(old, young, monkeypatch):
    monkeypatch.setattr(archiving, "MOST", 1)
    moments = iter([NINE, NINE + MINUTE, NINE + 2 * MINUTE])

    archiving.archive_due(lambda: next(moments))

    assert Archive.objects.count() == 1
    assert len(archive()) == 2


# --- what a wrong clock dated


def told_then(moment):
    """The number of an event that a wrong clock dated; whatever is told next seals it as well."""
    with transaction.atomic():
        return record(make.act(at=moment), SignedIn()).pk


@pytest.mark.parametrize("sealer_is_ahead", [False, True])
def test_what_was_dated_ahead_holds_back_what_came_after_it_and_that_is_said(old, folder, sealer_is_ahead):
    ahead = tell(-40)[0] if sealer_is_ahead else told_then(NINE + 40 * DAY)
    later = [*tell(398), *tell(397), *tell(0)]

    for at in (NINE, NINE + 60 * DAY):
        archive(at=at)
        assert numbers() == [ahead, *later]
        assert Hindrance.objects.get().error == (
            f"Event {ahead} is dated 2027-01-02, by a clock that was ahead. It stays until it is 365 days old, and so"
            " does what came after it."
        )

    archive(at=NINE + 406 * DAY)
    assert numbers() == later[-1:]
    assert not Hindrance.objects.exists()
    assert whole()


def test_what_a_clock_without_a_date_wrote_holds_back_nothing(old, young):
    told_then(datetime(1970, 1, 1, tzinfo=UTC))
    tell(0)

    for at in (NINE, NINE + 100 * DAY):
        archive(at=at)
        assert not Hindrance.objects.exists()


# --- what remains


def test_the_chain_goes_on_from_where_the_archive_ended(old, young):
    archive()
    tell(0, count=2)

    walk = Verification()

    assert list(walk.findings()) == []
    assert (walk.begin.seal, walk.begin.last_id, walk.begin.entries) == (2, old[-1], 5)
    checkpoint = checkpoints.write(NINE + HOUR)
    assert checkpoint.entries == 5 + Entry.objects.count()
    assert whole()


def test_an_archives_checkpoint_does_not_stand_for_the_hourly_one(old, young):
    archive()

    assert checkpoints.is_due(NINE + MINUTE)
    hourly = checkpoints.write(NINE + MINUTE)
    assert (hourly.number, hourly.seal) == (2, 4)
    assert not checkpoints.is_due(NINE + HOUR)
    assert checkpoints.is_due(NINE + MINUTE + HOUR)


def test_what_left_is_found_by_no_search(old, young):
    tell(398, because="Tzatziki")
    tell(0, because="Tzatziki")
    assert len(search.rare("tzatziki", ("because",))) == 2
    Entry.objects.filter(because="Tzatziki").count()

    archive()

    found = search.rare("long ago", ("because",))
    assert sorted(found) == list(Entry.objects.filter(because="Long ago").order_by("pk").values_list("pk", flat=True))
    assert found


def test_who_writes_goes_on_with_the_next_number(old, young):
    last = archive()[-1].told_in

    assert tell(0) == [last + 1]


# --- an outsider


def test_an_outsider_verifies_archives_and_export_together_and_each_alone(old, young, folder, public_key, tmp_path):
    archive()
    tell(364)
    tell(0)
    archive(at=NINE + 2 * DAY)
    files = sorted(folder.iterdir())
    export = tmp_path / "history.jsonl"
    call_command("export_history", "--to", str(export))
    count = Entry.objects.count()

    said = [outsider(*some, "--key", public_key)[1].splitlines() for some in ([*files, export], files[:1], [export])]

    assert said[0][0].startswith(f"Proven: {5 + count} entries, up to seal ")
    assert said[1][0].startswith("Proven: 5 entries, up to seal 2")
    assert said[2][0].startswith(f"Proven: {count} entries, up to seal ")
    assert said[2][1] == "The 5 entries before them, up to seal 2, are in earlier files."
    assert [len(lines) for lines in said] == [1, 1, 2]


@pytest.mark.parametrize("order", ["one is left out", "they change places", "one comes twice"])
def test_archives_that_do_not_join_are_not_proven(order, old, young, folder, public_key, monkeypatch, tmp_path):
    monkeypatch.setattr(archiving, "MOST", 1)
    archive()
    first, second = sorted(folder.iterdir())
    export = tmp_path / "history.jsonl"
    call_command("export_history", "--to", str(export))
    files = {
        "one is left out": [first, export],
        "they change places": [second, first, export],
        "one comes twice": [first, first, second, export],
    }[order]

    code, said = outsider(*files, "--key", public_key)

    assert code == 1
    assert "Line 1: this file goes on after seal" in said


def test_an_archive_that_claims_another_beginning_is_not_proven(old, young, folder, public_key, monkeypatch):
    monkeypatch.setattr(archiving, "MOST", 1)
    archive()
    file = sorted(folder.iterdir())[1]
    head, *rest = file.read_text().split("\n")
    assert json.loads(head)["after"]["entries"] == 2

    for name, forged in (("seal", 0), ("seal_hash", "0" * 64), ("last_id", 1), ("entries", 1)):
        row = json.loads(head)
        row["after"][name] = forged
        (folder / "forged").write_text("\n".join([json.dumps(row), *rest]))
        assert outsider(folder / "forged", "--key", public_key)[0] == 1


# --- streams


def test_what_a_stream_has_not_sent_yet_stays(old, young, settings, folder):
    settings.HISTORY_STREAM_FILE, settings.HISTORY_STREAM_FROM_START = str(folder.parent / "stream"), True
    StreamCursor.objects.create(name="file", entry=old[1], in_hand=old[1])

    archive()

    assert numbers() == [*old[2:], *young]
    assert archiving.waiting_for(NINE) == ["file"]
    streaming.stream(lambda: NINE)
    archive()
    assert numbers() == young
    assert archiving.waiting_for(NINE) == []


def test_a_stream_that_was_not_set_up_for_a_while_goes_on_with_what_is_there(old, young, settings, folder):
    archive()
    target = folder.parent / "stream"
    settings.HISTORY_STREAM_FILE = str(target)
    StreamCursor.objects.create(name="file", entry=1, in_hand=old[1])

    streaming.stream(lambda: NINE)

    assert [json.loads(line)["id"] for line in target.read_text().splitlines()] == young


# --- what refuses


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal", "audit_archive"])
def test_nothing_else_can_be_removed(table, old, young):
    archive()

    with pytest.raises(DatabaseError, match="History is never"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608

    assert numbers() == young


FORGED = {
    "it leaves something out": lambda right: {"first_id": right["first_id"] + 1},
    "it has another number": lambda right: {"number": 3},
    "it ends within a seal": lambda right: {"last_id": right["last_id"] + 1},
    "it ends with a seal that is not there": lambda right: {"seal": 9},
    "it names another hash": lambda right: {"seal_hash": "0" * 64},
}


@pytest.mark.parametrize("forgery", FORGED)
def test_an_archive_that_does_not_go_on_is_refused(forgery, old, young):
    archive()
    right = a_row(Seal.objects.get(number=3), first_id=old[-1] + 1)

    with pytest.raises(DatabaseError, match="An archive goes on"), transaction.atomic():
        Archive.objects.create(**{**right, **FORGED[forgery](right)})

    Archive.objects.create(**right)


def test_an_archive_with_the_newest_seal_is_refused(old, young):
    archive()

    with pytest.raises(DatabaseError, match="a seal that is not the newest"), transaction.atomic():
        Archive.objects.create(**a_row(Seal.objects.get(number=4), first_id=old[-1] + 1))


def a_row(seal, *, first_id):
    """The second archive, up to this seal."""
    return {
        "number": 2, "at": NINE, "seal": seal.number, "seal_hash": seal.hash, "first_id": first_id,
        "last_id": seal.last_id, "count": 1, "entries": 6, "newest_at": NINE, "file": "f", "digest": "d", "told_in": 1,
    }  # fmt: skip


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's triggers know their own database only")
def test_a_temporary_table_of_the_same_name_opens_nothing(old, young):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE audit_archive (last_id bigint, seal bigint) ON COMMIT DROP")
        cursor.execute("INSERT INTO audit_archive VALUES (1000000, 1000000)")

    with pytest.raises(DatabaseError, match="History is never"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_entry")

    assert numbers() == [*old, *young]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_archive_it_once(old, young, folder):
    at_once(*[lambda: archiving.archive_due(lambda: NINE)] * 2)

    (made,) = Archive.objects.all()
    assert [path.name for path in folder.iterdir()] == [made.file]
    assert numbers() == young
    assert Checkpoint.objects.filter(seal=2).count() == 1
    assert not Hindrance.objects.exists()
    assert whole()
