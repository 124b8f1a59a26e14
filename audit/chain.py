"""What is hashed, and how: entries, seals over them, checkpoints. Plain functions, the same for writer and verifier.

Everything hashed is one line of canonical JSON: keys sorted, no spaces, ASCII with the rest escaped, no fractions. An
export holds these very lines, so whoever verifies it hashes what is there and needs to know nothing of the portal.
"""

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.ipv6 import clean_ipv6_address

GENESIS = "0" * 64
"""What the first seal follows."""
BESIDE = ("id", "digest")
"""The columns of an entry that are not what it tells."""
PLACE = struct.Struct(">q8s")
"""An entry in a seal's list: its number, and the first bytes of its digest."""

canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def sha256(text: str) -> str:
    """The SHA-256 of a text in UTF-8, in hexadecimal. Even of half a character, which somebody may have put there."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


# --- entries


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as any database gives them back. Raises TypeError for fractions: databases write them differently."""
    return dict(_decode(_encode(facts)))


def _fraction(number: str) -> NoReturn:
    raise TypeError(f"the history holds no fractions, and {number} is one: use a whole number of smaller units")


# Made once: `json.dumps` and `json.loads` would make them anew for each entry.
_encode = DjangoJSONEncoder().encode
_decode = json.JSONDecoder(parse_float=_fraction, parse_constant=_fraction).decode


def content(row: Mapping[str, Any]) -> str:
    """What an entry tells, as the line that is hashed. Empty columns are left out, so that new ones may be added."""
    told = {name: value for name, value in row.items() if name not in BESIDE and value not in (None, "", {})}
    told["at"] = moment(told["at"])
    if "proof_at" in told:
        told["proof_at"] = moment(told["proof_at"])
    if ":" in told.get("ip", ""):
        told["ip"] = clean_ipv6_address(told["ip"])
    return canonical(told)


def moment(at: datetime) -> str:
    """A moment in UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def first_digest(row: Mapping[str, Any]) -> str:
    """The digest as it was before there were seals: times to the millisecond, empty columns and all."""
    told = {name: value for name, value in row.items() if name not in BESIDE}
    text = json.dumps(told, cls=DjangoJSONEncoder, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text)


def entry_line(number: int, digest: str, told: str) -> str:
    """An entry in its place: a leaf of a seal's tree. `told` is its `content`, `digest` that of its row."""
    return f'{{"digest":{canonical(digest)},"entry":{told},"id":{number}}}'


# --- seals


@dataclass(frozen=True)
class Link:
    """Where a piece of the chain goes on: after this seal with its hash and last entry, and so many entries in all."""

    seal: int = 0
    seal_hash: str = GENESIS
    last_id: int = 0
    entries: int = 0


START = Link()
"""Where the whole chain begins."""


class Tree:
    """The Merkle tree of RFC 6962, section 2.1, in memory that grows with the logarithm of its leaves."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self.count = 0
        self._full: list[tuple[int, bytes]] = []
        for line in lines:
            self.add(line)

    def add(self, line: str) -> None:
        """Add a leaf at the end."""
        self.count += 1
        size, node = 1, hashlib.sha256(b"\x00" + line.encode()).digest()
        while self._full and self._full[-1][0] == size:
            node = _parent(self._full.pop()[1], node)
            size *= 2
        self._full.append((size, node))

    def root(self) -> str:
        """The hash over all leaves, in hexadecimal; of no leaves, the hash of nothing."""
        if not self._full:
            return hashlib.sha256().hexdigest()
        *left, (_, node) = self._full
        for _, sibling in reversed(left):
            node = _parent(sibling, node)
        return node.hex()


def _parent(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def seal_line(
    *, number: int, previous: str, at: datetime, first_id: int, last_id: int, count: int, root: str
) -> str:  # fmt: skip
    """A seal as the line whose hash the next one names."""
    return canonical(
        {
            "seal": number,
            "previous": previous,
            "at": moment(at),
            "first_id": first_id,
            "last_id": last_id,
            "count": count,
            "root": root,
        }
    )


def pack(places: Mapping[int, str]) -> bytes:
    """A seal's list of its entries: their numbers, and enough of their digests to tell them apart."""
    return b"".join(PLACE.pack(number, bytes.fromhex(digest)[:8]) for number, digest in places.items())


def unpack(places: bytes) -> dict[int, str]:
    """The list again, with the beginnings of the digests in hexadecimal. What somebody cut short ends early."""
    whole = len(places) - len(places) % PLACE.size
    return {number: digest.hex() for number, digest in PLACE.iter_unpack(places[:whole])}


# --- checkpoints


def checkpoint_line(*, number: int, at: datetime, seal: int, seal_hash: str, entries: int) -> str:
    """A checkpoint as the line that is signed."""
    return canonical({"checkpoint": number, "at": moment(at), "seal": seal, "seal_hash": seal_hash, "entries": entries})
