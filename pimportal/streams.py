"""HISTORY_STREAM_…: where the history is streamed to. What is wrong stops the start with a sentence."""

import base64
import binascii
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

SECRET_BYTES = range(24, 65)
"""As Standard Webhooks says."""


def check_file(name: str, path: str) -> None:
    """The folder has to be there; the file is made."""
    if path and not (Path(path).is_absolute() and Path(path).parent.is_dir()):
        raise ImproperlyConfigured(f"{name} is the whole path of a file, in a folder that is there.")


def check_syslog(url: str) -> None:
    """Name and port of a server, with or without TLS."""
    if not url:
        return
    parts = _split("HISTORY_STREAM_SYSLOG", url)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname or not parts.port or parts.path or parts.username:
        raise ImproperlyConfigured("HISTORY_STREAM_SYSLOG is tls://host:port or tcp://host:port.")


def check_webhook(url: str, secret: str) -> None:
    """An address with TLS, and a secret to sign with."""
    if not url:
        return
    parts = _split("HISTORY_STREAM_WEBHOOK", url)
    if parts.scheme != "https" or not parts.hostname or parts.username:
        raise ImproperlyConfigured("HISTORY_STREAM_WEBHOOK is an address like https://siem.example.org/history.")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith("whsec_") or len(key) not in SECRET_BYTES:
        raise ImproperlyConfigured("HISTORY_STREAM_WEBHOOK_SECRET is whsec_ and 24 to 64 random bytes in Base64.")


def check_ca_file(path: str) -> None:
    """Certificates to check receivers against."""
    if path and not Path(path).is_file():
        raise ImproperlyConfigured(f"HISTORY_STREAM_CA_FILE names {path}, and there is no such file.")


def _split(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be read: {error}.") from error
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ImproperlyConfigured(f"{name} holds a character that no address has.")
    return parts
