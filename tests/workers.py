"""`manage.py worker` as a real process on the test's own database, and a mail server that keeps what it is given."""

import email
import email.policy
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django_q.models import OrmQ
from django_q.tasks import async_task

from pimportal.models import Heartbeat
from tests import queue
from tests.stories import processes
from tests.stories.processes import wait_for

CLUSTERS = ("pimportal", "email")


class Worker:
    """`manage.py worker` on the database of the test."""

    def __init__(self, log: Path, email_url: str) -> None:
        self.log = log
        environment = {**os.environ, "DATABASE_URL": queue.database_url(), "EMAIL_URL": email_url}
        with log.open("a") as file:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "worker"],
                cwd=settings.BASE_DIR, env=environment, stdout=file, stderr=file, start_new_session=True,
                preexec_fn=processes.end_with_the_tests,
            )  # fmt: skip

    @property
    def processes(self) -> list[processes.Process]:
        """It, and whatever it started."""
        return processes.below(self.process.pid)

    def cluster(self, name: str) -> int | None:
        """The number of a django-q2 cluster's first process, which is that of its group."""
        mine = [process.pid for process in self.processes if process.parent == self.process.pid]
        wanted = f"Q_CLUSTER_NAME={name}"
        return next((pid for pid in mine if wanted in processes.environment_of(pid)), None)

    def works(self) -> bool:
        """Whether its clock ticks and nothing is left in the queues."""
        assert self.process.poll() is None, "the worker has ended"
        return Heartbeat.objects.filter(pk="worker").exists() and not OrmQ.objects.exists()

    def freeze(self, *, thaw: bool = False) -> None:
        """Stop every process of it where it stands, or let all go on."""
        for process in self.processes:
            os.kill(process.pid, signal.SIGCONT if thaw else signal.SIGSTOP)

    def kill(self) -> None:
        """End every process of it at once, as a machine does that loses its power."""
        processes.end(self.processes)
        self.process.wait()

    def terminate(self) -> int:
        """Ask it to stop, and wait."""
        self.process.terminate()
        return self.process.wait(10)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Starts workers, and sees to it that nothing of them is left."""
    started: list[Worker] = []
    everything: list[processes.Process] = []
    log = tmp_path / "worker.log"

    def start(email_url: str = "dummymail://", *, is_waited_for: bool = True) -> Worker:
        for name in CLUSTERS:
            async_task("pimportal.tasks.canary", cluster=name, save=False)
        started.append(Worker(log, email_url))
        if is_waited_for:
            wait_for(started[-1].works, seconds=30)
        everything.extend(started[-1].processes)
        return started[-1]

    yield start
    for each in started:
        processes.end([*everything, *each.processes])
        each.process.wait()
    print(log.read_text() if log.exists() else "")  # noqa: T201


class Postbox:
    """A mail server that keeps every message, with the moment it took it. It offers what most of them do."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.taken_at: list[float] = []

    def messages(self) -> list[EmailMessage]:
        """What it took. Read when asked for: what is measured is how emails leave. No property, because aiosmtpd looks
        at each of those for every connection."""
        return [_read(content) for content in list(self.taken)]

    # aiosmtpd calls these by name.

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Greet, and offer to take several commands at once."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a message."""
        self.taken.append(envelope.content)
        self.taken_at.append(time.time())
        return "250 OK"


def _read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def serve(handler: Any) -> tuple[Controller, str]:
    """Start a mail server; it, and its EMAIL_URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    return controller, f"smtp://127.0.0.1:{port}"


@pytest.fixture
def letterbox() -> Iterator[tuple[Postbox, str]]:
    """A mail server that takes everything, and its EMAIL_URL."""
    handler = Postbox()
    controller, url = serve(handler)
    yield handler, url
    controller.stop()
