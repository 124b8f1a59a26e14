"""The worker: a clock that enqueues what is due, and two watched django-q2 clusters that do it.

Emails have a cluster of their own, so that a slow mail server holds up nothing else. Access waits for none of this: it
ends by the clock on read.
"""

import logging
import threading
import time
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule

import requests_app.queries.due
import requests_app.tasks
import reviews.queries.due
import reviews.tasks
import roles.queries.due
import roles.queries.emergency
import roles.tasks
from accounts.act import Act
from kernel.period import MINUTE, earliest
from notifications.operations import outbox
from pimportal import outside
from pimportal.clusters import STANDSTILL, Cluster, give_back
from pimportal.duties import ROUNDS, SWEEPS, Duty
from pimportal.health import WORKER, beat

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""How long the clock sleeps at most before it looks again for what is due next."""
PAUSE_SECONDS = 0.1
"""How long it rests after it enqueued something: what comes meanwhile goes together."""
BEAT_SECONDS = 3
STOP_SECONDS = 8
SET_BACK_SECONDS = 2
"""From here on a clock was put back by somebody, rather than corrected a little by the system."""


class Clock:
    """What the worker does at each beat. Spans are measured by a clock that nobody sets."""

    def __init__(self, now: datetime) -> None:
        self.looked_at = self.now = now
        self.steady = time.monotonic()
        self.beat_at = 0.0
        self.round_at = dict.fromkeys(ROUNDS, 0.0)
        self.done: dict[str, datetime] = {}
        self.clusters = [Cluster(name) for name in STANDSTILL]

    def beat(self, now: datetime) -> float:
        """Enqueue what is due, make the rounds, show that the worker lives, look after the clusters; return how many
        seconds to sleep."""
        steady = time.monotonic()
        if (now - self.now).total_seconds() < steady - self.steady - SET_BACK_SECONDS:
            logger.warning("The clock of this machine was put back: it is %s.", now.isoformat())
            self.looked_at = min(self.looked_at, now)
            set_right(now)
        self.now, self.steady = now, steady
        self.looked_at, pause = tick(self.looked_at, now)
        for duty in ROUNDS:
            self._make_round(duty, now)
        if steady >= self.beat_at:
            beat({WORKER: now, **self.done})
            self.done.clear()
            self.beat_at = steady + BEAT_SECONDS
            for cluster in self.clusters:
                cluster.look_after()
        return pause

    def _make_round(self, duty: Duty, now: datetime) -> None:
        if duty.call and duty.every and self.steady >= self.round_at[duty]:
            duty.call()
            self.done[duty.task] = now
            self.round_at[duty] = self.steady + duty.every.total_seconds()

    def stop(self) -> None:
        """Stop the clusters; what they have in hand is finished, within a few seconds."""
        for cluster in self.clusters:
            cluster.stop()
        until = time.monotonic() + STOP_SECONDS
        for cluster in self.clusters:
            cluster.wait(max(0.1, until - time.monotonic()))


def run(stop: threading.Event) -> None:
    """Work until told to stop. A database that is away is waited for."""
    clock = Clock(timezone.now())
    is_planned = False
    try:
        while not stop.is_set():
            try:
                if not is_planned:
                    compare_history()
                    set_right(timezone.now())
                    enqueue_due()
                    is_planned = True
                pause = clock.beat(timezone.now())
            except (OperationalError, InterfaceError) as error:
                logger.warning("The database does not answer, trying again: %s", error)
                connection.close()
                pause = 1
            stop.wait(pause)
    finally:
        clock.stop()


def compare_history() -> None:
    """Tell if an older copy of the database was restored. That the checkpoints outside cannot be read stops nothing."""
    try:
        outside.compare(Act(None, timezone.now()))
    except (OSError, ValueError) as error:
        logger.error("The history was not held against the checkpoints kept outside: %s", error)


def tick(looked_at: datetime, now: datetime) -> tuple[datetime, float]:
    """Enqueue what has become due since the last look; return until when was looked, and how many seconds to sleep."""
    due = earliest(
        roles.queries.due.next_due(looked_at),
        roles.queries.emergency.next_alarm(looked_at),
        requests_app.queries.due.next_due(looked_at),
        reviews.queries.due.next_due(looked_at),
    )
    if due is None or due > now:
        return looked_at, min(LOOK_SECONDS, (due - now).total_seconds() if due else LOOK_SECONDS)
    roles.tasks.enqueue_come(looked_at, now)
    roles.tasks.enqueue_alarms()
    requests_app.tasks.enqueue_come(looked_at, now)
    reviews.tasks.enqueue_come(looked_at, now)
    return now, PAUSE_SECONDS


def enqueue_due() -> None:
    """Enqueue every start, end, reminder, escalation and time-out that has come and was not told."""
    roles.tasks.enqueue_due()
    requests_app.tasks.enqueue_due()
    reviews.tasks.enqueue_due()


def set_right(now: datetime) -> None:
    """See that no sweep, task or email waits for a moment a wrong clock named, or for a worker that is gone; and that
    what such a clock told is told again at its time."""
    plan_sweeps()
    Schedule.objects.filter(next_run__gt=now + MINUTE).update(next_run=now)
    # What a worker that was killed had in hand as well. What another one has in hand may run twice: no task minds.
    give_back(OrmQ.objects.all(), now)
    outbox.bring_forward(now)
    roles.tasks.enqueue_taken_back(now)


def plan_sweeps() -> None:
    """Once a minute django-q2 takes up what was missed, even if this clock stands still."""
    for task in (duty.task for duty in SWEEPS):
        rows = Schedule.objects.filter(name=task).order_by("pk")
        if not rows.update(func=task, schedule_type=Schedule.MINUTES, minutes=1, repeats=-1):
            Schedule.objects.create(name=task, func=task, schedule_type=Schedule.MINUTES, minutes=1, repeats=-1)
        # Two workers that start at the same moment may each have made one.
        rows.exclude(pk__in=rows.values("pk")[:1]).delete()
