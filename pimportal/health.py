"""How the portal is: does its worker live, is it in time, do emails leave, do the clocks agree."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Subquery
from django.db.models.functions import Now
from django.utils.dateparse import parse_datetime
from django_q.models import OrmQ

from audit.events import HistoryContradicted
from audit.models import Archive, Entry, Hindrance
from audit.operations import archiving
from audit.operations.receivers import configured
from audit.queries.sealed import Sealed, how_far
from audit.queries.streams import Stream, states
from kernel.period import HOUR, MINUTE, SECOND
from notifications.models import Email
from pimportal.models import Heartbeat
from roles.events import ActivationEnded, AssignmentEnded, EligibilityEnded

WORKER = "worker"
CONTRADICTED = "history.contradicted"
"""When the history was last found not to fit a checkpoint kept outside; gone when it fits."""
WORKER_SILENT_AFTER = 30 * SECOND
EMAIL_LATE_AFTER = 5 * MINUTE
CLOCKS_APART = 2 * SECOND
"""From here on it is told that two clocks differ: proofs, ends and codes are matters of seconds."""
ENDS = (ActivationEnded.kind, AssignmentEnded.kind, EligibilityEnded.kind)
LAST_ENDS = 100


def beat(seen: dict[str, datetime]) -> None:
    """Write down when the worker was seen alive and duties were done, in one statement."""
    rows = [Heartbeat(name=name, seen_at=at, database_at=Now()) for name, at in seen.items()]
    Heartbeat.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["name"], update_fields=["seen_at", "database_at"]
    )


@dataclass(frozen=True)
class Alarms:
    """What an administrator has to know on every page."""

    at: datetime
    worker_seen_at: datetime | None
    oldest_email_at: datetime | None
    history_contradicted_at: datetime | None = None

    @property
    def worker_age(self) -> timedelta | None:
        """Since the worker was last seen; None if it never was."""
        return self.at - self.worker_seen_at if self.worker_seen_at else None

    @property
    def email_age(self) -> timedelta | None:
        """How long the oldest unsent email has waited; None if none waits."""
        return self.at - self.oldest_email_at if self.oldest_email_at else None

    @property
    def worker_is_silent(self) -> bool:
        """Whether the worker was never seen, or not lately."""
        return self.worker_age is None or self.worker_age >= WORKER_SILENT_AFTER

    @property
    def emails_are_late(self) -> bool:
        """Whether an email waits for more than five minutes."""
        return self.email_age is not None and self.email_age > EMAIL_LATE_AFTER


def alarms(at: datetime) -> Alarms:
    """All answers by one cheap query, once there was a worker: it is asked with every page of an administrator."""
    oldest = Email.objects.waiting().order_by("promised_at").values_list("promised_at", flat=True)[:1]
    contradicted = Heartbeat.objects.filter(pk=CONTRADICTED).values_list("seen_at", flat=True)
    worker = Heartbeat.objects.filter(pk=WORKER)
    found = worker.values_list("seen_at", Subquery(oldest), Subquery(contradicted)).first()
    return Alarms(at, *found) if found else Alarms(at, None, oldest.first(), contradicted.first())


@dataclass(frozen=True)
class Emails:
    """What waits in the outbox, and what left it lately."""

    waiting: int
    failing: int
    sent_last_hour: int
    given_up: int


def emails(at: datetime) -> Emails:
    """How emails leave. Those given up are counted for 30 days."""
    waiting = Email.objects.waiting()
    lately = Email.objects.filter(promised_at__gt=at - HOUR)
    return Emails(
        waiting=waiting.count(),
        failing=waiting.filter(tries__gt=0).exclude(last_error="").count(),
        sent_last_hour=lately.filter(sent_at__gt=at - HOUR).count(),
        given_up=Email.objects.filter(promised_at__gt=at - timedelta(days=30)).exclude(gave_up_at=None).count(),
    )


@dataclass(frozen=True)
class Ends:
    """How late the last ends were written down; None where there was none yet."""

    in_last_hour: int
    usual_lateness: timedelta | None
    worst_lateness: timedelta | None


def ends(at: datetime) -> Ends:
    """Of the last hundred ends that came by time, of each kind."""
    late = sorted(lateness for kind in ENDS for lateness in _lateness_of(kind))
    return Ends(
        in_last_hour=sum(Entry.objects.filter(kind=kind, at__gt=at - HOUR).count() for kind in ENDS),
        usual_lateness=late[len(late) // 2] if late else None,
        worst_lateness=late[-1] if late else None,
    )


def _lateness_of(kind: str) -> list[timedelta]:
    # One kind at a time, so that the index has them in order.
    last = Entry.objects.filter(kind=kind).order_by("-at")[:LAST_ENDS].values_list("at", "because", "facts")
    told = ((at, parse_datetime(facts["ended_at"])) for at, because, facts in last if not because)
    return [at - ended_at for at, ended_at in told if ended_at]


@dataclass(frozen=True)
class Clocks:
    """How far the clocks of web and worker are ahead of the database's; None where no worker was seen."""

    web: timedelta
    worker: timedelta | None

    @property
    def are_apart(self) -> bool:
        """Whether one of them is wrong enough to be told."""
        return any(abs(ahead) >= CLOCKS_APART for ahead in (self.web, self.worker) if ahead is not None)


