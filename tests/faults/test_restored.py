"""F44 for real: an older copy of the database file is put back, and a worker starts on it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from audit.models import Entry
from kernel.period import HOUR
from roles.operations import grants
from roles.queries.access import access
from tests import make

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="copies the file of a database"),
]


def copy(source: str, target: str) -> None:
    """A database file as it is now, in place of another one."""
    connection.close()
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_worker_says_loudly_that_an_older_copy_was_restored(
    worker: Any, tmp_path: Path, monkeypatch: Any, goes_on: bool
) -> None:
    now, file, backup = timezone.now(), tmp_path / "checkpoints.jsonl", str(tmp_path / "backup.sqlite3")
    user, admin = make.user(), make.administrator()
    held = make.assignment(of=user, role=make.role(), end_at=None)
    copy(connection.settings_dict["NAME"], backup)
    grants.remove_assignment(make.act(by=admin, at=now), held, because="Left the company")
    call_command("export_checkpoint", "--to", str(file))
    kept = file.read_text()

    copy(backup, connection.settings_dict["NAME"])
    if goes_on:
        make.assignment(of=admin, role=held.role, start_at=now, end_at=None)
        call_command("export_checkpoint")
    monkeypatch.setenv("HISTORY_CHECKPOINT_FILE", str(file))
    worker()

    (because,) = Entry.objects.filter(kind="history.contradicted").values_list("because", flat=True)
    assert f"THE HISTORY DOES NOT FIT A CHECKPOINT KEPT OUTSIDE THE DATABASE. {because}" in worker_log(tmp_path)
    assert because.startswith(f"Checkpoint 1 in {file}")
    assert ("with another hash" if goes_on else "an older copy was restored") in because
    assert Client().get("/readyz/").json()["history"] == "contradicted"
    assert access(user, held.role, at=now + HOUR) is not None
    assert file.read_text() == kept


def worker_log(folder: Path) -> str:
    """What the worker said."""
    return (folder / "worker.log").read_text()
