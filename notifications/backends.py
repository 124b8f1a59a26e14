"""How emails leave: SMTP, with the certificates the operator trusts, waiting no more often than the server demands."""

import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from email.mime.text import MIMEText
from email.policy import SMTP
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address
from django.utils.functional import cached_property

from kernel import mime

GO_AHEAD = 354
GOOD = (250, 251, GO_AHEAD)
CLOSING = 421


class Line(smtplib.SMTP):
    """A conversation that names sender and recipient and asks to go ahead all at once, where PIPELINING is offered.

    RFC 2920: two waits for each email instead of four. What is refused is raised as `smtplib` raises it.
    """

    def sendmail(
        self, from_addr: str, to_addrs: str | Sequence[str], msg: Any, mail_options: Any = (), rcpt_options: Any = ()
    ) -> dict[str, tuple[int, bytes]]:
        """Have the server take a message, bytes with CRLF, to one recipient."""
        self.ehlo_or_helo_if_needed()
        if not self.has_extn("pipelining"):
            return super().sendmail(from_addr, to_addrs, msg, mail_options, rcpt_options)
        [to] = list(to_addrs)
        sender, recipient = smtplib.quoteaddr(from_addr), smtplib.quoteaddr(to)
        size = f" size={len(msg)}" if self.has_extn("size") else ""
        self.send(f"MAIL FROM:{sender}{size}\r\nRCPT TO:{recipient}\r\nDATA\r\n")
        self._heed(
            lambda code, words: smtplib.SMTPSenderRefused(code, words, from_addr),
            lambda code, words: smtplib.SMTPRecipientsRefused({to: (code, words)}),
            smtplib.SMTPDataError,
        )
        # A dot alone would end the message.
        self.send(re.sub(rb"(?m)^\.", b"..", msg) + b".\r\n")
        self._heed(smtplib.SMTPDataError)
        return {}

    def _heed(self, *refusals: Callable[[int, bytes], Exception]) -> None:
        """Read as many answers; raise the first refusal once all are read, so that the next email begins afresh."""
        found: list[Exception] = []
        for refusal in refusals:
            try:
                code, words = self.getreply()
            except smtplib.SMTPServerDisconnected:
                if not found:
                    raise
                # Whoever refuses and hangs up has said why.
                break
            if code == CLOSING:
                self.close()
                raise refusal(code, words)
            if code not in GOOD:
                found.append(refusal(code, words))
            elif code == GO_AHEAD and found:
                # The server waits for a message that is for nobody: RFC 2920, section 3.1.
                self.send(b".\r\n")
                self.getreply()
        if found:
            self._rset()
            raise found[0]

    def _rset(self) -> None:
        """Begin afresh; a line that is lost already does not matter."""
        with contextlib.suppress(smtplib.SMTPServerDisconnected):
            self.rset()


class TlsLine(Line, smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""


class EmailBackend(smtp.EmailBackend):
    """Django's own, which checks the server's certificate against `EMAIL_CA_FILE` where that is set."""

    @property
    def connection_class(self) -> type[Line]:
        """What a conversation is."""
        return TlsLine if self.use_ssl else Line

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        """Certificate and host name are always checked; with a file of authorities, against these alone."""
        return ssl.create_default_context(cafile=settings.EMAIL_CA_FILE or None)

    def _send(self, email_message: EmailMessage) -> bool:
        (to,) = email_message.to
        sender, recipient = _address(email_message.from_email), sanitize_address(to, "utf-8")
        assert self.connection is not None  # noqa: S101 - Django opens it before it calls this
        self.connection.sendmail(sender, [recipient], _written(email_message, sender, recipient))
        return True


@lru_cache(maxsize=8)
def _address(of: str) -> str:
    """An address as it stands in a header; it is the same sender nearly always."""
    return sanitize_address(of, "utf-8")


def _written(message: EmailMessage, sender: str, recipient: str) -> bytes:
    headers = {"From": sender, "To": recipient, "Date": formatdate(), **message.extra_headers}
    texts = [mime.part(f"text/{message.content_subtype}", str(message.body))]
    if isinstance(message, EmailMultiAlternatives):
        texts += [mime.part(kind, str(content)) for content, kind in message.alternatives]
    content = mime.together("alternative", *texts)
    attached = [each.as_bytes(policy=SMTP) for each in message.attachments if isinstance(each, MIMEText)]
    if attached:
        content = mime.together("mixed", content, *attached)
    return mime.message(str(message.subject), headers, content)
