"""Whether the database knows less than the checkpoints kept outside of it, or something else: that is told loudly.

Access goes on: why, says `docs/decisions/0017-seals-instead-of-a-chain-of-entries.md`.
"""

import logging
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts.act import Act
from audit.events import HistoryContradicted
from audit.log import record
from audit.operations import outside
from pimportal.health import CONTRADICTED
from pimportal.models import Heartbeat

logger = logging.getLogger(__name__)


def compare(act: Act) -> None:
    """Hold the history against HISTORY_CHECKPOINT_FILE, if that is set, and tell what does not fit; otherwise add the
    newest checkpoint to it. Raises OSError or ValueError if it cannot be read or written."""
    path = settings.HISTORY_CHECKPOINT_FILE
    found = outside.follow(Path(path)) if path else ""
    if found:
        logger.error("THE HISTORY DOES NOT FIT A CHECKPOINT KEPT OUTSIDE THE DATABASE. %s", found)
        _tell(act, found)
    else:
        Heartbeat.objects.filter(pk=CONTRADICTED).delete()


@transaction.atomic
def _tell(act: Act, found: str) -> None:
    """In the history as well, once for as long as it is so."""
    _, is_new = Heartbeat.objects.update_or_create(pk=CONTRADICTED, defaults={"seen_at": act.at})
    if is_new:
        record(act, HistoryContradicted(because=found))
