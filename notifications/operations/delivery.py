"""Delivering what was promised: many emails over one connection; each claimed, sent, marked.

What is retried, what is given up, and what holds back what: `docs/decisions/0020-how-emails-leave.md`.
"""

import contextlib
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.mime.text import MIMEText

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F, Min
from django.db.models.functions import Coalesce

from kernel import calendar
from notifications.email import Rendered, message_id, render
from notifications.models import Email
from notifications.operations.failures import Failure, failure_of
from notifications.operations.outbox import CLAIM_DURATION
from notifications.operations.silence import DISABLED, Silence, withdraw

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

AT_ONCE = 50
"""How many emails are claimed together."""
WORKING_TIME = timedelta(seconds=5)
"""After this a task begins no further email: a worker that is told to stop waits 8 s, and one email may take longer."""
GIVE_UP_AFTER = timedelta(days=3)
MOST_PUT_OFF = 5000
"""How many emails are put off together; databases bear no endless lists."""
MARK = "UPDATE notifications_email SET sent_at=%s, gave_up_at=NULL, subject=%s, path=%s, last_error='' WHERE id=%s"
"""Written out, because composing it anew for each email takes longer than carrying it out."""
SINCE = Coalesce("resent_at", "promised_at")


def deliver(clock: Clock) -> bool:
    """Send all that is ready over one connection; say whether something is left because time was short."""
    until = clock() + WORKING_TIME
    line = get_connection()
    try:
        while claimed := _claim(clock()):
            if not _send_all(line, claimed, clock=clock, until=until):
                return clock() >= until
        return False
    finally:
        _hang_up(line)


@transaction.atomic
def _claim(at: datetime) -> list[Email]:
    """Take the oldest of what is ready, so that nobody else does; in the order in which it was promised."""
    oldest = Email.objects.ready(at).order_by("pk").select_for_update(skip_locked=True, of=("self",))
    claimed = list(oldest[:AT_ONCE])
    numbers = [email.pk for email in claimed]
    Email.objects.due(at).filter(pk__in=numbers).update(next_try_at=at + CLAIM_DURATION, tries=F("tries") + 1)
    for email in claimed:
        email.tries += 1
    return claimed


def _send_all(line: BaseEmailBackend, claimed: list[Email], *, clock: Clock, until: datetime) -> bool:
    """Send these one after the other; False if the rest has to wait for another time, or for the mail server.

    An email that fails does not stop others, but for later ones to the same person.
    """
    held, silence = _held_back(claimed, at=clock()), Silence(claimed)
    for position, email in enumerate(claimed):
        at = clock()
        if at >= until:
            _release(claimed[position:], at=at)
            return False
        if silence.covers(email, at=at):
            withdraw(Email.objects.filter(pk=email.pk), at=at, because=DISABLED)
        elif held.get(email.to_address, email.pk) < email.pk:
            _release([email], at=at)
        elif failure := _send(line, email, clock=clock):
            if failure.is_the_servers:
                _put_off(claimed[position:], failure, at=clock())
                return False
            _note(email, failure, at=clock())
            held.setdefault(email.to_address, email.pk)
    return True


def _held_back(claimed: list[Email], *, at: datetime) -> dict[str, int]:
    """By address the oldest email that is somebody else's to send; what is later waits for it.

    Two that claim at the same moment take turns, row by row, so one may have the first and the third of a person.
    """
    others = Email.objects.holding(at).filter(
        to_address__in={email.to_address for email in claimed}, pk__lt=claimed[-1].pk
    )
    others = others.exclude(pk__in=[email.pk for email in claimed])
    return dict(others.order_by().values_list("to_address").annotate(oldest=Min("pk")))


def _send(line: BaseEmailBackend, email: Email, *, clock: Clock) -> Failure | None:
    """Send one email and mark it, or say why not."""
    try:
        line.open()
    except OSError as error:
        return failure_of(error, email, is_the_servers=True)
    try:
        rendered = render(email)
        _message(email, rendered, line).send()
    except OSError as error:
        failure = failure_of(error, email)
        if failure.has_lost_the_line:
            _hang_up(line)
        return failure
    except Exception as error:
        # Our own fault, such as a broken template: shown on the row like any other, and told to the log as well.
        logger.exception("Email %s cannot be written.", email.pk)
        return failure_of(error, email)
    _mark_sent(email, rendered.subject, at=clock())
    return None


def _message(email: Email, rendered: Rendered, line: BaseEmailBackend) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[email.to_address],
        connection=line,
        headers={"Message-ID": message_id(email), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(rendered.html, "text/html")
    if rendered.calendar:
        message.attach(_attachment(rendered.calendar))
    return message


def _attachment(entry: calendar.Entry) -> MIMEText:
    part = MIMEText(calendar.write(entry), "calendar", "utf-8")
    part.set_param("method", calendar.method(entry))
    part.add_header("Content-Disposition", "attachment", filename="activation.ics")
    return part


def _mark_sent(email: Email, subject: str, *, at: datetime) -> None:
    path = "" if email.path_is_secret and not settings.DEMO else email.path
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(at)
        cursor.execute(MARK, [moment, subject[:300], path, email.pk])


def _note(email: Email, failure: Failure, *, at: datetime) -> None:
    """Try again later, ever more slowly; stop trying, visibly, where that is useless or after three days."""
    is_hopeless = failure.is_for_good or at - (email.resent_at or email.promised_at) >= GIVE_UP_AFTER
    Email.objects.waiting().filter(pk=email.pk).update(
        next_try_at=at + failure.wait(email.tries),
        gave_up_at=at if is_hopeless else None,
        last_error=failure.words,
    )


def _release(emails: Sequence[Email], *, at: datetime) -> None:
    """Give back what was claimed and not tried."""
    claimed = Email.objects.waiting().filter(pk__in=[email.pk for email in emails])
    claimed.update(next_try_at=at, tries=F("tries") - 1)


@transaction.atomic
def _put_off(emails: Sequence[Email], failure: Failure, *, at: datetime) -> None:
    """The mail server takes nothing from us: this was the try of everything that is due."""
    _release(emails, at=at)
    due = Email.objects.due(at).order_by("pk").select_for_update(skip_locked=True, of=("self",))
    by_tries: dict[int, list[int]] = defaultdict(list)
    for number, tries in due.values_list("pk", "tries")[:MOST_PUT_OFF]:
        by_tries[tries + 1].append(number)
    for tries, numbers in by_tries.items():
        put_off = Email.objects.filter(pk__in=numbers)
        put_off.update(tries=tries, next_try_at=at + failure.wait(tries), last_error=failure.words)
        put_off.annotate(since=SINCE).filter(since__lte=at - GIVE_UP_AFTER).update(gave_up_at=at)


def _hang_up(line: BaseEmailBackend) -> None:
    """Close the connection, if it still is one; the next email opens another."""
    with contextlib.suppress(OSError):
        line.close()
