"""What was archived is told where one would miss it, and on the page Health."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Hindrance
from audit.operations import archiving, sealing
from kernel.period import DAY, MINUTE
from tests.browser.people import Person
from tests.old_history import tell

pytestmark = pytest.mark.browser


def test_pages_tell_what_was_archived(somebody: Callable[..., Person], folder: Path, settings: Any) -> None:
    auditor, admin = somebody("auditor"), somebody("admin")
    admin.signs_in()
    at = timezone.now()
    sealing.seal_all(at, patience=0)
    tell(0)
    archiving.archive_due(lambda: at + 366 * DAY)
    auditor.signs_in()

    auditor.goes_to("/history/?oldest").sees("Older events, up to", "last file: history-").takes_a_picture(
        "archived-history"
    )
    auditor.goes_to("/digest/").sees("What was assigned or made permanent until then is not counted").takes_a_picture(
        "archived-digest"
    )
    moment = (at - MINUTE).isoformat(timespec="seconds").replace("+", "%2B")
    auditor.goes_to(f"/history/who/?person=user@example.com&moment={moment}").sees("shown as of then").takes_a_picture(
        "archived-who"
    )
    admin.goes_to("/health/").sees("Archives of the history", "Works").takes_a_picture("archived-health")
    Hindrance.objects.create(
        since=at,
        error="[Errno 28] No space left on device: '/var/lib/pim/archives/history-4237cac6bef36acc8713.part'",
    )
    admin.goes_to("/health/").sees("No space left on device").takes_a_picture("archived-health-fails")
