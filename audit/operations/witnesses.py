"""What checkpoints say, be they from the database or from a file that was kept elsewhere."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from audit import signature
from audit.models import Checkpoint


@dataclass(frozen=True, kw_only=True)
class Witness:
    """A checkpoint: which seal it names, with what hash, after how many entries; and who signed it."""

    name: str
    line: str
    seal: int
    seal_hash: str
    entries: int
    public_key: str
    signature: str


def exported(checkpoint: Checkpoint) -> str:
    """A checkpoint as a line of JSON, for a place outside."""
    row = {"signed": checkpoint.line(), "public_key": checkpoint.public_key, "signature": checkpoint.signature}
    return json.dumps(row)


def of(checkpoint: Checkpoint) -> Witness:
    """What a checkpoint of the database says."""
    return _witness(checkpoint.line(), checkpoint.public_key, checkpoint.signature, where="")


def brought(lines: Iterable[str], *, where: str, first: int = 1) -> list[Witness]:
    """The checkpoints among these lines of a file, beginning with its line `first`.

    Raises ValueError, with a sentence, if there are none.
    """
    found = []
    for number, line in enumerate(lines, start=first):
        try:
            row = json.loads(line)
            if "signed" in row:
                found.append(_witness(row["signed"], row["public_key"], row["signature"], where=f" in {where}"))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"Line {number} of {where} is no checkpoint.") from error
    if not found:
        raise ValueError(f"There is no checkpoint in {where}.")
    return found


def _witness(line: str, public_key: str, signed: str, *, where: str) -> Witness:
    said = json.loads(line)
    return Witness(
        name=f"Checkpoint {int(said['checkpoint'])}{where} of {said['at']}", line=line, seal=int(said["seal"]),
        seal_hash=said["seal_hash"], entries=int(said["entries"]), public_key=public_key, signature=signed,
    )  # fmt: skip


def missed(witness: Witness) -> str:
    """Its seal is not there."""
    return (
        f"{witness.name} knows seal {witness.seal}, which is not there: it was removed, the history was cut off,"
        " or an older copy was restored."
    )


def rewritten(witness: Witness) -> str:
    """Its seal is another one."""
    return f"{witness.name} knows seal {witness.seal} with another hash: the history until then was rewritten."


def doubts(witnesses: Sequence[Witness]) -> Iterator[str]:
    """Whose signature does not count, in sentences."""
    known, is_any_signed = signature.known_keys(), False
    for witness in witnesses:
        if not witness.signature:
            if is_any_signed and known:
                yield f"{witness.name} is not signed, though earlier ones are."
            continue
        is_any_signed = True
        if not signature.is_signed(witness.line, by=witness.public_key, signature=witness.signature):
            yield f"{witness.name} is not what was signed."
        elif known and witness.public_key not in known:
            yield (
                f"{witness.name} is signed with a key that is not ours, {witness.public_key}."
                " If it was ours once, name it in HISTORY_OLD_PUBLIC_KEYS."
            )
