"""Reads of the outbox."""

from datetime import datetime, timedelta

from django.core.paginator import Page, Paginator

from notifications.models import Email

# What the first try did not send, the sweep takes up; an email younger than this is on its way already.
SWEEP_GRACE = timedelta(seconds=2)


def left_over(at: datetime) -> list[int]:
    """The emails that are due and that no task seems to be at, oldest first."""
    due = Email.objects.due(at - SWEEP_GRACE).order_by("next_try_at")
    return list(due.values_list("pk", flat=True)[:500])


def mailbox(addresses: list[str], page_number: str | None) -> Page[Email]:
    """A page of what was written to these addresses, newest first."""
    emails = Email.objects.filter(to_address__in=addresses) if addresses else Email.objects.all()
    return Paginator(emails, 30).get_page(page_number)
