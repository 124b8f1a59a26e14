"""Taking a copy of the history away: that is told before the first line leaves."""

from django.db import transaction

from audit.events import About, HistoryExported
from audit.log import Deed, record
from audit.models import Entry


@transaction.atomic
def export(act: Deed, *, file: str, filters: str, is_ones_own: bool) -> Entry:
    """Tell that the actor downloads the history; the entry, before which the file ends."""
    about = About(person_id=act.actor.pk, person_name=act.actor.name) if act.actor and is_ones_own else About()
    return record(act, HistoryExported(file=file, filters=filters, is_ones_own=is_ones_own), about=about)
