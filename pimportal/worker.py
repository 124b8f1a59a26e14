"""The worker: a clock that enqueues what is due, and two watched django-q2 clusters that do it.

Emails have a cluster of their own, so that a slow mail server holds up nothing else. When one of its processes was
killed, a cluster can look alive while nothing in it works; what counts is whether its queue gets shorter. Access waits
for none of this: it ends by the clock on read.
"""

import contextlib
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
import requests_app.queries.due
import requests_app.tasks
import roles.queries.due
import roles.queries.emergency
import roles.tasks
from kernel.period import earliest
from notifications.operations.outbox import EMAIL_CLUSTER
from pimportal.models import Heartbeat

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.25
LOOK_EVERY = timedelta(seconds=3)
SEARCH_EVERY = timedelta(seconds=15)
# How long a queue may stand still. Longer for emails: one may take until django-q2's time-out of 60 s.
STANDSTILL = {str(settings.Q_CLUSTER["name"]): timedelta(seconds=20), EMAIL_CLUSTER: timedelta(seconds=90)}
RESTART_PAUSE = timedelta(seconds=5)
STOP_SECONDS = 4
RETRY_SECONDS = int(str(settings.Q_CLUSTER["retry"]))
SWEEPS = (
    "notifications.tasks.sweep",
    "roles.tasks.enqueue_due",
    "roles.tasks.remind_of_drills",
    "roles.tasks.enqueue_digests",
    "roles.tasks.send_weekly_digest",
    "requests_app.tasks.enqueue_due",
)
MANAGE = Path(settings.BASE_DIR) / "manage.py"


class Cluster:
    """One django-q2 cluster in a process group of its own."""

    def __init__(self, name: str, now: datetime) -> None:
        self.name = name
        self.start(now)

    def start(self, now: datetime) -> None:
        """Start its processes."""
        self.started_at = self.moved_at = now
        self.in_hand: set[int] = set()
        environment = {**os.environ, "Q_CLUSTER_NAME": self.name}
        self.process = subprocess.Popen(
            [sys.executable, str(MANAGE), "qcluster"], start_new_session=True, env=environment
        )

    def look_after(self, now: datetime) -> None:
        """See that its queue moves, with a canary in it if it is empty; start it again if it stands still."""
        queue = set(OrmQ.objects.filter(key=self.name).order_by("pk").values_list("pk", flat=True)[:100])
        if not queue or self.in_hand - queue:
            self.moved_at = now
        self.in_hand = queue
        if not queue:
            async_task("pimportal.tasks.canary", cluster=self.name, save=False)
        is_gone = self.process.poll() is not None and now - self.started_at > RESTART_PAUSE
        if is_gone or now - self.moved_at > STANDSTILL[self.name]:
            logger.warning("The cluster %s does not work; it is started again.", self.name)
            self.kill()
            self.start(now)

    def stop(self) -> None:
        """Ask it to finish what it has in hand."""
        self.process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait until it has stopped; after these seconds end it."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End every process of it, and give back what it held. Tasks may run twice, so no other cluster minds."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        long_ago = timezone.now() - timedelta(seconds=RETRY_SECONDS + 1)
        OrmQ.objects.filter(key=self.name).update(lock=long_ago)


class Clock:
    """What the worker does at each beat."""

    def __init__(self, now: datetime) -> None:
        self.looked_at = self.look_at = self.search_at = now
        self.clusters = [Cluster(name, now) for name in STANDSTILL]

    def beat(self, now: datetime) -> None:
        """Enqueue what is due, show that the worker lives, and look after the clusters."""
        self.looked_at = tick(self.looked_at, now)
        if now < self.look_at:
            return
        self.look_at = now + LOOK_EVERY
        Heartbeat.objects.update_or_create(pk="worker", defaults={"seen_at": now})
        notifications.tasks.sweep()
        enqueue_lapsed()
        if now >= self.search_at:
            self.search_at = now + SEARCH_EVERY
            async_task("requests_app.tasks.look_for_stranded", save=False)
        for cluster in self.clusters:
            cluster.look_after(now)

    def stop(self) -> None:
        """Stop the clusters, together within a few seconds."""
        for cluster in self.clusters:
            cluster.stop()
        until = timezone.now() + timedelta(seconds=STOP_SECONDS)
        for cluster in self.clusters:
            cluster.wait(max(0.1, (until - timezone.now()).total_seconds()))


def run(stop: threading.Event) -> None:
    """Work until told to stop. A database that is away is waited for."""
    clock = Clock(timezone.now())
    is_planned = False
    try:
        while not stop.is_set():
            try:
                if not is_planned:
                    plan_sweeps()
                    enqueue_due()
                    is_planned = True
                clock.beat(timezone.now())
            except (OperationalError, InterfaceError) as error:
                logger.warning("The database does not answer, trying again: %s", error)
                connection.close()
                stop.wait(1)
            stop.wait(TICK_SECONDS)
    finally:
        clock.stop()


def tick(looked_at: datetime, now: datetime) -> datetime:
    """Enqueue what has become due since the last look; return until when was looked."""
    due = earliest(
        roles.queries.due.next_due(looked_at),
        roles.queries.emergency.next_alarm(looked_at),
        requests_app.queries.due.next_due(looked_at),
    )
    if due is None or due > now:
        return looked_at
    enqueue_due()
    return now


def enqueue_lapsed() -> None:
    """Enqueue what has lost what it stands on. No due time tells when, so it is looked for every few seconds."""
    roles.tasks.enqueue_lapsed()
    requests_app.tasks.enqueue_lapsed()


def enqueue_due() -> None:
    """Enqueue every start, end, reminder, escalation and time-out that has come and was not told."""
    roles.tasks.enqueue_due()
    requests_app.tasks.enqueue_due()


def plan_sweeps() -> None:
    """Once a minute django-q2 takes up what was missed, even if this clock stands still."""
    for task in SWEEPS:
        rows = Schedule.objects.filter(name=task).order_by("pk")
        if not rows.update(func=task, schedule_type=Schedule.MINUTES, minutes=1, repeats=-1):
            Schedule.objects.create(name=task, func=task, schedule_type=Schedule.MINUTES, minutes=1, repeats=-1)
        # Two workers that start at the same moment may each have made one.
        rows.exclude(pk__in=rows.values("pk")[:1]).delete()
