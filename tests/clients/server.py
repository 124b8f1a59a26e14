"""The portal as it is served, by several processes, on the test's own database; and many clients at one moment."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from tests import queue, visit
from tests.stories import processes
from tests.stories.processes import wait_for

LONGEST = 60
CSRF = "x" * 32
# On SQLite each process writes for itself; on PostgreSQL, as in production, each has threads as well.
SERVED_BY = {"sqlite": ("--workers", "8", "--threads", "4"), "postgresql": ("--workers", "4", "--threads", "8")}


@dataclass(frozen=True)
class Server:
    """A running portal."""

    port: int

    def answers(self) -> bool:
        """Whether it serves already."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


@contextlib.contextmanager
def running(log: Path) -> Iterator[Server]:
    """Start the portal with gunicorn; nothing of it is left afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # With DEBUG static files have their own names, so that nothing has to be collected first.
    environment = {**os.environ, "DATABASE_URL": queue.database_url(), "DEBUG": "on", "EMAIL_URL": "dummymail://"}
    served_by = SERVED_BY[connection.vendor]
    command = [sys.executable, "-m", "gunicorn", "pimportal.wsgi", "--bind", f"127.0.0.1:{port}", "--preload"]
    with log.open("w") as file:
        process = subprocess.Popen(
            [*command, *served_by, "--worker-class", "gthread", "--no-control-socket", "--log-level", "warning"],
            cwd=settings.BASE_DIR, env=environment, stdout=file, stderr=file, start_new_session=True,
            preexec_fn=processes.end_with_the_tests,
        )  # fmt: skip
    everything = []
    try:
        wait_for(Server(port).answers, seconds=LONGEST)
        everything = processes.below(process.pid)
        yield Server(port)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        processes.end([*everything, *processes.below(process.pid)])
        process.wait()


@dataclass(frozen=True)
class Post:
    """What one client sends."""

    session: str
    path: str
    fields: tuple[tuple[str, str], ...]

    def bytes(self) -> bytes:
        """As it goes over the wire."""
        body = urlencode([("csrfmiddlewaretoken", CSRF), *self.fields])
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Cookie: {settings.SESSION_COOKIE_NAME}={self.session}; {settings.CSRF_COOKIE_NAME}={CSRF}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return (head + body).encode()


@dataclass(frozen=True)
class Answer:
    """What one client got."""

    status: int
    location: str
    text: str


def session_of(person: User) -> str:
    """A session of this person, who has shown a second factor this moment."""
    browser = visit.by(person, proven_at=timezone.now())
    return str(browser.cookies[settings.SESSION_COOKIE_NAME].value)


def post(person_session: str, path: str, **fields: str) -> Post:
    """Somebody sends a form."""
    return Post(person_session, path, tuple(fields.items()))


def at_once(server: Server, posts: Sequence[Post]) -> tuple[list[Answer], float]:
    """Send them at one moment: all but the last byte first, then, when all are there, the last bytes together.

    Returns the answers in the same order, and the seconds until the last one was there.
    """
    start = threading.Barrier(len(posts) + 1, timeout=LONGEST)
    answers: list[Answer | BaseException] = [OSError("no answer")] * len(posts)

    def run(number: int, one: Post) -> None:
        try:
            sent = one.bytes()
            with socket.create_connection(("127.0.0.1", server.port), LONGEST) as wire:
                wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                wire.sendall(sent[:-1])
                start.wait()
                wire.sendall(sent[-1:])
                answers[number] = _answer(wire)
        except BaseException as error:
            answers[number] = error

    threads = [threading.Thread(target=run, args=each, daemon=True) for each in enumerate(posts)]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.monotonic()
    for thread in threads:
        thread.join(LONGEST)
    took = time.monotonic() - begun
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return [answer for answer in answers if isinstance(answer, Answer)], took


def _answer(wire: socket.socket) -> Answer:
    response = HTTPResponse(wire)
    response.begin()
    text = response.read().decode()
    return Answer(response.status, response.headers.get("Location", ""), text)


def statuses(answers: Sequence[Answer]) -> dict[int, int]:
    """How many got which answer."""
    return dict(Counter(answer.status for answer in answers))
