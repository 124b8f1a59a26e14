"""What digests and seals cost whoever writes, and how long verifying takes.

    python -m tests.postgres -- python -m tests.bench.sealing [ROUNDS [SECONDS [ROWS]]]

Eight processes activate roles, and then only tell, as fast as they can: without digests, with them, and with a sealer
beside them. The three take turns in every round, so that whatever else the machine does meets all of them. Then a
history of so many entries is sealed, verified, exported, and verified by the stand-alone script.
"""

import itertools
import multiprocessing
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

import tests.conftest  # noqa: F401 - the environment of the tests
from accounts.events import SignedIn
from accounts.models import User
from audit import chain, log, signature
from audit.models import Entry, Seal
from audit.operations import checkpoints, exporting, sealing
from audit.operations.verifying import Verification
from kernel.period import HOUR, MINUTE, SECOND
from roles.models import Eligibility
from tests import make

CLIENTS = 8
Work = Callable[[User], Callable[[], object]]
WAYS = ("without digests", "with digests", "with digests and seals")
FORK = multiprocessing.get_context("fork")


def main(rounds: int = 9, seconds: float = 4, rows: int = 100_000) -> None:
    """Measure and print."""
    call_command("migrate", verbosity=0)
    role = make.role(terms=make.EASY)
    for number in range(CLIENTS):
        make.eligibility(of=make.user(email=f"client{number}@example.com"), role=role)
    for work in (activate, tell):
        compare(work, rounds, seconds)
    count = Seal.objects.aggregate(entries=Sum("count"))
    print(f"sealed meanwhile: {count['entries']} entries in {Seal.objects.count()} seals")
    long_history(rows)


def activate(user: User) -> Callable[[], object]:
    """Activate one role again and again; the hours are made up, the transactions are not."""
    eligibility = Eligibility.objects.get(user=user)
    newest = Entry.objects.filter(person_id=user.pk).order_by("-at").first()
    at = (newest.at + number * HOUR for number in itertools.count(1))
    return lambda: make.activation(by=user, of=eligibility, duration=30 * MINUTE, at=next(at))


def tell(user: User) -> Callable[[], object]:
    """One entry in a transaction of its own: as much history as can be."""

    def one() -> None:
        with transaction.atomic():
            log.record(make.act(by=user), SignedIn())

    return one


def compare(work: Work, rounds: int, seconds: float) -> None:
    """The three ways in turns, and the medians of each and of the pairs in one round."""
    figures: dict[str, list[float]] = {way: [] for way in WAYS}
    spent: dict[str, list[float]] = {way: [] for way in WAYS}
    for turn in range(rounds):
        for way in WAYS[turn % 3 :] + WAYS[: turn % 3]:
            done, processor = together(work, way, seconds)
            figures[way].append(done / seconds)
            spent[way].append(1000 * processor / done)
    for way in WAYS:
        pairs = [one / other for one, other in zip(figures[way], figures[WAYS[0]], strict=True)]
        print(
            f"{work.__name__}, {way}: {statistics.median(figures[way]):.1f}/s"
            f" ({min(figures[way]):.1f} to {max(figures[way]):.1f}), {statistics.median(pairs):.3f} of the first,"
            f" {statistics.median(spent[way]):.2f} ms of the clients' processor for each"
        )


def together(work: Work, way: str, seconds: float) -> tuple[int, float]:
    """How many all clients together did, and how many seconds of the processor they needed."""
    connection.close()
    counts, start = FORK.Queue(), FORK.Barrier(CLIENTS + 1)
    clients = [FORK.Process(target=client, args=(n, work, way, seconds, counts, start)) for n in range(CLIENTS)]
    if way == WAYS[2]:
        clients.append(FORK.Process(target=seal_for, args=(seconds,)))
    for process in clients:
        process.start()
    start.wait()
    each = [counts.get() for _ in range(CLIENTS)]
    for process in clients:
        process.join()
    return sum(done for done, _ in each), sum(processor for _, processor in each)


def client(number: int, work: Work, way: str, seconds: float, counts: Any, start: Any) -> None:
    """Work as fast as it goes."""
    if way == WAYS[0]:
        vars(log).update(sha256=lambda text: "", content=lambda row: "")
    call, done = work(User.objects.get(email=f"client{number}@example.com")), 0
    call()
    start.wait()
    until, began = time.monotonic() + seconds, time.process_time()
    while time.monotonic() < until:
        call()
        done += 1
    counts.put((done, time.process_time() - began))
    connection.close()


def seal_for(seconds: float) -> None:
    """What the worker does every second."""
    sealer, until = sealing.Sealer(), time.monotonic() + seconds
    while time.monotonic() < until:
        sealer.seal(timezone.now())
        time.sleep(SECOND.total_seconds())
    connection.close()


def long_history(rows: int) -> None:
    """Make, seal, verify and export so many entries."""
    base = {"kind": "role.activated", "actor_name": "John Doe", "actor_id": 1, "ip": "192.0.2.7"}
    base |= {"person_name": "John Doe", "person_id": 1, "role_name": "Teams Administrator", "role_id": 2}
    base |= {"scope_name": "Directory", "proof_method": "totp", "proof_device": "Phone", "facts": {"minutes": 60}}
    for begin in range(0, rows, 5000):
        page = []
        for number in range(begin, min(begin + 5000, rows)):
            at = make.NINE + number * SECOND
            row = {**base, "at": at, "proof_at": at - timedelta(minutes=1), "because": f"Change {number}"}
            page.append(Entry(**row, digest=chain.sha256(chain.content(row))))
        Entry.objects.bulk_create(page)
    timed("sealing", lambda: sealing.seal_all(make.NINE, patience=60))
    walk = Verification()
    # What was written without digests is found, of course.
    timed("verifying", lambda: print(sum(1 for _ in walk.findings()), "found in", walk.entries, "entries"))
    for table in ("audit_entry", "audit_seal"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_size_pretty(pg_total_relation_size(%s))", [table])
            print(f"size of {table}: {cursor.fetchone()[0]}")
    settings_key, public = signature.make_key()
    signature.settings.HISTORY_KEY = settings_key
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        written = checkpoints.write(make.NINE)
        timed(
            "exporting",
            lambda: file.writelines(f"{line}\n" for line in exporting.lines(chain.START, written, make.NINE)),
        )
        file.flush()
        script = [sys.executable, "-I", "-S", "audit/verify_export.py", file.name, "--key", public]
        timed("the stand-alone script", lambda: subprocess.run(script, check=True))
        print(f"export: {Path(file.name).stat().st_size / 1e6:.0f} MB")


def processor_time() -> float:
    """Seconds of the processor so far, of this process and of those it has waited for."""
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in usage)


def timed(what: str, call: Callable[[], object]) -> None:
    """Print how long it took, on the clock and of the processor, and the most memory so far."""
    began, worked = time.monotonic(), processor_time()
    call()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent = f"{time.monotonic() - began:.1f} s, {processor_time() - worked:.1f} s of the processor"
    print(f"{what}: {spent}, at most {memory:.0f} MB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
