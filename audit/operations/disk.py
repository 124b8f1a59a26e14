"""Files that are there as a whole, or not at all, whenever the power goes."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kernel.period import HOUR

PREFIX, PART = "history-", ".part"
ABANDONED_AFTER = HOUR


@dataclass(frozen=True)
class Kept:
    """A file that stays: its name and the SHA-256 of its bytes."""

    name: str
    digest: str


def keep(folder: Path, name: str, lines: Iterable[str], check: Callable[[Path], None]) -> Kept:
    """Write a file under another name, wait for the disk, check it as it can be read, and only then give it its own.

    The name ends with the beginning of the digest: the same lines are the same file, and no other is overwritten.
    Raises OSError, and what `check` raises; then nothing is left.
    """
    opened, unfinished = tempfile.mkstemp(PART, PREFIX, folder)
    part = Path(unfinished)
    try:
        digest = _write(opened, lines)
        check(part)
        if digest_of(part) != digest:
            raise OSError(f"what was written to {folder} reads differently")
        kept = folder / f"{PREFIX}{name}-{digest[:16]}.jsonl"
        part.chmod(0o400)
        part.replace(kept)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    keep_name(folder)
    return Kept(kept.name, digest)


def _write(opened: int, lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    with os.fdopen(opened, "wb") as file:
        for line in lines:
            told = f"{line}\n".encode()
            digest.update(told)
            file.write(told)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def keep_name(folder: Path) -> None:
    """Wait until the disk knows that there is a new file in the folder."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def clear(folder: Path, at: datetime) -> None:
    """Remove what somebody was writing who was killed."""
    for part in folder.glob(f"{PREFIX}*{PART}"):
        # Somebody else may do the same.
        with contextlib.suppress(FileNotFoundError):
            if at.timestamp() - part.stat().st_mtime > ABANDONED_AFTER.total_seconds():
                part.unlink()
