"""What can be told. Each app tells its own events; all of them are an `Event`."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class About:
    """What an event is about. Names are copied, so that people and roles may go and history stays."""

    person_id: int | None = None
    person_name: str = ""
    role_id: int | None = None
    role_name: str = ""
    scope_name: str = ""
    request_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened. `kind` is written down for ever and never renamed; `label` may be.

    The first five fields have columns of their own in the history; what a kind adds goes into its facts.
    """

    kind: ClassVar[str]
    label: ClassVar[str]

    because: str = ""
    approver_name: str = ""
    ticket_number: str = ""
    ticket_system: str = ""
    outcome: str = ""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if KINDS.setdefault(cls.kind, cls) is not cls:
            raise TypeError(f"two events are called {cls.kind}")

    def facts(self) -> dict[str, Any]:
        """What this kind tells beyond the common columns, as JSON can hold it."""
        return {name: value for name, value in vars(self).items() if name not in COMMON}


COMMON = frozenset(field.name for field in fields(Event))
KINDS: dict[str, type[Event]] = {}


@dataclass(frozen=True, kw_only=True)
class HistoryExported(Event):
    """Somebody took a copy of the history away: which file, and the filters as they stand in the address."""

    kind: ClassVar[str] = "history.exported"
    label: ClassVar[str] = "History downloaded"
    file: str
    filters: str
    is_ones_own: bool


@dataclass(frozen=True, kw_only=True)
class HistoryContradicted(Event):
    """A checkpoint that is kept outside the database knows more than the database, or something else."""

    kind: ClassVar[str] = "history.contradicted"
    label: ClassVar[str] = "History found not to fit a checkpoint kept outside"


@dataclass(frozen=True, kw_only=True)
class HistoryArchived(Event):
    """Old events left the tables for a file: which ones, which file, and the seal at which the tables now begin."""

    kind: ClassVar[str] = "history.archived"
    label: ClassVar[str] = "History archived"
    archive: int
    file: str
    digest: str
    first_entry: int
    last_entry: int
    count: int
    entries_so_far: int
    newest_at: str
    seal: int
    seal_hash: str


def label_of(kind: str) -> str:
    """The words for a kind of event; the kind itself where it is no longer told."""
    event = KINDS.get(kind)
    return event.label if event else kind


def families() -> dict[str, list[tuple[str, str]]]:
    """All kinds with their words, in the families their names begin with; families and kinds by their words."""
    found: dict[str, list[tuple[str, str]]] = {}
    for kind, event in sorted(KINDS.items(), key=lambda pair: pair[1].label):
        found.setdefault(kind.partition(".")[0], []).append((kind, event.label))
    return dict(sorted(found.items()))
