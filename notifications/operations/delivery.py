"""Delivering what was promised: claim a row, send it, mark it."""

from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F

from notifications.email import message_id, render
from notifications.models import Email
from notifications.operations.silence import is_silenced, withdraw

# Longer than EMAIL_TIMEOUT: nobody else tries an email while its first try may still be going on.
CLAIM_DURATION = timedelta(seconds=60)
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)


def deliver(email_id: int, *, at: datetime) -> bool:
    """Send one email if it is due and nobody else is at it; say whether it was sent."""
    claimed = Email.objects.due(at).filter(pk=email_id).update(next_try_at=at + CLAIM_DURATION, tries=F("tries") + 1)
    if not claimed:
        return False
    email = Email.objects.get(pk=email_id)
    if is_silenced(email):
        withdraw(Email.objects.filter(pk=email_id), at=at)
        return False
    try:
        subject = _send(email)
    except (SMTPException, OSError) as error:
        _note_failure(email, error, at=at)
        return False
    except Exception as error:
        # Our own fault, such as a broken template: shown on the row like any other, and told to the log as well.
        _note_failure(email, error, at=at)
        raise
    sent = Email.objects.filter(pk=email_id)
    sent.update(sent_at=at, subject=subject, last_error="")
    if not settings.DEMO:
        sent.filter(path_is_secret=True).update(path="")
    return True


def _send(email: Email) -> str:
    rendered = render(email)
    message = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[email.to_address],
        headers={"Message-ID": message_id(email), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(rendered.html, "text/html")
    message.send()
    return rendered.subject


def _note_failure(email: Email, error: Exception, *, at: datetime) -> None:
    """Try again later, ever more slowly; after three days stop trying, visibly."""
    wait = min(FIRST_WAIT * 2 ** min(email.tries - 1, 10), LONGEST_WAIT)
    gave_up = at if at - email.promised_at >= GIVE_UP_AFTER else None
    Email.objects.filter(pk=email.pk).update(
        next_try_at=at + wait, gave_up_at=gave_up, last_error=f"{type(error).__name__}: {error}"[:2000]
    )
