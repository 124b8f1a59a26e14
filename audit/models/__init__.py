"""The history, its seals and archives, and how far it was streamed: one file per thing. Django looks for them here."""

from audit.models.append_only import AppendOnly, AppendOnlyModel, AppendOnlyQuerySet
from audit.models.archives import Archive, Hindrance
from audit.models.entries import Entry, EntryQuerySet, Name, concerning
from audit.models.seals import Checkpoint, Seal
from audit.models.streams import StreamCursor

__all__ = [
    "AppendOnly",
    "AppendOnlyModel",
    "AppendOnlyQuerySet",
    "Archive",
    "Checkpoint",
    "Entry",
    "EntryQuerySet",
    "Hindrance",
    "Name",
    "Seal",
    "StreamCursor",
    "concerning",
]
