"""Streaming the history: batch after batch, in the order of numbers, from a cursor that moves when a batch has arrived.

Only what is sealed is sent: nothing can appear below it any more (`audit.operations.sealing`), so a cursor passes
nobody who commits late. Decided in `docs/decisions/0022-streams.md`.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce

from audit import chain
from audit.models import Entry, Seal, StreamCursor
from audit.operations.receivers import Line, Receiver, configured
from audit.operations.sealing import COLUMNS
from kernel.period import MINUTE, SECOND

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

MOST = 500
"""Entries of one batch."""
MOST_BYTES = 500_000
"""A batch ends with the entry that reaches these. Many receivers of webhooks take a megabyte."""
CLAIM_DURATION = MINUTE
"""As long as a task may live: nobody else sends a batch while its first try may still be going on."""
WORKING_TIME = 5 * SECOND
"""After this a task begins no further batch: others wait for the hand it has."""
PAUSE = 5 * SECOND
LONGEST_PAUSE = MINUTE


@dataclass(frozen=True)
class Batch:
    """What somebody has claimed, with the moment by which the claim is known."""

    receiver: Receiver
    after: int
    until: int
    claimed_at: datetime
    lines: list[Line]


def is_wanted(at: datetime) -> bool:
    """Whether some stream is behind, and neither rests after a failure nor is being sent. New ones begin here."""
    receivers = configured()
    newest = newest_sealed() if receivers else 0
    cursors = [cursor_of(receiver, newest) for receiver in receivers]
    return not any(is_claimed(cursor, at) for cursor in cursors) and any(
        cursor.entry < newest and not is_resting(cursor, at) for cursor in cursors
    )


def stream(clock: Clock) -> None:
    """Send what is behind, stream by stream. Only one at a time: a receiver that hangs holds up one hand, not all."""
    until = clock() + WORKING_TIME
    for receiver in configured():
        while is_wanted(clock()) and (batch := claim(receiver, clock())):
            if not deliver(batch, clock) or clock() > until:
                break


def newest_sealed() -> int:
    """The number of the newest entry that is sealed; 0 without."""
    return Seal.objects.order_by("-number").values_list("last_id", flat=True).first() or 0


def cursor_of(receiver: Receiver, newest: int) -> StreamCursor:
    """How far it has come. A new stream begins with what comes now, or with the first entry if the operator says so."""
    begin = beginning(newest)
    return StreamCursor.objects.get_or_create(name=receiver.name, defaults={"entry": begin, "in_hand": begin})[0]


def beginning(newest: int) -> int:
    """Where a stream begins that has not begun yet."""
    return 0 if settings.HISTORY_STREAM_FROM_START else newest


def is_claimed(cursor: StreamCursor, at: datetime) -> bool:
    """Whether somebody is sending it, and lives."""
    return _is_within(CLAIM_DURATION, cursor.claimed_at, at)


def is_resting(cursor: StreamCursor, at: datetime) -> bool:
    """Whether it failed a moment ago: 5 s after the first time, twice as long after each, a minute at most."""
    pause = min(PAUSE * 2 ** min(cursor.tries - 1, 10), LONGEST_PAUSE) if cursor.tries else timedelta()
    return _is_within(pause, cursor.tried_at, at)


def _is_within(span: timedelta, since: datetime | None, at: datetime) -> bool:
    # Both ways, so that a clock that was put back holds up nothing for longer.
    return since is not None and abs(at - since) < span


def claim(receiver: Receiver, at: datetime) -> Batch | None:
    """The next batch, for us alone; None if there is none, it rests, or somebody else was faster.

    What was sent before, and perhaps arrived, is sent again as the same batch.
    """
    newest = newest_sealed()
    cursor = cursor_of(receiver, newest)
    if cursor.entry >= newest or is_claimed(cursor, at) or is_resting(cursor, at):
        return None
    # What was in hand may be in an archive by now, if this stream was not set up for a while.
    again = read(cursor.entry, cursor.in_hand) if cursor.in_hand > cursor.entry else []
    lines = again or fitting(cursor.entry, newest)
    until = lines[-1].number
    as_seen = StreamCursor.objects.filter(
        pk=cursor.pk, entry=cursor.entry, in_hand=cursor.in_hand, claimed_at=cursor.claimed_at, tries=cursor.tries
    )
    is_ours = as_seen.update(claimed_at=at, in_hand=until)
    return Batch(receiver, cursor.entry, until, at, lines) if is_ours else None


def read(after: int, until: int) -> list[Line]:
    """The entries with numbers above the first, up to the last; no more than a batch has room for."""
    rows = Entry.objects.filter(pk__gt=after, pk__lte=until).order_by("pk").values(*COLUMNS)[:MOST]
    return [
        Line(row["id"], row["kind"], row["at"], chain.entry_line(row["id"], row["digest"], chain.content(row)))
        for row in rows
    ]


def fitting(after: int, until: int) -> list[Line]:
    """As many of them as make a batch, one at least."""
    lines, size = [], 0
    for line in read(after, until):
        lines.append(line)
        size += len(line.text)
        if size >= MOST_BYTES:
            break
    return lines


def deliver(batch: Batch, clock: Clock) -> bool:
    """Send it, then move the cursor. A failure of any kind is shown, and tried again later."""
    try:
        batch.receiver.send(batch.lines, clock())
    except Exception as error:
        logger.warning("The history could not be streamed to %s: %s", batch.receiver.where, error)
        failed(batch, error, clock())
        return False
    arrived(batch, clock())
    return True


def arrived(batch: Batch, at: datetime) -> None:
    """Move the cursor, unless somebody who sent the same batch has done so."""
    StreamCursor.objects.filter(pk=batch.receiver.name, entry=batch.after, in_hand=batch.until).update(
        entry=batch.until, claimed_at=None, tried_at=at, tries=0, last_at=at, last_error="", failing_since=None
    )


def failed(batch: Batch, error: Exception, at: datetime) -> None:
    """Write down why, and let it rest; the batch stays as it is."""
    ours = StreamCursor.objects.filter(pk=batch.receiver.name, entry=batch.after, claimed_at=batch.claimed_at)
    words = f"{error}" or type(error).__name__
    ours.update(
        claimed_at=None, tried_at=at, tries=F("tries") + 1, last_error=words[:500],
        failing_since=Coalesce(F("failing_since"), at),
    )  # fmt: skip
