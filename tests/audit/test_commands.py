"""The commands around the history's key and checkpoints."""

import json
import stat
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings as portal
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.events import SignedIn
from audit import signature
from audit.log import record
from audit.models import Checkpoint
from tests import make
from tests.stories import processes


def called(*arguments):
    said, warned = StringIO(), StringIO()
    call_command(*arguments, stdout=said, stderr=warned)
    return said.getvalue(), warned.getvalue()


def test_a_key_is_made_and_signs(settings):
    said, _ = called("make_history_key")

    private, public = (line.split("=")[-1].split(": ")[-1] for line in said.splitlines()[:2])
    settings.HISTORY_KEY = private
    assert signature.public_key() == public
    assert signature.is_signed("line", by=public, signature=signature.sign("line"))


def test_a_key_goes_into_a_new_file_that_only_its_owner_reads(tmp_path):
    file = tmp_path / "key"

    said, _ = called("make_history_key", "--to", str(file))

    private = file.read_text().strip()
    assert len(private) == 64
    assert private not in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(CommandError, match="is there already"):
        called("make_history_key", "--to", str(file))
    assert file.read_text().strip() == private


def test_a_checkpoint_is_written_on_demand_for_a_place_outside(db, settings, tmp_path):
    settings.HISTORY_KEY, public = signature.make_key()
    with transaction.atomic():
        record(make.act(), SignedIn())

    said, warned = called("export_checkpoint")
    called("export_checkpoint", "--to", str(tmp_path / "kept"))

    row = json.loads(said)
    checkpoint = Checkpoint.objects.get()
    assert row == {"signed": checkpoint.line(), "public_key": public, "signature": checkpoint.signature}
    assert (warned, (tmp_path / "kept").read_text()) == ("", said)


def test_without_a_key_it_is_said_that_nothing_is_signed(db, settings):
    settings.HISTORY_KEY = ""
    with transaction.atomic():
        record(make.act(), SignedIn())

    assert called("export_checkpoint")[1] == "The checkpoint is not signed, because HISTORY_KEY is not set.\n"
    assert "New checkpoints are not signed, because HISTORY_KEY is not set.\n" in called("verify_history")[0]


def test_where_nothing_happened_there_is_nothing_to_export(db, tmp_path):
    for command in (["export_checkpoint"], ["export_history", "--to", str(tmp_path / "history")]):
        with pytest.raises(CommandError, match="There is no history yet"):
            called(*command)


# --- settings

GOOD = "0123456789abcdef" * 4


def start(**variables):
    """Start the portal with these variables; return the last line it says, empty if it starts."""
    environment = processes.environment(
        SECRET_KEY="x" * 60, DEMO="on", DATABASE_URL="sqlite://:memory:", **variables
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=portal.BASE_DIR, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


@pytest.mark.slow
def test_a_key_that_is_none_stops_the_start_with_a_sentence(tmp_path):
    good, empty = tmp_path / "good", tmp_path / "empty"
    good.write_text(f"{GOOD}\n")
    empty.touch()

    assert [start(), start(HISTORY_KEY=GOOD), start(HISTORY_KEY_FILE=str(good))] == ["", "", ""]
    assert "HISTORY_KEY is no key" in start(HISTORY_KEY="short")
    assert "HISTORY_KEY is no key" in start(HISTORY_KEY_FILE=str(empty))
    assert "HISTORY_KEY_FILE cannot be read" in start(HISTORY_KEY_FILE=str(tmp_path / "none"))
    assert "not both" in start(HISTORY_KEY=GOOD, HISTORY_KEY_FILE=str(good))
    assert "HISTORY_OLD_PUBLIC_KEYS are no keys" in start(HISTORY_OLD_PUBLIC_KEYS=f"{GOOD},x")
