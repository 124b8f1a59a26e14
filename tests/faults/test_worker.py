"""Workers that are killed, frozen, told to stop, or two: each end is written down once, each email arrives once.

What becomes of a worker whose clusters are killed stands in `tests/stories/test_worker.py`; what becomes of its clock,
put on and back, in `tests/pimportal/test_worker.py`.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import Entry
from kernel.period import SECOND
from notifications.models import Email
from tests.stories import processes
from tests.stories.processes import wait_for
from tests.stories.test_many_ends import all_are_told, assignments_that_end_at, told
from tests.workers import Postbox, Worker

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

Start = Callable[..., Worker]
MANY = 120


def ends_within_a_second(*, begin: float = 2, count: int = MANY) -> dict[int, datetime]:
    """So many ends, the first of them in so many seconds."""
    first = timezone.now() + begin * SECOND
    return assignments_that_end_at(first + n * SECOND / count for n in range(count))


def written_down() -> int:
    """How many ends the history tells of."""
    return Entry.objects.filter(kind="assignment.ended").count()


def holds(ends: dict[int, datetime], server: Postbox | None = None, *, doubles: int = 0) -> None:
    """Each end is written down once and promised once; each email has come once, but for so many at most."""
    assert Counter(Entry.objects.filter(kind="assignment.ended").values_list("person_id", flat=True)) == Counter(
        list(ends)
    )
    assert Email.objects.filter(template="your_role_ended").count() == len(ends)
    if server:
        taken = Counter(message["Message-ID"] for message, _at in told(server))
        assert len(taken) == len(ends)
        assert taken.total() - len(taken) <= doubles


def test_two_workers_share_the_work(worker: Start, letterbox: tuple[Postbox, str]) -> None:
    server, url = letterbox
    worker(email_url=url)
    worker(email_url=url)
    ends = ends_within_a_second(begin=3)

    wait_for(lambda: all_are_told(ends), seconds=90)

    time.sleep(2)
    holds(ends, server)


def test_of_two_workers_one_is_frozen_and_the_other_goes_on(worker: Start, letterbox: tuple[Postbox, str]) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("On SQLite one worker on one machine is all there is: frozen with the file locked, it holds it.")
    server, url = letterbox
    frozen = worker(email_url=url)
    worker(email_url=url)
    frozen.freeze()
    ends = ends_within_a_second(count=20)

    wait_for(lambda: all_are_told(ends), seconds=60)

    frozen.freeze(thaw=True)
    time.sleep(4)
    holds(ends, server)


@pytest.mark.parametrize("after", [1, MANY // 2])
def test_what_a_killed_worker_had_in_hand_is_done_by_the_next_one(
    worker: Start, letterbox: tuple[Postbox, str], after: int
) -> None:
    server, url = letterbox
    first = worker(email_url=url)
    ends = ends_within_a_second()
    wait_for(lambda: written_down() >= after, seconds=30, every=0.01)
    first.kill()
    assert not all_are_told(ends)

    worker_is_back_at = time.monotonic()
    worker(email_url=url, is_waited_for=False)

    # An email that was just being sent is tried again once its claim has run out.
    wait_for(lambda: all_are_told(ends), seconds=120)
    print(f"all told {time.monotonic() - worker_is_back_at:.1f} s after the start ({connection.vendor})")  # noqa: T201
    # Sent and not marked: at most what each of two processes had in hand, with the same Message-ID.
    holds(ends, server, doubles=2)


def test_when_the_worker_itself_is_killed_its_clusters_finish_and_end(worker: Start) -> None:
    running = worker()
    below = [process for process in running.processes if process.pid != running.process.pid]
    assert len(below) > 3

    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait()

    wait_for(lambda: not processes.still_running(below), seconds=15)


def test_a_worker_that_is_told_to_stop_finishes_and_the_next_one_does_the_rest(
    worker: Start, letterbox: tuple[Postbox, str]
) -> None:
    server, url = letterbox
    running = worker(email_url=url)
    everything = running.processes
    ends = ends_within_a_second(count=300)
    wait_for(lambda: written_down() > 0, seconds=30, every=0.01)

    asked_at = time.monotonic()
    assert running.terminate() == 0

    assert time.monotonic() - asked_at < 10
    assert processes.still_running(everything) == []
    assert Email.objects.filter(template="your_role_ended").count() == written_down()
    worker(email_url=url, is_waited_for=False)
    wait_for(lambda: all_are_told(ends), seconds=120)
    holds(ends, server, doubles=2)
