"""The file of checkpoints that is kept outside the database, HISTORY_CHECKPOINT_FILE: held against, then added to.

Whoever restores an older copy of the database restores its checkpoints with it; this file knows better. Decided in
`docs/decisions/0017-seals-instead-of-a-chain-of-entries.md`.
"""

import logging
import os
from pathlib import Path

from audit.models import Checkpoint, Seal
from audit.operations import witnesses
from audit.operations.witnesses import Witness

logger = logging.getLogger(__name__)

MOST = 100
"""So many of its last lines are looked at. The worker adds none to a file that contradicts the database."""


def follow(path: Path) -> str:
    """What the file knows better, as a sentence; if nothing, add the newest checkpoint and return an empty one.

    Raises OSError if the file cannot be read or written, ValueError if it holds something else.
    """
    known = _last(path)
    if contradiction := contradicted(known):
        return contradiction
    newest = Checkpoint.objects.order_by("-seal", "-number").first()
    if newest and newest.line() not in [witness.line for witness in known]:
        _add(path, witnesses.exported(newest))
        if not known:
            logger.warning("There was no checkpoint in %s to hold the history against; it begins with this one.", path)
    return ""


def contradicted(known: list[Witness]) -> str:
    """What the newest of them says that the database does not; empty if it says all they say.

    Seals before the first one in the table are not looked for: an older copy lacks the last ones.
    """
    first = Seal.objects.order_by("number").values_list("number", flat=True).first() or 1
    hashes = dict(Seal.objects.filter(pk__in=[one.seal for one in known]).values_list("number", "hash"))
    for witness in sorted((one for one in known if one.seal >= first), key=lambda one: one.seal, reverse=True):
        if witness.seal not in hashes:
            return witnesses.missed(witness)
        if witness.seal_hash != hashes[witness.seal]:
            return witnesses.rewritten(witness)
    return ""


def _last(path: Path) -> list[Witness]:
    """The checkpoints at the end of the file; none if it is not there yet, or empty."""
    try:
        with path.open(encoding="utf-8") as file:
            lines = file.readlines()
    except FileNotFoundError:
        return []
    first = max(len(lines) - MOST, 0)
    return witnesses.brought(lines[first:], where=str(path), first=first + 1) if lines else []


def _add(path: Path, line: str) -> None:
    """As a whole or not at all, and wait for the disk."""
    told = f"{line}\n".encode()
    opened = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(opened, "ab", buffering=0) as file:
        size = os.fstat(opened).st_size
        if (file.write(told) or 0) < len(told):
            file.truncate(size)
            raise OSError(f"{path} has no room for another line.")
        os.fsync(opened)
