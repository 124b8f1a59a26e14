"""`make run` as somebody types it who has just cloned the project, and starts that are refused."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from django.conf import settings

from pimportal import demo
from tests.conftest import NOT_TESTED
from tests.stories import processes
from tests.stories.processes import wait_for

pytestmark = pytest.mark.slow

GOOD_ENDS = (0, 130, -signal.SIGINT)
STOPS_WITHIN = 15
PRODUCTION = {
    "SECRET_KEY": "a-key-of-its-own-" + "0123456789" * 5,
    "PUBLIC_URL": "https://pim.example.org",
    "ALLOWED_HOSTS": "pim.example.org",
    "DATABASE_URL": "sqlite://:memory:",
    "EMAIL_URL": "smtp://localhost:25",
    "EMAIL_FROM": "pim@example.org",
}


class Portal:
    """`make run` on a port and a database of its own, in the .venv that is there."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.output = folder / "make-run.txt"
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                # -o: nothing is installed, whatever changed since.
                ["make", "-o", ".venv/.installed", "run", f"PORT={self.port}",
                 f"DATABASE_URL=sqlite:///{folder}/portal.sqlite3"],
                cwd=settings.BASE_DIR, env=processes.environment(), stdout=file, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=processes.end_with_the_tests,
            )  # fmt: skip

    @property
    def processes(self) -> list[processes.Process]:
        """It, and whatever it started."""
        return processes.below(self.process.pid)

    def gets(self, path: str) -> str | None:
        """The page at this address; nothing as long as nobody answers."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return str(answer.read().decode())
        except (URLError, ConnectionError):
            return None

    def is_ready(self) -> bool:
        """Whether the web answers and the worker works."""
        assert self.process.poll() is None, self.output.read_text()
        facts: dict[str, str] = json.loads(self.gets("/readyz/") or "{}")
        return [facts.get(name) for name in ("database", "migrations", "worker")] == ["ok"] * 3


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    """It runs, and is gone afterwards."""
    if not (settings.BASE_DIR / ".venv/bin/honcho").exists():
        pytest.skip(f"{NOT_TESTED}make run, because there is no .venv.")
    started = Portal(tmp_path)
    all_of_it: list[processes.Process] = []
    try:
        wait_for(started.is_ready, seconds=60, every=0.2)
        yield started
    finally:
        all_of_it += started.processes
        processes.end(all_of_it)
        started.process.wait()


def ctrl_c(portal: Portal) -> None:
    """What a terminal does: everybody in the foreground is interrupted."""
    os.killpg(portal.process.pid, signal.SIGINT)


def polite_kill(portal: Portal) -> None:
    """What a service manager does."""
    os.killpg(portal.process.pid, signal.SIGTERM)


@pytest.mark.parametrize(("stop", "good_ends"), [(ctrl_c, GOOD_ENDS), (polite_kill, (0, 143, -signal.SIGTERM))])
def test_one_command_starts_the_demo_and_another_one_stops_all_of_it(
    portal: Portal, stop: Any, good_ends: tuple[int, ...]
) -> None:
    said = portal.output.read_text()
    assert [person.email for person in demo.PEOPLE if f"  {person.email} " not in said] == []
    assert {f"http://127.0.0.1:{portal.port}/", demo.PASSWORD, demo.TOTP_SECRET} <= set(said.split())

    assert json.loads(portal.gets("/healthz/") or "") == {"status": "ok"}
    page = portal.gets("/sign-in/") or ""
    assert "This is the demo" in page
    (style, *_others) = re.findall(r'href="(/static/css/[^"]+)"', page)
    assert portal.gets(style)

    all_of_it = portal.processes
    asked_at = time.monotonic()
    stop(portal)
    code = portal.process.wait(STOPS_WITHIN)
    wait_for(lambda: not processes.still_running(all_of_it), seconds=STOPS_WITHIN - (time.monotonic() - asked_at))

    assert code in good_ends
    print(f"{len(all_of_it)} processes, {time.monotonic() - asked_at:.1f} s, code {code}")  # noqa: T201


def test_a_port_that_is_taken_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            ["make", "-o", ".venv/.installed", "run", f"PORT={port}"],
            cwd=settings.BASE_DIR, env=processes.environment(), capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip

    assert done.returncode == 2
    assert f"Port {port} is taken. Choose another one: make run PORT=8001" in done.stderr


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": ""}, "Set SECRET_KEY in the environment"),
        ({"SECRET_KEY": "{DEBUG_SECRET}"}, "This SECRET_KEY is public."),
        ({"SECRET_KEY": "{DEBUG_SECRET}", "DEMO": "on"}, "This SECRET_KEY is public."),
        ({"SECRET_KEY_FALLBACKS": "{DEBUG_SECRET}"}, "This SECRET_KEY is public."),
        ({"SECRET_KEY": "x" * 49}, "This SECRET_KEY is too short."),
        ({"ALLOWED_HOSTS": ""}, "Set ALLOWED_HOSTS in the environment"),
        ({"EMAIL_FROM": ""}, "Set EMAIL_FROM in the environment"),
        ({"PUBLIC_URL": "http://pim.example.org"}, "Set PUBLIC_URL in the environment, like https://"),
        ({"PUBLIC_URL": ""}, "Set PUBLIC_URL in the environment"),
        ({"EMAIL_URL": ""}, "Set EMAIL_URL in the environment"),
        ({"METRICS_TOKEN": "short"}, "This METRICS_TOKEN is too short."),
        ({"METRICS_NETWORKS": "10.0.0.0/8,home"}, "METRICS_NETWORKS: 'home' does not appear to be"),
    ],
)
def test_an_unsafe_start_is_refused_with_a_sentence(changes: dict[str, str], sentence: str) -> None:
    given = {name: value.format(DEBUG_SECRET=settings.DEBUG_SECRET) for name, value in changes.items()}

    done = check({**PRODUCTION, **given})

    assert done.returncode == 1
    assert sentence in done.stderr.splitlines()[-1]


def test_a_production_start_passes_every_check_of_django() -> None:
    done = check(PRODUCTION, "--deploy", "--fail-level", "WARNING")

    assert (done.returncode, done.stdout) == (0, "System check identified no issues (1 silenced).\n"), done.stderr


def check(given: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` with these values in the environment, and none of the tests' own."""
    return subprocess.run(
        [sys.executable, "manage.py", "check", *arguments],
        cwd=settings.BASE_DIR, env=processes.environment(**given), capture_output=True, text=True, check=False,
        timeout=30,
    )  # fmt: skip
