"""Archiving is interrupted, or what was archived is rewritten by those who can: nothing is lost, and nothing unseen."""

import errno
import os
import subprocess
import sys
from io import StringIO
from itertools import takewhile

import pytest
from django.conf import settings as portal
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.events import SignedIn
from audit.log import record
from audit.models import Archive, Checkpoint, Entry, Hindrance, Seal
from audit.operations import archiving, disk, exporting, sealing, witnesses
from kernel.period import DAY, HOUR, MINUTE
from tests import make, queue
from tests.make import NINE
from tests.old_history import KEEP_DAYS, archive
from tests.triggers import owner

pytestmark = pytest.mark.django_db
INTACT = "The history is as it was written."

KILLED = """
import os, signal, sys
from datetime import datetime
import django
django.setup()
from django.db import connection
from audit.operations import archiving, disk, exporting

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def half(lines):
    def some(*arguments):
        yield from list(lines(*arguments))[:4]
        die()
    return some

def as_it_leaves(execute, sql, *rest):
    done = execute(sql, *rest)
    if sql.startswith("DELETE FROM audit_entry"):
        die()
    return done

match sys.argv[1]:
    case "in the middle of the file":
        exporting.lines = half(exporting.lines)
    case "before the file has its name":
        archiving._read_back = die
    case "between the file and the tables":
        archiving._leave = die
    case "while entries leave":
        connection.execute_wrappers.append(as_it_leaves)
archiving.archive_due(lambda: datetime.fromisoformat(sys.argv[2]))
"""
POINTS = [
    "in the middle of the file",
    "before the file has its name",
    "between the file and the tables",
    "while entries leave",
]


@pytest.fixture
def two(old, young, monkeypatch):
    """Two archives: entries of seal 1, then of seal 2; one young seal more, so that another one could be made."""
    monkeypatch.setattr(archiving, "MOST", 1)
    return archive()


def verified(*arguments):
    """What `verify_history` prints that it found; nothing if all is well."""
    said = StringIO()
    try:
        call_command("verify_history", *arguments, stdout=said)
    except CommandError:
        return list(takewhile(lambda line: not line.startswith("Archived entries:"), said.getvalue().splitlines()))
    assert said.getvalue().endswith(f"{INTACT}\n")
    return []


def name(one):
    return f"Archive {one.number}, {one.file},"


def table():
    """Everything in the tables, to be compared."""
    rows = [list(model.objects.order_by("pk").values_list()) for model in (Entry, Seal, Archive)]
    return [
        [tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in one] for one in rows
    ]


