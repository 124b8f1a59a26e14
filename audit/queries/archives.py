"""Where the tables begin, because what is older was archived."""

from dataclasses import dataclass
from datetime import datetime

from audit import chain
from audit.events import HistoryArchived
from audit.models import Archive


def begin() -> chain.Link:
    """Where the chain of the tables begins: where the last archive ended."""
    last = Archive.objects.order_by("-number").first()
    return last.end if last else chain.START


def event_of(archive: Archive) -> HistoryArchived:
    """What the history tells of it."""
    return HistoryArchived(
        archive=archive.number, file=archive.file, digest=archive.digest, first_entry=archive.first_id,
        last_entry=archive.last_id, count=archive.count, entries_so_far=archive.entries,
        newest_at=chain.moment(archive.newest_at), seal=archive.seal, seal_hash=archive.seal_hash,
    )  # fmt: skip


@dataclass(frozen=True)
class Archived:
    """What is no longer in the tables: events up to a moment, and the last of the files they went to."""

    until: datetime
    file: str
    at: datetime


def since(at: datetime | None) -> Archived | None:
    """What a reader does not find who looks back to this moment, or to the very beginning; None if that is nothing."""
    last = Archive.objects.order_by("-number").first()
    if last is None:
        return None
    return Archived(last.newest_at, last.file, last.at) if at is None or at <= last.newest_at else None
