"""Archiving: what is older than HISTORY_KEEP_DAYS goes into a file, is read back, and only then leaves the tables.

Whoever is killed in between leaves a file that nobody counts, and the next run writes the same one: what belongs into
it depends on the day alone. Decided in `docs/decisions/0023-retention.md`.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Max

from audit import chain
from audit.log import Deed, OwnDeed, record
from audit.models import Archive, Checkpoint, Entry, EntryQuerySet, Hindrance, Seal, StreamCursor
from audit.operations import checkpoints, disk, exporting
from audit.operations.receivers import configured
from audit.operations.streaming import beginning, newest_sealed
from audit.queries.archives import begin, event_of
from audit.verify_export import Chain, NotProvenError, verify
from kernel.period import DAY, SECOND

logger = logging.getLogger(__name__)

MOST = 10_000
"""Entries of one archive, but for the last seal's: they leave in one transaction, and writers wait for it on SQLite."""
WORKING_TIME = 10 * SECOND
"""After this a task begins no further archive: the next one comes within a minute."""


@dataclass(frozen=True)
class Portion:
    """What goes into one archive: whole seals that follow each other, from a link of the chain on."""

    begin: chain.Link
    seals: list[Seal]

    @property
    def last(self) -> Seal:
        """The seal it ends with."""
        return self.seals[-1]

    @property
    def first_id(self) -> int:
        """The lowest number an entry in it can have."""
        return self.begin.last_id + 1

    @property
    def count(self) -> int:
        """How many entries."""
        return sum(seal.count for seal in self.seals)


def archive_due(clock: Callable[[], datetime]) -> None:
    """Archive what is old enough, file after file. What keeps from it is written down, and shown to administrators."""
    at = clock()
    until = at + WORKING_TIME
    portion = due(at)
    while portion and at < until:
        try:
            archive(OwnDeed(at), portion)
        except (OSError, NotProvenError, DatabaseError) as error:
            if begin() == portion.begin:
                _hindered(_words(error), at)
                return
            # Another worker was faster.
        at = clock()
        portion = due(at)
    if ahead := dated_ahead(at):
        _hindered(
            f"Event {ahead.pk} is dated {ahead.at.astimezone(UTC):%Y-%m-%d}, by a clock that was ahead. It stays until"
            f" it is {settings.HISTORY_KEEP_DAYS} days old, and so does what came after it.",
            at,
        )
        return
    Hindrance.objects.all().delete()


def _words(error: Exception) -> str:
    words = f"{error}" or type(error).__name__
    if isinstance(error, NotProvenError):
        return f"The history does not fit its seals. Run manage.py verify_history. {words}"
    return words


def _hindered(words: str, at: datetime) -> None:
    told = {"error": words[:500]}
    if not Hindrance.objects.filter(**told).exists():
        logger.warning("The history could not be archived: %s", words)
    Hindrance.objects.update_or_create(defaults=told, create_defaults={**told, "since": at})


# --- what is due


def due(at: datetime) -> Portion | None:
    """What goes into the next archive; None if nothing is old enough, or a stream has not sent it yet."""
    portion = _old(at)
    if portion is None:
        return None
    delivered = min(_delivered().values(), default=portion.last.last_id)
    seals = [seal for seal in portion.seals if seal.last_id <= delivered]
    return Portion(portion.begin, seals) if seals else None


def waiting_for(at: datetime) -> list[str]:
    """The streams that have not sent yet what is old enough to be archived."""
    portion = _old(at)
    return [name for name, entry in _delivered().items() if entry < portion.last.last_id] if portion else []


def dated_ahead(at: datetime) -> Entry | None:
    """The entry that holds back what was written, and sealed, after it, and is old enough for a day or more."""
    before = limit(at)
    if before is None or _old(at):
        return None
    young = Entry.objects.filter(pk__gt=begin().last_id, at__gte=before).order_by("pk").first()
    if young is None:
        return None
    long_ago = before - DAY
    # The newest of these: one that a clock without a date wrote under 1970 is older, and has a younger seal.
    held_back = Entry.objects.filter(pk__gt=young.pk, at__lt=long_ago).order_by("-at", "-pk").first()
    seal = Seal.objects.filter(first_id__lte=held_back.pk).order_by("-first_id").first() if held_back else None
    return young if seal and seal.at < long_ago else None


