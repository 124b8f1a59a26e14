"""The file of checkpoints that is kept outside the database."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts.events import SignedIn
from audit import signature
from audit.log import record
from audit.models import Checkpoint
from audit.operations import checkpoints, outside, witnesses
from audit.operations.sealing import seal_all
from kernel.period import HOUR
from tests import make
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def file(tmp_path):
    """Where it is; it is not there yet."""
    return tmp_path / "kept.jsonl"


def checkpoint(hours=0):
    """Something happens, is sealed, and a checkpoint is made."""
    with transaction.atomic():
        record(make.act(), SignedIn())
    assert seal_all(NINE, patience=0)
    return checkpoints.write(NINE + hours * HOUR)


def kept(file):
    """The numbers of the checkpoints in the file."""
    return [json.loads(json.loads(line)["signed"])["checkpoint"] for line in file.read_text().splitlines()]


def forged(made, **changes):
    """A line of a file that says something else than the database."""
    said = {**json.loads(made.line()), **changes}
    return json.dumps({"signed": json.dumps(said), "public_key": "", "signature": ""}) + "\n"


def test_each_new_checkpoint_is_added_once(file, caplog):
    assert outside.follow(file) == ""
    assert not file.exists()
    for hours in range(2):
        checkpoint(hours)
        for _ in range(2):
            assert outside.follow(file) == ""

    assert kept(file) == [1, 2]
    assert caplog.messages == [
        f"There was no checkpoint in {file} to hold the history against; it begins with this one."
    ]
    assert file.stat().st_mode & 0o077 == 0


def test_it_verifies_the_history_as_one_that_was_exported(file, settings):
    settings.HISTORY_KEY, _ = signature.make_key()
    checkpoint()
    outside.follow(file)
    said = StringIO()

    call_command("verify_history", "--checkpoints", str(file), stdout=said)

    assert "Checkpoints: 2, of which signed: 2." in said.getvalue()


def test_a_seal_that_is_not_there_is_told_and_nothing_is_added(file):
    made = checkpoint()
    file.write_text(forged(made, checkpoint=9, seal=7))

    found = outside.follow(file)

    assert found == (
        f"Checkpoint 9 in {file} of 2026-11-23T09:00:00.000000+00:00 knows seal 7, which is not there:"
        " it was removed, the history was cut off, or an older copy was restored."
    )
    assert kept(file) == [9]


def test_a_seal_with_another_hash_is_told_though_a_later_one_fits(file):
    made = checkpoint()
    later = checkpoint(1)
    file.write_text(forged(made, seal_hash="0" * 64) + f"{witnesses.exported(later)}\n")

    found = outside.follow(file)

    assert found.startswith(f"Checkpoint 1 in {file}")
    assert found.endswith("knows seal 1 with another hash: the history until then was rewritten.")
    assert kept(file) == [1, 2]


def test_no_more_than_its_last_hundred_lines_are_looked_at(file, monkeypatch):
    monkeypatch.setattr(outside, "MOST", 1)
    made = checkpoint()
    file.write_text(f"no checkpoint\n{witnesses.exported(made)}\n")
    assert outside.follow(file) == ""

    file.write_text(f"{witnesses.exported(made)}\nno checkpoint\n")
    with pytest.raises(ValueError, match=f"Line 2 of {file} is no checkpoint"):
        outside.follow(file)


def test_a_file_that_cannot_be_written_is_said_and_tried_again(file):
    made = checkpoint()
    file.mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        outside.follow(file)
    file.rmdir()

    outside.follow(file)

    assert kept(file) == [made.number] == [Checkpoint.objects.get().number]


def test_a_disk_without_room_leaves_no_half_line():
    made = checkpoint()

    with pytest.raises(OSError, match="No space left"):
        outside._add(outside.Path("/dev/full"), witnesses.exported(made))
