"""The week's numbers, sent to administrators."""

from django.db import transaction

from accounts.act import Act
from audit.models import Entry
from roles.email import alarms as email
from roles.models import WeeklyDigest
from roles.queries.weekly import last_due, numbers


@transaction.atomic
def send(act: Act) -> None:
    """Send the numbers of the last week that is due, once, however many workers look; what was missed before that week
    is not made up for. Harmless if it was sent, or if there was no portal then."""
    week = last_due(act.at)
    if WeeklyDigest.objects.filter(begins_on__gte=week.begins_on).exists():
        return
    if not Entry.objects.filter(at__lt=week.end).exists():
        return
    # The unique row makes a second worker wait, and find that it is sent.
    _row, is_new = WeeklyDigest.objects.get_or_create(begins_on=week.begins_on, defaults={"sent_at": act.at})
    if is_new:
        email.weekly_digest(act, numbers(week, act.at))
