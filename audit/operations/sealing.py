"""Sealing: what is committed, and can no longer be joined by a latecomer, goes under a hash that names the one before.

Numbers are given out before a transaction commits, so a lower one may appear after a higher one. Nobody who writes
waits or locks for this: it is the sealer that looks who was writing, and comes back when they have finished.
"""

import time
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from audit import chain
from audit.models import Entry, Seal

MOST = 2000
"""Entries of one seal: so many are hashed in a tenth of a second, and the worker's clock has other things to do."""
COLUMNS = tuple(field.attname for field in Entry._meta.concrete_fields)
POLL_SECONDS = 0.01
# Whoever adds a row holds this lock from before it has a number until it has committed, and others can see both.
WRITERS = """
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND relation = 'audit_entry'::regclass AND mode = 'RowExclusiveLock' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND pid IS DISTINCT FROM pg_backend_pid()"""


class Sealer:
    """Seals. Keeps between calls how far it wants to get, and whom it waits for; several may run at once."""

    def __init__(self) -> None:
        self._goal = 0
        self._waits_for: frozenset[str] = frozenset()

    def seal(self, at: datetime) -> Seal | None:
        """Seal at most `MOST` entries; None if there are none, somebody still writes, or another sealer was faster."""
        if self.is_done:
            # In this order: whoever has a number up to the goal, and is not seen here as a writer, has finished.
            self._goal = Entry.objects.aggregate(newest=Max("pk"))["newest"] or 0
            self._waits_for = _writers()
        if self._waits_for and self._waits_for & _writers():
            return None
        self._waits_for = frozenset()
        seal = next_seal(self._goal, at)
        if seal is None or seal.last_id == self._goal:
            self._goal = 0
        return seal if seal and keep(seal) else None

    @property
    def is_done(self) -> bool:
        """Whether nothing is begun."""
        return not self._goal


def seal_all(at: datetime, *, patience: float) -> bool:
    """Seal all that is committed now. False if somebody did not finish writing within so many seconds."""
    sealer, until = Sealer(), time.monotonic() + patience
    while True:
        sealed = sealer.seal(at)
        if sealer.is_done:
            return True
        if not sealed and time.monotonic() > until:
            return False
        if not sealed:
            time.sleep(POLL_SECONDS)


def _writers() -> frozenset[str]:
    """The transactions of others that add to the history now. SQLite has one writer, and numbers in its order."""
    if connection.vendor != "postgresql":
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(WRITERS)
        return frozenset(number for (number,) in cursor.fetchall())


def next_seal(goal: int, at: datetime) -> Seal | None:
    """The seal after the last one, over what is not sealed up to the goal; None if that is nothing."""
    last = Seal.objects.order_by("-number").first()
    number, previous, first_id = (last.number + 1, last.hash, last.last_id + 1) if last else (1, chain.GENESIS, 1)
    rows = list(Entry.objects.filter(pk__gte=first_id, pk__lte=goal).order_by("pk").values(*COLUMNS)[:MOST])
    if not rows:
        return None
    tree, places = chain.Tree(), {}
    for row in rows:
        told = chain.content(row)
        tree.add(chain.entry_line(row["id"], row["digest"], told))
        places[row["id"]] = chain.sha256(told)
    seal = Seal(
        number=number, previous=previous, at=at, first_id=first_id, last_id=rows[-1]["id"], count=len(rows),
        root=tree.root(), places=chain.pack(places),
    )  # fmt: skip
    seal.hash = chain.sha256(seal.line())
    return seal


def keep(seal: Seal) -> bool:
    """Write it down. Another sealer may have been faster: number, first entry and previous hash are unique."""
    try:
        with transaction.atomic():
            seal.save(force_insert=True)
    except IntegrityError:
        return False
    return True
