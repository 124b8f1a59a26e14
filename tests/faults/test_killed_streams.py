"""A real worker is killed in the middle of a send: the receiver has the batch, and the cursor has not moved."""

from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.events import SignedIn
from audit.log import record
from audit.models import StreamCursor
from audit.operations import streaming
from audit.operations.sealing import seal_all
from kernel.period import MINUTE
from tests import make
from tests.receivers import OK, TAKE, Receiver
from tests.stories.processes import wait_for
from tests.syslog_server import Syslog
from tests.webhook_server import Webhook

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def tell(count: int) -> list[int]:
    """Something happened so many times, and is sealed."""
    now = timezone.now()
    with transaction.atomic():
        numbers = [record(make.act(at=now), SignedIn()).pk for _ in range(count)]
    assert seal_all(now, patience=5)
    return numbers


@pytest.mark.parametrize("kind", [Syslog, Webhook], ids=lambda kind: kind.__name__)
def test_a_worker_killed_before_the_receipt_sends_that_batch_once_more_and_loses_nothing(
    worker: Any, receiver_of: Any, monkeypatch: pytest.MonkeyPatch, kind: type[Receiver]
) -> None:
    receiver = receiver_of(kind)
    for name, value in {**receiver.settings, "HISTORY_STREAM_ALLOW_PRIVATE": "on"}.items():
        monkeypatch.setenv(name, value)
    assert not streaming.is_wanted(timezone.now())
    told = tell(5)
    receiver.mode = TAKE

    killed = worker(is_waited_for=False)
    wait_for(lambda: receiver.batches, seconds=30)
    killed.kill()
    cursor = StreamCursor.objects.get()
    assert (receiver.numbers, cursor.in_hand, cursor.entry < told[0]) == (told, told[-1], True)
    receiver.mode = OK
    more = tell(3)
    StreamCursor.objects.update(claimed_at=F("claimed_at") - MINUTE)
    worker()
    wait_for(lambda: StreamCursor.objects.get().entry == more[-1], seconds=30)

    assert receiver.numbers == [*told, *told, *more]
    if kind is Webhook:
        (first, _), (second, _) = receiver.raw[:2]
        assert first["webhook-id"] == second["webhook-id"]
