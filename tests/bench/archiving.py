"""What archiving costs: time, memory, and how long the tables are held.

    python -m tests.bench.archiving [ROWS]                                # SQLite
    python -m tests.postgres -- python -m tests.bench.archiving [ROWS]

A history of so many old entries, sealed, is archived file after file; then all archives are verified.
"""

import resource
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import tests.conftest  # noqa: F401 - the environment of the tests

# isort: split
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from accounts.events import SignedIn
from audit import log, signature
from audit.events import About
from audit.models import Archive, Entry
from audit.operations import archiving, sealing
from audit.operations.verifying import Verification
from kernel.period import DAY
from tests import make
from tests.make import NINE

BATCH = 1000


def main(rows: int = 100_000) -> None:
    """Measure and print."""
    call_command("migrate", verbosity=0)
    settings.HISTORY_KEY, _ = signature.make_key()
    tell(rows)
    print(f"{connection.vendor}, {rows} entries; memory before: {memory()} MB")
    with tempfile.TemporaryDirectory() as folder:
        settings.HISTORY_KEEP_DAYS, settings.HISTORY_ARCHIVE_DIR = 365, folder
        held: list[float] = []
        leave = archiving._leave

        def timed(*arguments: object) -> Archive:
            begun = time.monotonic()
            made: Archive = leave(*arguments)
            held.append(time.monotonic() - begun)
            return made

        archiving._leave = timed  # type: ignore[assignment]
        begun, spent = time.monotonic(), time.process_time()
        while archiving.due(NINE):
            archiving.archive_due(lambda: NINE)
        clock, processor = time.monotonic() - begun, time.process_time() - spent
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
        print(f"{Archive.objects.count()} files, {size:.0f} MB, written in {clock:.1f} s, {processor:.1f} s of Python")
        print(f"each in one transaction: {min(held):.2f} to {max(held):.2f} s; memory at most: {memory()} MB")
        begun, spent = time.monotonic(), time.process_time()
        findings = list(Verification(folder=Path(folder), is_thorough=True).findings())
        clock, processor = time.monotonic() - begun, time.process_time() - spent
        print(f"verified with archives: {clock:.1f} s, {processor:.1f} s of Python; findings: {findings}")
        print(f"left in the table: {Entry.objects.count()}; memory at most: {memory()} MB")


def tell(rows: int) -> None:
    """So many entries, two years old, and one of today."""
    at = NINE - 730 * DAY
    about = About(
        person_id=1, person_name="John Doe", role_id=1, role_name="Teams Administrator", scope_name="Directory"
    )
    for first in range(0, rows, BATCH):
        act = make.act(at=at + timedelta(seconds=first))
        with transaction.atomic():
            log.record_all(act, [(SignedIn(because=f"Reason {first + n}: mailbox moves"), about) for n in range(BATCH)])
    sealing.seal_all(at, patience=0)
    with transaction.atomic():
        log.record(make.act(), SignedIn())
    sealing.seal_all(NINE, patience=0)


def memory() -> int:
    """The most this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
