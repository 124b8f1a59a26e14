"""Verify exports and archives of the history. Needs Python 3.11, this file, them, and the public key; nothing else.

    python3 verify_export.py [archive.jsonl …] history.jsonl --key 5f1c…  [--checkpoints kept-elsewhere.jsonl]

Of several files, name the oldest first: each has to go on where the one before it ended. A file that begins later than
the history did says so in its first line; the checkpoint at its end covers that, too.

Take the public key from somewhere else than the export: a file can say anything of itself. The export holds a line for
each entry, after its entries a line for each seal, and at the end the checkpoint:

* a seal names the root of the Merkle tree (RFC 6962, 2.1) whose leaves are the lines of its entries, as they stand;
* it also names the SHA-256 of the line of the seal before it, so the last seal stands for all entries;
* the checkpoint names the SHA-256 of the last seal's line, and is signed with Ed25519 (RFC 8032).
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

FORMAT = "pimportal history 1"


class NotProvenError(Exception):
    """The export is not what was signed; the words say where."""


# --- Merkle tree and chain


class Tree:
    """A Merkle tree that takes one leaf after the other."""

    def __init__(self) -> None:
        self.count = 0
        self.full: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Add a leaf at the end."""
        self.count += 1
        size, node = 1, hashlib.sha256(b"\x00" + leaf).digest()
        while self.full and self.full[-1][0] == size:
            node = hashlib.sha256(b"\x01" + self.full.pop()[1] + node).digest()
            size *= 2
        self.full.append((size, node))

    def root(self) -> str:
        """The hash over all leaves."""
        node = b""
        for _, sibling in reversed(self.full):
            node = hashlib.sha256(b"\x01" + sibling + node).digest() if node else sibling
        return node.hex()


START = {"seal": 0, "seal_hash": "0" * 64, "last_id": 0, "entries": 0}
"""Where the first file begins."""


class Chain:
    """The history as far as it was read."""

    def __init__(self, outside: Iterable[dict[str, Any]] = ()) -> None:
        self.seal, self.hash, self.last_id, self.entries = 0, "", 0, 0
        self.begin: dict[str, Any] = {}
        self.tree, self.newest_id = Tree(), 0
        self.outside = list(outside)

    def head(self, row: dict[str, Any]) -> None:
        """The first line of a file: where it goes on. The first of several files may begin anywhere."""
        _must(row.get("format") == FORMAT, f"this is no export of the history that begins with {FORMAT!r}")
        after = row.get("after", START)
        if not self.begin:
            self.begin = after
            self.seal, self.hash = after["seal"], after["seal_hash"]
            self.last_id, self.newest_id, self.entries = after["last_id"], after["last_id"], after["entries"]
            self._compared()
        here = {"seal": self.seal, "seal_hash": self.hash, "last_id": self.last_id, "entries": self.entries}
        _must(after == here, f"this file goes on after seal {after['seal']}; the one before ended with {self.seal}")

    def entry(self, line: bytes, row: dict[str, Any]) -> None:
        """An entry: it will have to be in the next seal."""
        _must(row["id"] > self.newest_id, f"entry {row['id']} does not stand in the order of the numbers")
        self.newest_id = row["id"]
        self.tree.add(line)

    def sealed(self, line: bytes, row: dict[str, Any]) -> None:
        """A seal: over all entries since the last one, and after it."""
        name = f"seal {row['seal']}"
        _must(row["seal"] == self.seal + 1, f"{name} comes after seal {self.seal}")
        _must(row["previous"] == self.hash, f"{name} does not follow the seal before it")
        _must(row["first_id"] == self.last_id + 1, f"{name} does not begin where the seal before it ended")
        _must(row["last_id"] == self.newest_id, f"{name} ends with entry {row['last_id']}, not {self.newest_id}")
        _must(row["count"] == self.tree.count, f"{name} is over {row['count']} entries; there are {self.tree.count}")
        _must(row["root"] == self.tree.root(), f"the entries of {name}, {row['first_id']} to {row['last_id']}, changed")
        self.seal, self.hash, self.last_id = row["seal"], hashlib.sha256(line).hexdigest(), row["last_id"]
        self.entries += self.tree.count
        self.tree = Tree()
        self._compared()

    def _compared(self) -> None:
        for said in self.outside:
            if said["seal"] == self.seal:
                self.named_by(said, "a checkpoint kept elsewhere")

    def named_by(self, said: dict[str, Any], who: str) -> None:
        """What a checkpoint says of the seal that was read last."""
        _must(said["seal"] == self.seal, f"{who} names seal {said['seal']}; the last one here is {self.seal}")
        _must(said["seal_hash"] == self.hash, f"{who} names another hash of seal {self.seal}")
        _must(said["entries"] == self.entries, f"{who} counts {said['entries']} entries; there are {self.entries}")

    def complete(self) -> None:
        """Nothing is missing that was there once."""
        for said in self.outside:
            seal, cut = said["seal"], "it was cut off, or a file is missing"
            _must(seal <= self.seal, f"a checkpoint kept elsewhere knows seal {seal}; {cut}")