def clocks(at: datetime) -> Clocks:
    """Three clocks held against each other: this one, the database's, and the worker's at its last beat."""
    worker = Heartbeat.objects.filter(pk=WORKER).exclude(database_at=None).first()
    ahead = worker.seen_at - worker.database_at if worker and worker.database_at else None
    return Clocks(at - _database_now(at), ahead)


def _database_now(at: datetime) -> datetime:
    if connection.vendor != "postgresql":
        return at  # SQLite has no clock but that of the process which asks.
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


@dataclass(frozen=True)
class Health:
    """All that is known of how the portal is."""

    alarms: Alarms
    ends: Ends
    emails: Emails
    clocks: Clocks
    history: Sealed
    streams: list[Stream]
    queue_length: int


def look(at: datetime) -> Health:
    """Look after everything. The queue counts what waits and what is in hand."""
    # The clocks first: what comes before would be taken for a difference.
    return Health(
        clocks=clocks(at), alarms=alarms(at), ends=ends(at), emails=emails(at), history=how_far(at),
        streams=states({receiver.name: receiver.where for receiver in configured()}, at),
        queue_length=OrmQ.objects.count(),
    )  # fmt: skip


def compared_at() -> datetime | None:
    """When the history was last held against the checkpoints kept outside, whatever came of it."""
    done = Heartbeat.objects.filter(pk="pimportal.tasks.compare_history")
    return done.values_list("seen_at", flat=True).first()


def contradiction() -> str:
    """How the history was last found not to fit a checkpoint kept outside, in a sentence; empty if it never was."""
    told = Entry.objects.filter(kind=HistoryContradicted.kind).order_by("-at", "-pk")
    return told.values_list("because", flat=True).first() or ""


@dataclass(frozen=True)
class Retention:
    """How long the history stays in the tables, and how archiving the rest goes."""

    keep_days: int
    folder: str
    last: Archive | None
    waits_for: list[str]
    hindrance: Hindrance | None


def retention(at: datetime) -> Retention | None:
    """None if the history is kept for ever."""
    if settings.HISTORY_KEEP_DAYS is None:
        return None
    last, waits_for = Archive.objects.order_by("-number").first(), archiving.waiting_for(at)
    return Retention(
        settings.HISTORY_KEEP_DAYS, settings.HISTORY_ARCHIVE_DIR, last, waits_for, Hindrance.objects.first()
    )


def is_migrated() -> bool:
    """Whether every migration has been applied."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
