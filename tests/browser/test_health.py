"""The page about the portal's health, and what administrators are told on every page."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from kernel.period import HOUR, MINUTE, SECOND
from notifications.models import Email
from pimportal.duties import DUTIES
from pimportal.health import WORKER, beat
from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_administrator_sees_whether_the_portal_keeps_its_time(somebody: Callable[..., Person]) -> None:
    now = timezone.now()
    Email.objects.update(sent_at=now)
    beat({WORKER: now, **{duty.task: now - number * SECOND for number, duty in enumerate(DUTIES)}})
    admin = somebody("admin").signs_in().goes_to("/health/")
    admin.sees("Works").sees("Agree").sees("What the portal does by itself").takes_a_picture("health")

    Email.objects.update(sent_at=None, promised_at=now - 7 * MINUTE)
    admin.goes_to("/").sees("An email has waited for 7 min").follows("Show health").sees("Late")

    beat({WORKER: now - HOUR})
    admin.goes_to("/health/").sees("Worker last seen", "Silent").takes_a_picture("health-silent")