# --- interrupted


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_began_is_done_anew(point, old, young, folder, settings):
    before = table()
    environment = {
        **os.environ, "DATABASE_URL": queue.database_url(), "HISTORY_KEEP_DAYS": str(KEEP_DAYS),
        "HISTORY_ARCHIVE_DIR": str(folder), "HISTORY_KEY": settings.HISTORY_KEY,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", KILLED, point, NINE.isoformat()],
        cwd=portal.BASE_DIR, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (-9, "")
    assert table() == before
    left = {path.suffix for path in folder.iterdir()}
    assert left == ({".part"} if point in POINTS[:2] else {".jsonl"})

    (made,) = archive(at=NINE + HOUR)

    assert made.count == len(old)
    assert Entry.objects.filter(kind="history.archived").count() == Checkpoint.objects.filter(seal=2).count() == 1
    assert [path.name for path in folder.iterdir() if path.suffix == ".jsonl"] == [made.file]
    assert verified("--archives") == []
    archive(at=NINE + 400 * DAY)
    assert [path.name for path in folder.iterdir() if path.suffix == ".part"] == []


def test_a_file_that_cannot_be_written_stops_nothing_but_archiving_and_says_why(old, young, folder, settings):
    before = table()
    settings.HISTORY_ARCHIVE_DIR = str(folder / "unmounted")

    archive()
    archive(at=NINE + MINUTE)

    assert table() == before
    hindrance = Hindrance.objects.get()
    assert hindrance.since == NINE
    assert hindrance.error.startswith("[Errno 2] No such file or directory")
    (folder / "unmounted").mkdir()
    assert len(archive(at=NINE + HOUR)) == 1
    assert not Hindrance.objects.exists()


def test_a_full_disk_leaves_nothing_behind(old, young, folder, monkeypatch):
    before = table()

    def full(opened):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(disk.os, "fsync", full)
        archive()

    assert table() == before
    assert "No space left on device" in Hindrance.objects.get().error
    assert list(folder.iterdir()) == []


def test_a_file_that_reads_differently_is_not_trusted(old, young, folder, monkeypatch):
    before = table()
    with monkeypatch.context() as patch:
        patch.setattr(disk, "digest_of", lambda path: "0" * 64)
        archive()

    assert table() == before
    assert "reads differently" in Hindrance.objects.get().error
    assert list(folder.iterdir()) == []


def test_what_was_tampered_with_is_never_archived(old, young, folder):
    with owner() as sql:
        sql("UPDATE audit_entry SET because = 'Forged' WHERE id = %s", old[3])
    before = table()

    archive()

    assert table() == before
    assert list(folder.iterdir()) == []
    assert Hindrance.objects.get().error == (
        "The history does not fit its seals. Run manage.py verify_history."
        f" Line 8: the entries of seal 2, {old[2]} to {old[-1]}, changed."
    )


def test_entries_that_vanish_while_the_file_is_written_stop_it(old, young, monkeypatch):
    keep = disk.keep

    def slowly(*arguments):
        kept = keep(*arguments)
        with owner() as sql:
            sql("DELETE FROM audit_entry WHERE id = %s", old[1])
        return kept

    monkeypatch.setattr(disk, "keep", slowly)
    archive()

    assert not Archive.objects.exists()
    assert Hindrance.objects.get().error == "4 entries would have left, not 5. Run manage.py verify_history."


# --- rewritten


def test_untouched_archives_are_found_to_be_whole(two):
    said = StringIO()

    call_command("verify_history", "--archives", stdout=said)

    assert said.getvalue().splitlines() == [
        "Archived entries: 5, in archives: 2.",
        "Sealed entries: 2, in seals: 2.",
        "Entries not sealed yet: 2, since 2026-11-23 09:00:00 UTC.",
        "Checkpoints: 2, of which signed: 2.",
        INTACT,
    ]


def test_without_the_folder_it_is_said_that_nobody_looked(two, settings):
    settings.HISTORY_ARCHIVE_DIR = ""
    said = StringIO()

    call_command("verify_history", stdout=said)

    lines = said.getvalue().splitlines()
    assert "Their files were not looked at: HISTORY_ARCHIVE_DIR is not set, or cannot be read." in lines
    assert "Checkpoints of archived seals that were not looked at: 1. With --archives they are." in lines
    with pytest.raises(CommandError, match="HISTORY_ARCHIVE_DIR is not set"):
        call_command("verify_history", "--archives", stdout=StringIO())


def test_archives_that_were_moved_are_read_where_they_are(two, folder):
    elsewhere = folder.rename(folder.parent / "elsewhere")

    assert verified("--archives", str(elsewhere)) == []


@pytest.mark.parametrize("arguments", [[], ["--archives"]])
def test_a_missing_file_is_named(two, folder, arguments):
    (folder / two[0].file).unlink()

    assert verified(*arguments) == [f"{name(two[0])} is missing in {folder}."]


def test_an_altered_file_is_named(two, folder):
    path = rewritten(folder / two[1].file, "Long ago", "Long after")

    assert verified() == [f"{name(two[1])} was changed: its file has another digest."]
    first, second = verified("--archives")
    assert first == f"{name(two[1])} was changed: its file has another digest."
    assert second.startswith(f"{name(two[1])} is not proven. Line 5: the entries of seal 2")
    assert path.exists()


def test_an_altered_file_is_not_proven_though_its_digest_was_changed_to_fit(two, folder):
    path = rewritten(folder / two[0].file, "Long ago", "Long after")
    with owner() as sql:
        sql("UPDATE audit_archive SET digest = %s WHERE number = 1", disk.digest_of(path))

    assert verified() == [f"{name(two[0])} was changed, or put there: entry {two[0].told_in} does not tell of it."]
    assert any("is not proven. Line 4: the entries of seal 1" in line for line in verified("--archives"))


def rewritten(path, old, new):
    path.chmod(0o600)
    path.write_text(path.read_text().replace(old, new))
    return path


def test_entries_that_were_removed_without_an_archive_are_named(two, young):
    with owner() as sql:
        sql("DELETE FROM audit_entry WHERE id = %s", young[0])

    assert verified() == [f"Entry {young[0]} was removed."]


def test_seals_and_entries_that_were_removed_at_the_beginning_are_named(two, young):
    with owner() as sql:
        sql("DELETE FROM audit_entry WHERE id = %s", young[0])
        sql("DELETE FROM audit_seal WHERE number = 3")

    assert verified() == ["Seal 3 was removed."]


def test_entries_put_before_the_beginning_are_named(two, old):
    row = Entry.objects.order_by("pk").values(*sealing.COLUMNS).first()
    Entry.objects.create(**{**row, "id": old[0]})

    assert verified() == [
        f"Entry {old[0]} was in no seal before seal 3: inserted later, or a seal was removed.",
    ]


@pytest.mark.parametrize("gone", [0, 1])
def test_the_row_of_an_archive_that_was_removed_is_named(two, gone):
    with owner() as sql:
        sql("DELETE FROM audit_archive WHERE number = %s", gone + 1)

    found = verified()

    assert f"Entry {two[gone].told_in} tells of an archive whose row was removed." in found
    assert ("The row of archive 1 was removed." in found) is (gone == 0)
    assert ("Seal 2 was removed." in found) is (gone == 1)


def test_an_archive_nobody_told_of_is_named(two, young, folder):
    """Somebody with the portal's own account says that an event was archived, and removes it."""
    seal = Seal.objects.get(number=3)
    forged = Archive.objects.create(
        number=3, at=NINE, seal=3, seal_hash=seal.hash, first_id=two[1].last_id + 1, last_id=seal.last_id, count=1,
        entries=6, newest_at=NINE, file="history-forged.jsonl", digest="0" * 64, told_in=young[1],
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE id = %s", [young[0]])
        cursor.execute("DELETE FROM audit_seal WHERE number = 3")

    assert verified() == [
        f"{name(forged)} is missing in {folder}.",
        f"{name(forged)} was changed, or put there: entry {young[1]} does not tell of it.",
    ]


@pytest.mark.parametrize("column", ["seal_hash", "file", "digest", "newest_at", "at", "entries"])
def test_a_changed_row_of_an_archive_is_named(two, column):
    value = {"newest_at": NINE, "at": NINE + HOUR, "entries": 9}.get(column, "0" * 64)
    with owner() as sql:
        sql(f"UPDATE audit_archive SET {column} = %s WHERE number = 2", value)  # noqa: S608

    assert any(f"was changed, or put there: entry {two[1].told_in} does not tell of it." in line for line in verified())


def test_an_archive_is_held_against_what_an_older_archive_holds_of_it(two, folder):
    """Once the event that tells of an archive is archived itself, it is looked for there."""
    sealing.seal_all(NINE, patience=0)
    later = NINE + (KEEP_DAYS + 2) * DAY
    with transaction.atomic():
        record(make.act(at=later), SignedIn())
    sealing.seal_all(later, patience=0)
    assert len(archive(at=later)) > 3
    assert Archive.objects.latest("number").last_id >= two[0].told_in
    assert verified() == verified("--archives") == []
    with owner() as sql:
        sql("UPDATE audit_archive SET newest_at = %s WHERE number = 1", NINE)

    assert verified() == []
    assert verified("--archives") == [
        f"{name(two[0])} was changed, or put there: entry {two[0].told_in} does not tell of it."
    ]


def test_a_checkpoint_kept_elsewhere_is_held_against_what_is_archived(two, folder, tmp_path):
    kept = tmp_path / "kept.jsonl"
    first = Checkpoint.objects.get(number=1)
    assert first.seal == 1
    kept.write_text(f"{witnesses.exported(first)}\n")
    assert verified("--archives", "--checkpoints", str(kept)) == []
    first.seal_hash = "0" * 64
    kept.write_text(f"{witnesses.exported(first)}\n")

    found = verified("--archives", "--checkpoints", str(kept))

    assert f"Checkpoint 1 in {kept} of {first.at.isoformat(timespec='microseconds')} is not what was signed." in found
    assert any("knows seal 1 with another hash: the history until then was rewritten." in line for line in found)


class Slow(StringIO):
    """Whoever reads what is said takes so long that something is archived meanwhile."""

    def write(self, text):
        archive()
        return super().write(text)


def test_who_verifies_while_something_is_archived_is_told_to_verify_again(old, young):
    with pytest.raises(CommandError, match=r"Old events were archived meanwhile\. Verify again"):
        call_command("verify_history", stdout=Slow())

    call_command("verify_history", stdout=Slow())


def test_who_exports_while_something_is_archived_is_told_to_export_again(old, young, monkeypatch, tmp_path):
    lines, to = exporting.lines, tmp_path / "history.jsonl"

    def slowly(*arguments):
        told = lines(*arguments)
        yield next(told)
        with monkeypatch.context() as patch:
            patch.setattr(exporting, "lines", lines)
            archive()
        yield from told

    monkeypatch.setattr(exporting, "lines", slowly)
    with pytest.raises(CommandError, match=r"Old events were archived meanwhile\. Export again"):
        call_command("export_history", "--to", str(to))

    assert not to.exists()
