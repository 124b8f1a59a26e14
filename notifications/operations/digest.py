"""Taking what was held back, to tell it in one email."""

from datetime import datetime

from notifications.models import Email


def take(person_id: int, *, at: datetime, before: datetime | None = None) -> list[Email]:
    """What is held back for this person, in order; or what was before that moment. From now on it counts as told.

    Needs a transaction, in which the caller promises the email that tells it. Of two callers the second gets nothing.
    """
    held = Email.objects.held().filter(to_person=person_id)
    if before is not None:
        held = held.filter(held_at__lt=before)
    taken = list(held.select_for_update().order_by("promised_at", "pk"))
    Email.objects.filter(pk__in=[email.pk for email in taken]).update(told_at=at)
    return taken
