"""Reads of the outbox."""

from datetime import datetime, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Min
from django.db.models.functions import Coalesce

from notifications.models import Email

# An email younger than this has a task of its own on the way; the sweep takes up what is older.
SWEEP_GRACE = timedelta(seconds=30)


def is_left_over(at: datetime) -> bool:
    """Whether emails are ready that no task seems to be at: failed ones, or old ones never tried."""
    return Email.objects.ready(at).exclude(tries=0, promised_at__gt=at - SWEEP_GRACE).exists()


def oldest_waiting(at: datetime) -> timedelta | None:
    """How long the oldest unsent email has been waiting; None if none waits. One given up is failed, not waiting."""
    since = Email.objects.waiting().aggregate(since=Min(Coalesce("resent_at", "promised_at")))["since"]
    return max(at - since, timedelta()) if since else None


def mailbox(addresses: list[str], page_number: str | None) -> Page[Email]:
    """A page of what was written to these addresses, newest first."""
    return Paginator(Email.objects.filter(to_address__in=addresses), 30).get_page(page_number)


def written_about(path: str) -> list[Email]:
    """What was written about the thing whose page this is, in order."""
    return list(Email.objects.filter(path=path).order_by("promised_at", "pk"))


def next_try() -> datetime | None:
    """When the next email that waits is tried."""
    found: datetime | None = Email.objects.waiting().aggregate(next=Min("next_try_at"))["next"]
    return found


def held_since() -> dict[int, datetime]:
    """For whom emails are held back, and since when the oldest of them."""
    held = Email.objects.held().order_by().values_list("to_person").annotate(since=Min("held_at"))
    return {person: since for person, since in held if person is not None and since is not None}


def held_for(person_id: int) -> int:
    """How many emails are held back for this person's next digest."""
    return Email.objects.held().filter(to_person=person_id).count()
