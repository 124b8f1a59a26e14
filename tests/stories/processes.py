"""Processes as the operating system sees them: who started whom, and who still runs."""

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

PROC = Path("/proc")
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Process(NamedTuple):
    """A process; the moment it started tells it from a later one with the same number."""

    pid: int
    parent: int
    started: str
    command: str


def running() -> list[Process]:
    """Every process that has not ended."""
    found = []
    for folder in PROC.iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdecimal():
                # After the name in brackets: state, parent, …; the 20th of these is the start.
                state, parent, *rest = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (folder / "cmdline").read_text().replace("\x00", " ")
                if state not in "ZX":
                    found.append(Process(int(folder.name), int(parent), rest[17], command))
    return found


def below(pid: int) -> list[Process]:
    """The process and all that it started, and those that they started."""
    known, everybody = {pid}, running()
    while more := {process.pid for process in everybody if process.parent in known} - known:
        known |= more
    return [process for process in everybody if process.pid in known]


def environment_of(pid: int) -> list[str]:
    """What a process was given, as NAME=value; nothing once it has ended."""
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "environ").read_text().split("\x00")
    return []


def still_running(processes: list[Process]) -> list[Process]:
    """Those of them that have not ended."""
    now = {(process.pid, process.started) for process in running()}
    return [process for process in processes if (process.pid, process.started) in now]


def end(processes: list[Process]) -> None:
    """End them, whatever they do."""
    for process in still_running(processes):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def end_with_the_tests() -> None:
    """Called in a new process: heed Ctrl-C and polite kills, and end politely when the tests are killed.

    A shell that starts the tests in the background lets them ignore Ctrl-C, and so all that they start.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def wait_for(what: Callable[[], Any], *, seconds: float, every: float = 0.05) -> Any:
    """What it answers as soon as that is something; TimeoutError if it is nothing for so long."""
    until = time.monotonic() + seconds
    while not (found := what()):
        if time.monotonic() > until:
            raise TimeoutError(f"nothing within {seconds} seconds: {what}")
        time.sleep(every)
    return found


def environment(**changes: str) -> dict[str, str]:
    """The environment of a process that is set up by these values alone, whatever the tests run with."""
    ours = (
        "ALLOWED_HOSTS", "DATABASE_URL", "DEBUG", "DEMO", "DJANGO_ALLOW_ASYNC_UNSAFE", "EMAIL_URL",
        "HISTORY_ARCHIVE_DIR", "HISTORY_CHECKPOINT_FILE", "HISTORY_KEEP_DAYS", "HISTORY_KEY", "HISTORY_KEY_FILE",
        "HISTORY_OLD_PUBLIC_KEYS", "HISTORY_STREAM_FILE",
        "HISTORY_STREAM_SYSLOG", "HISTORY_STREAM_WEBHOOK", "MAKEFLAGS",
        "MAKELEVEL", "MFLAGS", "PASSWORD_HASHER_FAST", "PORT", "PUBLIC_URL", "SECRET_KEY",
    )  # fmt: skip
    return {name: value for name, value in os.environ.items() if name not in ours} | changes