def limit(at: datetime) -> datetime | None:
    """Whatever happened before this is old enough, from one midnight in UTC to the next; None if nothing ever is."""
    if settings.HISTORY_KEEP_DAYS is None:
        return None
    today = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=settings.HISTORY_KEEP_DAYS)


def _old(at: datetime) -> Portion | None:
    """Whole seals of which every entry is old enough, as many as make an archive. The newest seal always stays."""
    before = limit(at)
    newest = Seal.objects.aggregate(number=Max("number"))["number"]
    if before is None or newest is None:
        return None
    here = begin()
    seals = _first(here, newest)
    if seals:
        young = Entry.objects.filter(pk__gt=here.last_id, pk__lte=seals[-1].last_id, at__gte=before).order_by("pk")
        first_young = young.values_list("pk", flat=True).first()
        seals = [seal for seal in seals if first_young is None or seal.last_id < first_young]
    return Portion(here, seals) if seals else None


def _first(here: chain.Link, newest: int) -> list[Seal]:
    seals: list[Seal] = []
    count = 0
    for seal in Seal.objects.filter(number__gt=here.seal, number__lt=newest).order_by("number").defer("places")[:MOST]:
        count += seal.count
        if seals and count > MOST:
            break
        seals.append(seal)
    return seals


def _delivered() -> dict[str, int]:
    """Up to which entry each stream has come that is set up."""
    begun, begin_at = dict(StreamCursor.objects.values_list("name", "entry")), beginning(newest_sealed())
    return {receiver.name: begun.get(receiver.name, begin_at) for receiver in configured()}


# --- one archive


def archive(act: Deed, portion: Portion) -> Archive | None:
    """Write a portion into a file, and let it leave the tables. None if another worker is at it.

    Raises OSError if the file cannot be written, NotProvenError if what is in it is not what was sealed, DatabaseError
    if it cannot leave. Then all is as it was, but for a checkpoint more and perhaps a file that nobody counts.
    """
    folder = Path(settings.HISTORY_ARCHIVE_DIR)
    disk.clear(folder, act.at)
    entries = portion.begin.entries + portion.count
    checkpoint = checkpoints.of(portion.last, entries, act.at)
    newest_at = _rows(portion).aggregate(newest=Max("at"))["newest"]
    if checkpoint is None or newest_at is None:
        return None
    span = f"{portion.first_id:012}-{portion.last.last_id:012}"
    lines = exporting.lines(portion.begin, checkpoint, checkpoint.at)
    kept = disk.keep(folder, span, lines, lambda path: _read_back(path, portion.begin, checkpoint))
    return _leave(act, portion, kept, newest_at)


def _rows(portion: Portion) -> EntryQuerySet:
    return Entry.objects.filter(pk__gte=portion.first_id, pk__lte=portion.last.last_id)


def _read_back(path: Path, here: chain.Link, checkpoint: Checkpoint) -> None:
    """Whether whoever reads the file can verify it, and it is what it should be. Raises NotProvenError."""

    def says(row: dict[str, Any]) -> dict[str, Any]:
        if (row["signed"], row["signature"]) != (checkpoint.line(), checkpoint.signature):
            raise NotProvenError("the checkpoint is another one")
        return dict(json.loads(row["signed"]))

    with path.open("rb") as file:
        walked = Chain()
        verify(file, walked, says)
    if chain.Link(**walked.begin) != here:
        raise NotProvenError("it does not go on where the tables begin")


@transaction.atomic
def _leave(act: Deed, portion: Portion, kept: disk.Kept, newest_at: datetime) -> Archive:
    """Tell it, write down where the tables begin now, and remove what is before."""
    before = Archive.objects.order_by("-number").first()
    made = Archive(
        number=before.number + 1 if before else 1, at=act.at, seal=portion.last.number, seal_hash=portion.last.hash,
        first_id=portion.first_id, last_id=portion.last.last_id, count=portion.count,
        entries=portion.begin.entries + portion.count, file=kept.name, digest=kept.digest,
        newest_at=max(newest_at, before.newest_at) if before else newest_at,
    )  # fmt: skip
    made.told_in = record(act, event_of(made)).pk
    made.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE id BETWEEN %s AND %s", [made.first_id, made.last_id])
        entries = cursor.rowcount
        cursor.execute("DELETE FROM audit_seal WHERE number BETWEEN %s AND %s", [portion.begin.seal + 1, made.seal])
    if entries != made.count:
        raise DatabaseError(f"{entries} entries would have left, not {made.count}. Run manage.py verify_history.")
    return made
