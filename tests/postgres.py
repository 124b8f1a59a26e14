"""A private PostgreSQL server for one run of the tests: started, used, stopped, deleted.

python -m tests.postgres -- pytest -m postgres

runs the command with DATABASE_URL set, and answers with the command's exit code. It listens on a Unix socket
in its own folder only, so any number of them may run at once. Without PostgreSQL's programs: NOT_INSTALLED.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOT_INSTALLED = 77
"""The exit code that says that nothing was run, for want of PostgreSQL."""

# A crash may lose these data: nobody wants them after the run.
OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses=''"


class NotInstalledError(Exception):
    """PostgreSQL's server programs are not on this machine."""


def main(arguments: list[str]) -> int:
    """Run a command with a server beside it."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print(__doc__)
        return 2

    # Ctrl-C reaches the command as well; let it end, then clean up. A polite kill cleans up too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with server() as url, subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url}) as process:
            return _wait(process)
    except NotInstalledError as error:
        print(error, file=sys.stderr)
        return NOT_INSTALLED


@contextmanager
def server() -> Iterator[str]:
    """Start a server in a temporary folder and yield its DATABASE_URL."""
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="pim-pg-"))
    try:
        initdb = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        _run(_who_may_run_it(folder), programs / "initdb", "-D", folder / "data", *initdb)
        start(folder)
        try:
            yield f"postgres://postgres@/{folder}/postgres"
        finally:
            stop(folder, how="immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start(folder: Path) -> None:
    """Start the server whose data lie in this folder."""
    options = f"{OPTIONS} -c unix_socket_directories='{folder}'"
    pg_ctl = (find_programs() / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-o", options)
    _run(_who_may_run_it(folder), *pg_ctl, "-w", "start")


def stop(folder: Path, *, how: str) -> None:
    """Stop it: smart, fast or immediate, as PostgreSQL calls it."""
    _run(_who_may_run_it(folder), find_programs() / "pg_ctl", "-D", folder / "data", "-m", how, "-w", "stop")


def find_programs() -> Path:
    """The folder with initdb and pg_ctl: from PATH, or the newest that Debian installed."""
    if (initdb := shutil.which("initdb")) and shutil.which("pg_ctl"):
        return Path(initdb).parent
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    if found := [folder for folder in folders if (folder / "initdb").exists()]:
        return max(found, key=lambda folder: float(folder.parent.name))
    raise NotInstalledError("PostgreSQL is not installed: there is no initdb.")


def _who_may_run_it(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then the folder and the server belong to somebody else."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _run(who: dict[str, Any], *command: str | Path) -> None:
    # Not the terminal's process group: Ctrl-C is for the tests, and the server is stopped afterwards.
    done = subprocess.run(
        command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        start_new_session=True, check=False, text=True, **who,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{command[0]} failed: {done.stderr.strip()}")


def _wait(process: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
        except SystemExit:
            process.terminate()
            process.wait()
            raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
