"""Verifying: walk the history from its first entry, and tell of everything that is not as it was sealed."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from audit import chain
from audit.models import Archive, Checkpoint, Entry, Seal
from audit.operations import archive_checks, witnesses
from audit.operations.archive_checks import Walk
from audit.operations.guards import missing_guards
from audit.operations.sealing import COLUMNS
from audit.operations.witnesses import Witness

PAGE = 2000
SEALS_PAGE = 200
Columns = Mapping[str, Any]


class Verification:
    """One walk. `findings` tells what is wrong, in sentences; afterwards the counts say what was looked at.

    It begins where the last archive ended. The files of archives in the folder are held against their digests, and read
    if it is to be thorough. However long the history is, it takes the memory of two pages of entries, one of seals, and
    all checkpoints.
    """

    def __init__(
        self, outside: Sequence[Witness] = (), *, folder: Path | None = None, is_thorough: bool = False
    ) -> None:
        self.archives = list(Archive.objects.order_by("number"))
        self.begin = self.archives[-1].end if self.archives else chain.START
        self.folder, self.is_thorough = folder, is_thorough
        self.entries, self.seals, self.unsealed, self.unmet = self.begin.entries, 0, 0, 0
        self.unsealed_since: datetime | None = None
        # Checkpoints are read before the newest seal is: so what is sealed meanwhile is missed by none of them.
        self._kept = list(Checkpoint.objects.order_by("number"))
        self.checkpoints = [*map(witnesses.of, self._kept), *outside]
        self._due: dict[int, list[Witness]] = defaultdict(list)
        for witness in self.checkpoints:
            self._due[witness.seal].append(witness)
        newest = Seal.objects.order_by("-number").first()
        self._last_number = newest.number if newest else 0
        self._number, self._hash, self._last_id = self.begin.seal, self.begin.seal_hash, self.begin.last_id

    def findings(self) -> Iterator[str]:
        """Everything that is wrong: guards and checkpoints first, then in the order of the history."""
        yield from missing_guards()
        yield from _gaps([checkpoint.number for checkpoint in self._kept])
        yield from witnesses.doubts(self.checkpoints)
        yield from self._archived()
        entries = Reader(_entries())
        for seal in _seals(self._last_number):
            yield from self._link(seal)
            yield from _stray(entries.up_to(seal.first_id - 1), seal)
            yield from _members(seal, entries.up_to(seal.last_id))
            self._number, self._hash, self._last_id = seal.number, seal.hash, seal.last_id
            self.seals, self.entries = self.seals + 1, self.entries + seal.count
            for witness in self._due.pop(seal.number, ()):
                yield from _witnessed(witness, seal.hash, self.entries)
        yield from _cut_off(self._due)
        yield from self._unsealed(entries.rest())

    def is_outdated(self) -> bool:
        """Whether something was archived meanwhile: then what was found may be no more than that."""
        return Archive.objects.count() != len(self.archives)

    def _archived(self) -> Iterator[str]:
        """Archives, and checkpoints of what is in them."""
        walk, told = Walk(self._due.keys()), archive_checks.told_in_table(self.begin)
        yield from archive_checks.unjoined(self.archives)
        if self.folder:
            yield from archive_checks.changed_files(self.archives, self.folder)
        if self.folder and self.is_thorough:
            yield from archive_checks.unproven_files(self.archives, self.folder, walk)
            yield from witnesses.doubts(walk.checkpoints)
            yield from archive_checks.untold(self.archives, walk.told | told)
        else:
            lately = [one for one in self.archives if one.told_in > self.begin.last_id]
            yield from archive_checks.untold(lately, told)
        walk.seals[self.begin.seal] = (self.begin.seal_hash, self.begin.entries)
        for number in sorted(self._due.keys() & walk.seals.keys()):
            for witness in self._due.pop(number):
                yield from _witnessed(witness, *walk.seals[number])
        if not (self.is_thorough and walk.is_whole):
            self.unmet = sum(len(self._due.pop(number)) for number in sorted(self._due) if number < self.begin.seal)

    def _link(self, seal: Seal) -> Iterator[str]:
        """How a seal follows the one before."""
        if chain.sha256(seal.line()) != seal.hash:
            yield f"Seal {seal.number} was changed: its hash is not that of what it says."
        if seal.number != self._number + 1:
            yield f"{_span('Seal', self._number + 1, seal.number - 1)} removed."
        elif seal.previous != self._hash:
            yield f"Seal {seal.number} does not follow seal {self._number}: one of the two was changed or put there."
        elif seal.first_id != self._last_id + 1:
            yield f"Seal {seal.number} begins with entry {seal.first_id}; it should with {self._last_id + 1}."

    def _unsealed(self, rows: Iterator[Columns]) -> Iterator[str]:
        """What is not sealed yet has only its digest."""
        for row in rows:
            self.unsealed += 1
            self.unsealed_since = min(self.unsealed_since or row["at"], row["at"])
            if not _is_whole(row, chain.sha256(chain.content(row))):
                yield _changed(row)


def _witnessed(witness: Witness, seal_hash: str, entries: int) -> Iterator[str]:
    """Whether a checkpoint saw its seal as it is."""
    if witness.seal_hash != seal_hash:
        yield witnesses.rewritten(witness)
    elif witness.entries != entries:
        yield f"{witness.name} counts {witness.entries} entries up to seal {witness.seal}; there are {entries}."


class Reader:
    """Entries in the order of their numbers, taken up to a number at a time."""

    def __init__(self, rows: Iterator[Columns]) -> None:
        self._rows = rows
        self._ahead = next(rows, None)

    def up_to(self, number: int) -> Iterator[Columns]:
        """Those that were not taken yet, up to this number."""
        while self._ahead and self._ahead["id"] <= number:
            row, self._ahead = self._ahead, next(self._rows, None)
            yield row

    def rest(self) -> Iterator[Columns]:
        """All others."""
        if self._ahead:
            yield self._ahead
            yield from self._rows


def _entries() -> Iterator[Columns]:
    rows = Entry.objects.order_by("pk").values(*COLUMNS)
    page = list(rows[:PAGE])
    while page:
        yield from page
        page = list(rows.filter(pk__gt=page[-1]["id"])[:PAGE])


def _seals(last: int) -> Iterator[Seal]:
    seals = Seal.objects.filter(number__lte=last).order_by("number")
    page = list(seals[:SEALS_PAGE])
    while page:
        yield from page
        page = list(seals.filter(number__gt=page[-1].number)[:SEALS_PAGE])


# --- the entries of one seal


def _stray(rows: Iterator[Columns], seal: Seal) -> Iterator[str]:
    """Entries before a seal that no earlier one has: it begins where the last one ended."""
    first = next(rows, None)
    if first:
        *_, last = [first, *deque(rows, maxlen=1)]
        yield (
            f"{_span('Entry', first['id'], last['id'], 'Entries')} in no seal before seal {seal.number}:"
            " inserted later, or a seal was removed."
        )


def _members(seal: Seal, rows: Iterator[Columns]) -> Iterator[str]:
    """Whether a seal still fits its entries, and if not, which of them it does not."""
    tree, found, told_of = chain.Tree(), {}, set()
    for row in rows:
        told = chain.content(row)
        tree.add(chain.entry_line(row["id"], row["digest"], told))
        found[row["id"]] = digest = chain.sha256(told)
        if not _is_whole(row, digest):
            told_of.add(row["id"])
            yield _changed(row)
    sealed = chain.unpack(bytes(seal.places))
    found = chain.unpack(chain.pack(found))
    if (tree.root(), tree.count) == (seal.root, seal.count):
        if sealed != found:
            yield f"The list of seal {seal.number} was changed. Its entries are as they were sealed."
        return
    differences = list(_differences(sealed, found, told_of))
    yield from differences
    if not differences and not told_of:
        span = f"{seal.first_id} to {seal.last_id}"
        yield f"Seal {seal.number} does not fit its entries, {span}: it or they were changed."


def _differences(sealed: Mapping[int, str], found: Mapping[int, str], told_of: set[int]) -> Iterator[str]:
    """What became of the entries of a seal, by number."""
    place_of = {digest: number for number, digest in sealed.items()}
    moved = {
        number: place_of[digest]
        for number, digest in found.items()
        if sealed.get(number) != digest and digest in place_of
    }
    for number in sorted({*sealed, *found} - told_of):
        if number in moved:
            yield f"Entry {number} was sealed as entry {moved[number]}: the order was changed."
        elif number not in found and number not in moved.values():
            yield f"Entry {number} was removed."
        elif number not in sealed:
            yield f"Entry {number} was inserted after its neighbours were sealed."
        elif number in found and sealed[number] != found[number]:
            yield f"Entry {number} was changed, and its digest with it."


def _is_whole(row: Columns, digest: str) -> bool:
    """Whether what it tells has its digest; the older kind of digest, which costs more, is only then tried."""
    written: str = row["digest"]
    return written == digest or written == chain.first_digest(row)


def _changed(row: Columns) -> str:
    return f"Entry {row['id']} was changed: its digest is not that of what it tells."


# --- what is not there


def _gaps(numbers: Sequence[int]) -> Iterator[str]:
    """Checkpoints that are missing between others."""
    for before, after in zip([0, *numbers], numbers, strict=False):
        if after != before + 1:
            yield f"{_span('Checkpoint', before + 1, after - 1)} removed."


def _cut_off(due: Mapping[int, list[Witness]]) -> Iterator[str]:
    """Checkpoints whose seals were not met."""
    yield from (witnesses.missed(witness) for number in sorted(due) for witness in due[number])


def _span(what: str, first: int, last: int, several: str = "") -> str:
    return f"{what} {first} was" if first == last else f"{several or what + 's'} {first} to {last} were"
