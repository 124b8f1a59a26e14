"""The page about the portal's health, and what administrators are told on every page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Entry, StreamCursor
from audit.operations import checkpoints
from audit.operations.sealing import seal_all
from kernel.period import HOUR, MINUTE, SECOND
from notifications.models import Email
from pimportal import outside
from pimportal.duties import DUTIES
from pimportal.health import WORKER, beat
from tests import make
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


def test_an_administrator_sees_how_far_the_streams_of_the_history_are(
    somebody: Callable[..., Person], settings: Any
) -> None:
    now = timezone.now()
    settings.HISTORY_STREAM_FILE = "/var/log/privileged-access/audit-history.jsonl"
    settings.HISTORY_STREAM_SYSLOG = "tls://collector.security.example.org:6514"
    settings.HISTORY_STREAM_WEBHOOK = "https://siem.example.org/in"
    admin = somebody("admin").signs_in()
    newest = Entry.objects.latest("pk").pk
    StreamCursor.objects.create(name="file", entry=newest, in_hand=newest, last_at=now)
    why = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)"
    StreamCursor.objects.create(
        name="syslog", entry=newest - 1, in_hand=newest, last_at=now - HOUR, failing_since=now - MINUTE, last_error=why
    )

    admin.goes_to("/health/").sees("Streams of the history", "Fails", why).takes_a_picture("health-streams")


def test_an_administrator_sees_that_an_older_copy_of_the_database_was_restored(
    somebody: Callable[..., Person], settings: Any, tmp_path: Any
) -> None:
    now, file = timezone.now(), tmp_path / "checkpoints.jsonl"
    settings.HISTORY_CHECKPOINT_FILE = str(file)
    admin = somebody("admin").signs_in()
    assert seal_all(now, patience=1)
    checkpoints.write(now)
    outside.compare(make.act(at=now))
    file.write_text(file.read_text().replace('\\"seal\\":1', '\\"seal\\":7412'))
    outside.compare(make.act(at=now))

    admin.goes_to("/").sees("The history does not fit a checkpoint kept outside the database.")
    admin.takes_a_picture("history-contradicted-home")
    admin.follows("Show health").sees("Does not fit", "knows seal 7412, which is not there")
    admin.takes_a_picture("history-contradicted")
