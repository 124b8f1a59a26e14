"""Ed25519 (RFC 8032) for checkpoints. The key comes from HISTORY_KEY; without one, nothing is signed."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings


def make_key() -> tuple[str, str]:
    """A new private key and its public one, in hexadecimal."""
    private = Ed25519PrivateKey.generate()
    return private.private_bytes_raw().hex(), private.public_key().public_bytes_raw().hex()


def public_key() -> str:
    """The public key of what is signed here, in hexadecimal; empty if nothing is."""
    if not settings.HISTORY_KEY:
        return ""
    return _private_key().public_key().public_bytes_raw().hex()


def known_keys() -> frozenset[str]:
    """The public keys whose signatures count: ours, and those we signed with before."""
    return frozenset({public_key(), *settings.HISTORY_OLD_PUBLIC_KEYS} - {""})


def sign(line: str) -> str:
    """The signature of a line, in hexadecimal; empty without a key."""
    return _private_key().sign(line.encode()).hex() if settings.HISTORY_KEY else ""


def is_signed(line: str, *, by: str, signature: str) -> bool:
    """Whether the owner of this public key signed this line. What is no key or no signature signs nothing."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(by)).verify(bytes.fromhex(signature), line.encode())
    except (ValueError, InvalidSignature):
        return False
    return True


def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.HISTORY_KEY))
