"""What an outsider does: a file, a public key, one script, and Python without anything installed."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as portal
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.events import SignedIn
from audit import signature, verify_export
from audit.log import record
from audit.models import Checkpoint, Entry
from audit.operations import sealing
from audit.verify_export import ed25519_verify
from kernel.period import SECOND
from tests import make
from tests.make import NINE

SCRIPT = Path(portal.BASE_DIR) / "audit" / "verify_export.py"


# --- Ed25519


# RFC 8032, 7.1: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
        "454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
        "3dca179c138ac17ad9bef1177331a704",
    ),
]


@pytest.mark.parametrize("vector", VECTORS)
def test_the_examples_of_the_standard_are_verified(vector):
    key, message, signed = map(bytes.fromhex, vector)

    assert ed25519_verify(key, message, signed)
    assert not ed25519_verify(key, message + b"!", signed)
    for place in (0, 31, 32, 63):
        forged = bytearray(signed)
        forged[place] ^= 1
        assert not ed25519_verify(key, message, bytes(forged))


@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200))
def test_it_says_what_the_portals_library_says(seed, message):
    private = signature.Ed25519PrivateKey.from_private_bytes(seed)
    key, signed = private.public_key().public_bytes_raw(), private.sign(message)

    assert ed25519_verify(key, message, signed)
    assert not ed25519_verify(key, b"other" + message, signed)


def test_malformed_keys_and_signatures_are_refused():
    key, message, signed = map(bytes.fromhex, VECTORS[1])
    s = int.from_bytes(signed[32:], "little")
    too_large = signed[:32] + (s + verify_export.L).to_bytes(32, "little")
    zero_with_a_sign = (1 + 2**255).to_bytes(32, "little")
    beyond_the_field = (verify_export.P + 1).to_bytes(32, "little")

    assert not ed25519_verify(key, message, too_large)
    assert not ed25519_verify(key, message, signed[:63])
    assert not ed25519_verify(key[:31], message, signed)
    for bad in (zero_with_a_sign, beyond_the_field, (2).to_bytes(32, "little")):
        assert not ed25519_verify(bad, message, signed)
        assert not ed25519_verify(key, message, bad + signed[32:])


# --- an export


@pytest.fixture
def key(settings):
    """Checkpoints are signed."""
    settings.HISTORY_KEY, public = signature.make_key()
    return public


@pytest.fixture
def export(key, db, tmp_path):
    """An export of two seals, of which the first has five entries."""
    for count in (5, 2):
        with transaction.atomic():
            for number in range(count):
                about = make.user() if number == 1 else None
                record(make.act(by=about, at=NINE + number * SECOND), SignedIn(because=f'Größe {number} \u2028 \\ "'))
        sealing.seal_all(NINE, patience=0)
    return exported(tmp_path / "history.jsonl")


def exported(path):
    call_command("export_history", "--to", str(path), stdout=StringIO(), stderr=StringIO())
    return path


def outsider(*arguments):
    """Run the script without our packages, away from our files; return its exit code and what it says."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    return done.returncode, done.stdout


@pytest.mark.postgres
def test_an_outsider_verifies_an_export_with_the_public_key_alone(export, key):
    code, said = outsider(export, "--key", key)

    checkpoint = Checkpoint.objects.get()
    assert said == (
        f"Proven: {Entry.objects.count()} entries, up to seal 2, as they were signed at"
        f" {json.loads(checkpoint.line())['at']}.\n"
    )
    assert code == 0
    rows = [json.loads(line) for line in export.read_bytes().splitlines()]
    assert sum("entry" in row for row in rows) == Entry.objects.count()
    assert rows[1]["entry"]["at"].startswith("2026-")


FORGERIES = {
    "a letter of an entry is changed": lambda lines: [line.replace("e 3 ", "e 8 ") for line in lines],
    "an entry is left out": lambda lines: lines[:2] + lines[3:],
    "an entry is put in": lambda lines: [*lines[:2], lines[1], *lines[2:]],
    "two entries change places": lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
    "a seal is left out": lambda lines: [line for line in lines if '"seal":1}' not in line],
    "a seal is changed": lambda lines: [line.replace("T09:00:00", "T09:00:01") for line in lines],
    "the end is cut off": lambda lines: lines[:-1],
    "the last seal is cut off": lambda lines: lines[:-4] + lines[-1:],
    "something is added at the end": lambda lines: [*lines, lines[1]],
    "the first line is left out": lambda lines: lines[1:],
    "a line is no JSON": lambda lines: [lines[0], "{", *lines[1:]],
    "the checkpoint is changed": lambda lines: [*lines[:-1], lines[-1].replace('\\"entries\\":', '\\"entries\\":1')],
    "the signature is taken away": lambda lines: [*lines[:-1], json.dumps({**json.loads(lines[-1]), "signature": ""})],
    "it is empty": lambda lines: [],
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_export_is_not_proven(forgery, export, key):
    lines = export.read_text().split("\n")[:-1]
    forged = FORGERIES[forgery](lines)
    assert forged != lines
    export.write_text("".join(f"{line}\n" for line in forged))

    code, said = outsider(export, "--key", key)

    print(said)  # noqa: T201
    assert (code, said[:11]) == (1, "NOT PROVEN.")


def test_an_export_signed_by_somebody_else_is_not_proven(export):
    _, other = signature.make_key()

    code, said = outsider(export, "--key", other)

    assert code == 1
    assert "is signed with another key" in said


def test_an_export_of_a_shorter_history_is_betrayed_by_a_checkpoint_kept_elsewhere(export, key, tmp_path):
    with transaction.atomic():
        record(make.act(), SignedIn())
    kept = tmp_path / "kept.jsonl"
    call_command("export_checkpoint", "--to", str(kept))
    longer = exported(tmp_path / "longer.jsonl")

    assert outsider(longer, "--key", key, "--checkpoints", kept)[0] == 0
    code, said = outsider(export, "--key", key, "--checkpoints", kept)
    assert code == 1
    assert "knows seal 3; it was cut off" in said


def test_without_a_key_the_export_says_that_it_proves_nothing(export, settings, tmp_path):
    settings.HISTORY_KEY = ""
    said = StringIO()

    call_command("export_history", "--to", str(tmp_path / "other.jsonl"), stdout=said)

    assert "The checkpoint is not signed, because HISTORY_KEY is not set." in said.getvalue()
    assert "proves nothing" in outsider(tmp_path / "other.jsonl", "--key", "00" * 32)[1]


def test_an_export_overwrites_nothing(export):
    before = export.read_text()

    with pytest.raises(CommandError, match="cannot be written: File exists"):
        call_command("export_history", "--to", str(export))

    assert export.read_text() == before
