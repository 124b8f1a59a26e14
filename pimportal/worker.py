"""The worker: a clock that enqueues what is due, and a watched django-q2 cluster that does it.

When one of its processes was killed, a cluster can look alive while nothing in it works. So what counts is whether
a small task sent through it comes back in time. Access waits for none of this: it ends by the clock on read.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

import notifications.tasks
import requests_app.queries
import requests_app.tasks
import roles.queries
import roles.tasks
from kernel.period import earliest
from pimportal.models import Heartbeat

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.25
CANARY_EVERY = timedelta(seconds=3)
CANARY_LATE = timedelta(seconds=20)
RESTART_PAUSE = timedelta(seconds=5)
STOP_SECONDS = 4
RETRY_SECONDS = int(str(settings.Q_CLUSTER["retry"]))
SWEEPS = ("notifications.tasks.sweep", "roles.tasks.enqueue_due", "requests_app.tasks.enqueue_due")
MANAGE = Path(settings.BASE_DIR) / "manage.py"


class Cluster:
    """One django-q2 cluster in a process group of its own."""

    def __init__(self, now: datetime) -> None:
        self.started_at = now
        self.process = subprocess.Popen([sys.executable, str(MANAGE), "qcluster"], start_new_session=True)

    def is_well(self, now: datetime) -> bool:
        """Whether it runs and the canary came back lately."""
        if self.process.poll() is not None:
            return False
        seen = Heartbeat.objects.filter(pk="cluster").values_list("seen_at", flat=True).first()
        return now - max(seen or self.started_at, self.started_at) < CANARY_LATE

    def stop(self) -> None:
        """Let it finish what it has in hand; after a few seconds end it."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End every process of it, and give back what it held."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            self.process.wait()
            long_ago = timezone.now() - timedelta(seconds=RETRY_SECONDS + 1)
            OrmQ.objects.update(lock=long_ago)


class Clock:
    """What the worker does at each beat of its clock."""

    def __init__(self, now: datetime) -> None:
        self.looked_at = now
        self.canary_at = now
        self.cluster = Cluster(now)

    def beat(self, now: datetime) -> None:
        """Enqueue what is due, show that the worker lives, and see to the cluster."""
        self.looked_at = tick(self.looked_at, now)
        if now >= self.canary_at:
            self.canary_at = now + CANARY_EVERY
            Heartbeat.objects.update_or_create(pk="worker", defaults={"seen_at": now})
            async_task("pimportal.tasks.canary", save=False)
            notifications.tasks.sweep()
        if now - self.cluster.started_at > RESTART_PAUSE and not self.cluster.is_well(now):
            logger.warning("The task cluster does not answer; it is started again.")
            self.cluster.kill()
            self.cluster = Cluster(now)


def run(stop: threading.Event) -> None:
    """Work until told to stop. A database that is away for a while is waited for."""
    plan_sweeps()
    enqueue_due()
    clock = Clock(timezone.now())
    try:
        while not stop.wait(TICK_SECONDS):
            try:
                clock.beat(timezone.now())
            except (OperationalError, InterfaceError) as error:
                logger.warning("The database does not answer, trying again: %s", error)
                connection.close()
                stop.wait(1)
    finally:
        clock.cluster.stop()


def tick(looked_at: datetime, now: datetime) -> datetime:
    """Enqueue what has become due since the last look; return until when was looked."""
    due = earliest(roles.queries.next_due(looked_at), requests_app.queries.next_due(looked_at))
    if due is None or due > now:
        return looked_at
    enqueue_due()
    return now


def enqueue_due() -> None:
    """Enqueue every start, end and time-out that has come and was not told."""
    roles.tasks.enqueue_due()
    requests_app.tasks.enqueue_due()


def plan_sweeps() -> None:
    """Once a minute django-q2 takes up what was missed, even if this clock stands still."""
    for task in SWEEPS:
        Schedule.objects.update_or_create(
            name=task, defaults={"func": task, "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1}
        )
