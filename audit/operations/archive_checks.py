"""Whether archives are as they were written: their rows, what the history tells of them, and their files."""

import json
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from audit import chain
from audit.events import HistoryArchived
from audit.models import Archive, Entry
from audit.operations import disk, witnesses
from audit.operations.witnesses import Witness
from audit.queries.archives import event_of
from audit.verify_export import Chain, NotProvenError, Tree, verify

Told = dict[int, tuple[str, Any]]
"""What entries tell of archives, by number: when, and the facts."""


class Walk(Chain):
    """The chain through the files of archives, with what is to be looked at besides: of the seals, those `wanted`."""

    def __init__(self, wanted: Container[int]) -> None:
        super().__init__()
        self.wanted = wanted
        self.seals: dict[int, tuple[str, int]] = {}
        self.told: Told = {}
        self.checkpoints: list[Witness] = []
        self.is_whole = True

    def entry(self, line: bytes, row: dict[str, Any]) -> None:
        """Keep what tells of an archive."""
        super().entry(line, row)
        if row["entry"]["kind"] == HistoryArchived.kind:
            self.told[row["id"]] = (row["entry"]["at"], row["entry"]["facts"])

    def sealed(self, line: bytes, row: dict[str, Any]) -> None:
        """Keep what checkpoints know of a seal."""
        super().sealed(line, row)
        if self.seal in self.wanted:
            self.seals[self.seal] = (self.hash, self.entries)

    def says(self, row: dict[str, Any]) -> dict[str, Any]:
        """What the checkpoint at the end of a file says."""
        self.checkpoints += witnesses.brought([json.dumps(row)], where="an archive")
        return dict(json.loads(row["signed"]))

    def read(self, lines: Iterable[bytes]) -> tuple[chain.Link, chain.Link]:
        """Read a file by itself; where it begins and ends. Raises NotProvenError."""
        self.begin, self.tree = {}, Tree()
        verify(lines, self, self.says)
        return chain.Link(**self.begin), chain.Link(self.seal, self.hash, self.last_id, self.entries)


def unjoined(archives: Sequence[Archive]) -> Iterator[str]:
    """Archives that are missing between others, or do not go on where the one before ended."""
    before, here = 0, chain.START
    for one in archives:
        if one.number != before + 1:
            missing = ", ".join(str(number) for number in range(before + 1, one.number))
            yield f"The row of archive {missing} was removed."
        elif (one.first_id, one.entries) != (here.last_id + 1, here.entries + one.count):
            yield f"{_name(one)} does not go on where the one before ended."
        before, here = one.number, one.end


def told_in_table(begin: chain.Link) -> Told:
    """What entries tell of archives that are in the table."""
    told = Entry.objects.filter(kind=HistoryArchived.kind, pk__gt=begin.last_id)
    return {entry.pk: (chain.moment(entry.at), entry.facts) for entry in told}


def untold(archives: Sequence[Archive], told: Told) -> Iterator[str]:
    """Archives of which the history tells nothing, or something else; and what it tells of others."""
    left = dict(told)
    for one in archives:
        if left.pop(one.told_in, None) != (chain.moment(one.at), event_of(one).facts()):
            yield f"{_name(one)} was changed, or put there: entry {one.told_in} does not tell of it."
    for number in sorted(left):
        yield f"Entry {number} tells of an archive whose row was removed."


def changed_files(archives: Sequence[Archive], folder: Path) -> Iterator[str]:
    """Files that are missing, cannot be read, or hold something else."""
    for one in archives:
        try:
            if disk.digest_of(folder / one.file) != one.digest:
                yield f"{_name(one)} was changed: its file has another digest."
        except FileNotFoundError:
            yield f"{_name(one)} is missing in {folder}."
        except OSError as error:
            yield f"{_name(one)} cannot be read: {error.strerror}."


def unproven_files(archives: Sequence[Archive], folder: Path, walk: Walk) -> Iterator[str]:
    """Files that do not hold what was sealed, from where the one before ended up to where the next one goes on."""
    here = chain.START
    for one in archives:
        try:
            with (folder / one.file).open("rb") as file:
                if walk.read(file) != (here, one.end):
                    raise NotProvenError(f"It is not from seal {here.seal + 1} to seal {one.seal}.")
        except NotProvenError as error:
            walk.is_whole = False
            yield f"{_name(one)} is not proven. {error}"
        except OSError:
            walk.is_whole = False  # `changed_files` tells why.
        here = one.end


def _name(one: Archive) -> str:
    return f"Archive {one.number}, {one.file},"