def verify(lines: Iterable[bytes], chain: Chain, says: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """Read a file to its end and return what its checkpoint says, as `says` reads it. Raises NotProvenError."""
    said = None
    for number, (line, row) in enumerate(_rows(lines), start=1):
        try:
            _must(said is None, "something follows the checkpoint")
            if number == 1:
                chain.head(row)
            elif "entry" in row:
                chain.entry(line, row)
            elif "seal" in row:
                chain.sealed(line, row)
            else:
                _must("signed" in row, "this is no line of an export")
                said = says(row)
                chain.named_by(said, "the checkpoint")
                _must(not chain.tree.count, "there are entries after the last seal")
        except (NotProvenError, KeyError, TypeError, ValueError) as error:
            raise NotProvenError(f"Line {number}: {error}.") from error
    if said is None:
        raise NotProvenError("The export has no checkpoint at its end: it was cut off.")
    return said


def signed(row: dict[str, Any], key: str) -> dict[str, Any]:
    """What a checkpoint says, if this key signed it."""
    _must(row["signature"] != "", "the checkpoint is not signed, so it proves nothing")
    _must(row["public_key"] == key, f"the checkpoint is signed with another key, {row['public_key']}")
    good = ed25519_verify(bytes.fromhex(key), row["signed"].encode(), bytes.fromhex(row["signature"]))
    _must(good, "the signature of the checkpoint is wrong")
    said: dict[str, Any] = json.loads(row["signed"])
    return said


def _rows(lines: Iterable[bytes]) -> Iterator[tuple[bytes, dict[str, Any]]]:
    for line in lines:
        bare = line.removesuffix(b"\n")
        try:
            row = json.loads(bare)
        except ValueError:
            row = None
        yield bare, row if isinstance(row, dict) else {}


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotProvenError(otherwise)


# --- Ed25519, verification only: RFC 8032, 5.1. Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.

Point = tuple[int, int, int, int]
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def ed25519_verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is the signature of the message by the owner of this public key (RFC 8032, 5.1.7)."""
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r = _decompress(key), _decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    return _equal(_times(s, BASE), _add(r, _times(k, a)))


def _decompress(text: bytes) -> Point | None:
    """A point from its 32 bytes (5.1.3); None if there is no such point."""
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _add(p: Point, q: Point) -> Point:
    """The sum of two points (5.1.4)."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number: int, point: Point) -> Point:
    """A point added to itself so many times."""
    result: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = _add(result, point)
        point, number = _add(point, point), number >> 1
    return result


def _equal(p: Point, q: Point) -> bool:
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


BASE = _decompress((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


# --- the program


def main() -> int:
    """Verify what the command line names: 0 if it is proven, 1 if not."""
    parser = argparse.ArgumentParser(description="Verify exports and archives of the history.")
    parser.add_argument("files", nargs="+", help="archives, the oldest first, and what manage.py export_history wrote")
    parser.add_argument("--key", required=True, help="the public key, 64 hexadecimal digits")
    parser.add_argument("--checkpoints", help="a file of checkpoints that was kept elsewhere")
    options = parser.parse_args()
    try:
        outside = []
        if options.checkpoints:
            with open(options.checkpoints, "rb") as file:  # noqa: PTH123 - no more imports than needed
                outside = [signed(row, options.key) for _, row in _rows(file)]
        chain, said, name = Chain(outside), START, ""
        for name in options.files:
            with open(name, "rb") as file:  # noqa: PTH123
                said = verify(file, chain, lambda row: signed(row, options.key))
        chain.complete()
    except (NotProvenError, OSError, KeyError, TypeError, ValueError) as error:
        print(f"NOT PROVEN. {f'{name}: ' if len(options.files) > 1 else ''}{error}")
        return 1
    begin = chain.begin
    count = said["entries"] - begin["entries"]
    print(f"Proven: {count} entries, up to seal {said['seal']}, as they were signed at {said['at']}.")
    if begin["seal"]:
        print(f"The {begin['entries']} entries before them, up to seal {begin['seal']}, are in earlier files.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
