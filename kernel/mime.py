"""An email as bytes: RFC 5322 and 2045, in 7 bits and short lines, so that every mail server takes it as it is.

The library's own writer asks of each header of each part how it is to be folded, which takes longer than all of this.
"""

import binascii
from collections.abc import Mapping
from email.header import Header

LONGEST_SUBJECT = 60
"""From here on a subject is folded; RFC 5322 wants lines of 78 characters at most."""


def message(subject: str, headers: Mapping[str, str], content: bytes) -> bytes:
    """The whole email. Headers are written as they stand; one that would break the line is a `ValueError`."""
    lines = [f"Subject: {_subject(subject)}", *(f"{name}: {_value(name, value)}" for name, value in headers.items())]
    return "\r\n".join([*lines, "MIME-Version: 1.0", ""]).encode("ascii") + content


def part(kind: str, text: str) -> bytes:
    """A text of this kind, as 'text/html', with its own headers."""
    head = f'Content-Type: {kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    # A line is broken with CRLF where the text has one.
    return head.encode("ascii") + binascii.b2a_qp(f"{lines}\r\n".encode()).removesuffix(b"\r\n")


def together(how: str, *parts: bytes) -> bytes:
    """Several as one: 'alternative', the best last, or 'mixed'."""
    # Neither quoted-printable nor base64 has "=_" anywhere, so no text can hold what parts it: RFC 2045, section 6.7.
    boundary = f"=_{how}"
    head = f'Content-Type: multipart/{how}; boundary="{boundary}"\r\n\r\n'.encode("ascii")
    between = f"--{boundary}\r\n".encode("ascii")
    return head + b"".join(between + each + b"\r\n" for each in parts) + f"--{boundary}--\r\n".encode("ascii")


def _subject(text: str) -> str:
    # What looks like an encoded word is encoded, so that it is read as it was written.
    if len(text) <= LONGEST_SUBJECT and text.isascii() and text.isprintable() and "=?" not in text:
        return text
    return Header(text, "utf-8", maxlinelen=72, header_name="Subject").encode(linesep="\r\n")


def _value(name: str, value: str) -> str:
    if not (value.isascii() and value.isprintable()):
        raise ValueError(f"This cannot stand in the header {name}: {value!r}")
    return value
