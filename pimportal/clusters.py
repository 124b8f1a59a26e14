"""A django-q2 cluster of the worker: started, watched, started again when its queue stands still.

When one of its processes was killed, a cluster can look alive while nothing in it works; what counts is whether its
queue gets shorter. Spans are measured by a clock that nobody sets, so that a clock put back freezes nothing.
"""

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from notifications.operations.outbox import EMAIL_CLUSTER

logger = logging.getLogger(__name__)

# How many seconds a queue may stand still. Longer for emails: one may take until django-q2's time-out of 60 s.
STANDSTILL = {str(settings.Q_CLUSTER["name"]): 20, EMAIL_CLUSTER: 90}
RESTART_PAUSE = 5
RETRY = timedelta(seconds=int(str(settings.Q_CLUSTER["retry"])))
PR_SET_PDEATHSIG = 1
MANAGE = Path(settings.BASE_DIR) / "manage.py"


class Cluster:
    """One django-q2 cluster in a process group of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.start()

    def start(self) -> None:
        """Start its processes."""
        self.started_at = self.moved_at = time.monotonic()
        self.in_hand: set[int] = set()
        environment = {**os.environ, "Q_CLUSTER_NAME": self.name}
        self.process = subprocess.Popen(
            [sys.executable, str(MANAGE), "qcluster"],
            start_new_session=True, env=environment, preexec_fn=_end_with_the_worker,
        )  # fmt: skip

    def look_after(self) -> None:
        """See that its queue moves, with a canary in it if it is empty; start it again if it stands still."""
        now = time.monotonic()
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
            self.start()

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
        give_back(OrmQ.objects.filter(key=self.name), timezone.now())


def give_back(tasks: QuerySet[OrmQ], now: datetime) -> None:
    """Let these tasks be taken from the queue at once, by a machine whose clock is somewhat behind as well."""
    tasks.update(lock=now - RETRY)


def _end_with_the_worker() -> None:
    """Called in a new process: when the worker dies without a word, its clusters finish what they have in hand."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
