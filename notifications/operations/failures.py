"""What went wrong with an email: in words, and what is to be done about it."""

from dataclasses import dataclass
from datetime import timedelta
from smtplib import (
    SMTPException,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from notifications.models import Email

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=10)
LONGEST_WAIT_FOR_THE_SERVER = timedelta(minutes=1)
"""One connection is the try of all emails, so it may be tried often."""

CLOSING = 421
TOO_LARGE = 552
NOT_SIGNED_IN = frozenset({530, 534, 535, 538})
"""RFC 4954: authentication is required, too weak, wrong, or needs encryption."""
LONGEST_WORDS = 2000


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why an email was not sent.

    `is_the_servers`: no email gets through at the moment. `is_for_good`: this one never will, the server says.
    """

    words: str
    is_the_servers: bool = False
    is_for_good: bool = False
    has_lost_the_line: bool = False

    def wait(self, tries: int) -> timedelta:
        """How long to wait after so many tries: ever longer."""
        longest = LONGEST_WAIT
        if self.is_the_servers or self.has_lost_the_line:
            longest = LONGEST_WAIT_FOR_THE_SERVER
        doubled: int = 2 ** min(max(tries, 1) - 1, 10)
        return min(FIRST_WAIT * doubled, longest)


def failure_of(error: Exception, email: Email, *, is_the_servers: bool = False) -> Failure:
    """What an error while sending means."""
    code = _code(error)
    is_lost = code == CLOSING or isinstance(error, SMTPServerDisconnected)
    is_lost = is_lost or (isinstance(error, OSError) and not isinstance(error, SMTPException))
    is_the_servers = is_the_servers or (not is_lost and _is_about_us(error, code))
    return Failure(
        words=_without_secrets(_words(error), email)[:LONGEST_WORDS],
        is_the_servers=is_the_servers,
        is_for_good=not is_the_servers and code is not None and code >= 500,
        has_lost_the_line=is_lost,
    )


def _is_about_us(error: Exception, code: int | None) -> bool:
    """Whether the mail server refuses the portal, and not this email: the operator's to mend."""
    if isinstance(error, SMTPSenderRefused):
        return code != TOO_LARGE
    return code in NOT_SIGNED_IN or isinstance(error, SMTPHeloError)


def _code(error: Exception) -> int | None:
    """What the mail server answered: 4xx for now, 5xx for good."""
    if isinstance(error, SMTPRecipientsRefused):
        return next((code for code, _text in error.recipients.values()), None)
    return error.smtp_code if isinstance(error, SMTPResponseException) else None


def _words(error: Exception) -> str:
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        code, text = next(iter(error.recipients.values()))
        return f"The mail server refused the address: {code} {_read(text)}"
    if isinstance(error, SMTPResponseException):
        return f"The mail server refused: {error.smtp_code} {_read(error.smtp_error)}"
    if isinstance(error, SMTPServerDisconnected):
        return f"The connection to the mail server was lost: {error}"
    if isinstance(error, SMTPException):
        return f"The mail server cannot be used: {error}"
    if isinstance(error, OSError):
        return f"The mail server cannot be reached: {type(error).__name__}: {error}"
    return f"The email cannot be written: {type(error).__name__}: {error}"


def _read(said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return " ".join(text.split())


def _without_secrets(words: str, email: Email) -> str:
    """Some mail servers quote the address they dislike; one that lets its reader in is shown to nobody else."""
    return words.replace(email.path, "/…/") if email.path_is_secret and email.path else words
