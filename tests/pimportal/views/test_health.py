"""Is it alive, is it ready?"""

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django_q.models import OrmQ, Schedule

import pimportal.health
from accounts.events import SignedIn
from audit import signature
from audit.log import record
from audit.models import Archive, Entry, Hindrance, StreamCursor
from audit.operations import checkpoints
from audit.operations.sealing import seal_all
from audit.queries import sealed, streams
from kernel.period import HOUR, MINUTE, SECOND
from notifications.models import Email
from pimportal.duties import DUTIES
from pimportal.health import WORKER, beat
from pimportal.models import Heartbeat
from pimportal.worker import plan_sweeps
from roles.operations import activation
from tests import make, visit
from tests.make import NINE, THE_DAY_BEFORE
from tests.old_history import archive

pytestmark = pytest.mark.usefixtures("at_nine", "db")


def test_a_living_process_says_so():
    response = Client().get("/healthz/")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("silent_for", "worker"), [(None, "silent"), (30 * SECOND, "silent"), (29 * SECOND, "ok"), (0 * SECOND, "ok")]
)
def test_a_ready_portal_says_so_and_how_the_worker_is(silent_for, worker):
    if silent_for is not None:
        beat({WORKER: NINE - silent_for})

    response = Client().get("/readyz/")

    assert response.status_code == 200
    assert response.json() == {
        "database": "ok",
        "migrations": "ok",
        "worker": worker,
        "worker_seen_at": None if silent_for is None else (NINE - silent_for).isoformat(),
        "ends_late_seconds": None,
        "queue": 0,
        "oldest_unsent_email_seconds": None,
        "clocks": response.json()["clocks"],
        "history": "ok",
        "history_unsealed_seconds": 0,
        "streams_behind_seconds": {},
    }


def test_a_ready_portal_tells_of_late_ends_and_waiting_emails_but_stays_ready(user):
    ending = make.assignment(of=user, end_at=NINE - HOUR)
    activation.tell_assignment_end(make.act(at=NINE - HOUR + 1.5 * SECOND), ending.pk)

    facts = Client().get("/readyz/").json()

    waiting = OrmQ.objects.count()
    assert (facts["ends_late_seconds"], facts["queue"], waiting) == (1.5, waiting, waiting)
    oldest = Email.objects.earliest("promised_at").promised_at
    assert facts["oldest_unsent_email_seconds"] == (NINE - oldest).total_seconds() > 0


@pytest.mark.parametrize(("waits", "history"), [(MINUTE, "ok"), (MINUTE + SECOND, "late")])
def test_a_ready_portal_tells_of_sealing_and_streams_that_stand_still_but_stays_ready(admin, settings, waits, history):
    settings.HISTORY_STREAM_FILE = "/var/log/pim/history.jsonl"
    StreamCursor.objects.create(
        name="file", entry=sealed_until(NINE - waits) - 1, in_hand=Entry.objects.latest("pk").pk
    )
    unsealed(at=NINE - waits)

    response = Client().get("/readyz/")

    facts = response.json()
    assert (response.status_code, facts["history"]) == (200, history)
    assert facts["history_unsealed_seconds"] == waits.total_seconds()
    assert facts["streams_behind_seconds"] == {"file": (NINE - THE_DAY_BEFORE).total_seconds()}


def sealed_until(at):
    """All that happened is sealed; the number of the last event."""
    assert seal_all(at, patience=0)
    return Entry.objects.latest("pk").pk


def unsealed(*, at, count=1):
    """So many things happened that no worker has sealed."""
    with transaction.atomic():
        return [record(make.act(at=at), SignedIn()) for _ in range(count)]


def test_a_database_without_all_migrations_is_not_ready(monkeypatch):
    monkeypatch.setattr(pimportal.health.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])

    response = Client().get("/readyz/")

    assert (response.status_code, response.json()["migrations"]) == (503, "missing")


def test_a_database_out_of_reach_is_not_ready(monkeypatch):
    def unreachable(*_):
        raise DatabaseError

    monkeypatch.setattr(pimportal.health, "MigrationExecutor", unreachable)

    response = Client().get("/readyz/")

    assert (response.status_code, response.json()) == (503, {"database": "unreachable"})


def test_a_process_without_a_database_is_alive(django_db_blocker):
    with django_db_blocker.block():
        response = Client().get("/healthz/")

    assert response.status_code == 200


# --- the page


def test_an_administrator_reads_how_the_portal_is(admin, user):
    Heartbeat.objects.create(pk=WORKER, seen_at=NINE - 2 * SECOND, database_at=NINE - 2 * SECOND)
    ending = make.assignment(of=user, end_at=NINE - 10 * MINUTE)
    activation.tell_assignment_end(make.act(at=NINE - 10 * MINUTE + 0.25 * SECOND), ending.pk)
    Email.objects.update(sent_at=NINE)
    sealed_until(NINE)

    response = visit.by(admin).get("/health/")

    facts = visit.facts(response)
    assert facts["State"] == "Sealed"
    assert facts["Last seen"] == "2026-11-23 08:59:58 UTC"
    assert facts["Ends, last hour"] == "1"
    assert facts["Written down after"] == "0.25 s, at worst 0.25 s (the last hundred)"
    assert (facts["Oldest unsent"], facts["Waiting"]) == ("none waits", "0")
    assert facts["Migrations"] == "all applied"
    assert visit.alarms(response) == []


def test_the_page_shows_how_far_the_history_is_sealed_and_whether_checkpoints_are_signed(admin, settings):
    facts = visit.facts(visit.by(admin).get("/health/"))
    assert (facts["Last sealed"], facts["Last checkpoint"]) == ("nothing yet", "none yet")
    assert "Signature" not in facts
    assert facts["Kept outside"].startswith("not set up: set HISTORY_CHECKPOINT_FILE")
    newest = sealed_until(NINE - 3 * SECOND)
    checkpoints.write(NINE - 2 * SECOND)
    settings.HISTORY_CHECKPOINT_FILE = "/mnt/elsewhere/checkpoints.jsonl"
    assert visit.facts(visit.by(admin).get("/health/"))["Kept outside"] == "not compared yet"
    beat({"pimportal.tasks.compare_history": NINE - SECOND})

    facts = visit.facts(visit.by(admin).get("/health/"))
    assert (facts["State"], facts["Not sealed yet"]) == ("Sealed", "0 events")
    assert facts["Last sealed"] == f"event {newest}, 2026-11-23 08:59:57 UTC"
    assert facts["Last checkpoint"] == "2026-11-23 08:59:58 UTC"
    assert facts["Signature"].startswith("Not signed make a key with manage.py make_history_key --to FILE")
    assert facts["Kept outside"] == "compared each minute, last 2026-11-23 08:59:59 UTC"

    unsealed(at=NINE - 2 * MINUTE, count=2)
    settings.HISTORY_KEY, _ = signature.make_key()
    checkpoints.write(NINE)
    facts = visit.facts(visit.by(admin).get("/health/"))
    assert facts["State"].startswith("Late no worker seals")
    assert (facts["Not sealed yet"], facts["Signature"]) == ("2 events, the oldest for 2 min", "Signed")


def test_of_what_is_not_sealed_no_more_is_counted_than_a_thousand(admin, monkeypatch):
    monkeypatch.setattr(sealed, "MOST_COUNTED", 0)

    facts = visit.facts(visit.by(admin).get("/health/"))

    assert facts["Not sealed yet"].startswith("more than 1,000 events, the oldest for ")


def test_the_page_lists_everything_the_portal_does_by_itself(admin, user):
    ending = make.assignment(of=user, end_at=NINE + HOUR)
    beat({"notifications.tasks.sweep": NINE - SECOND, "roles.tasks.tell_assignment_end": NINE - MINUTE})
    plan_sweeps()
    Schedule.objects.update(next_run=NINE + MINUTE)

    rows = visit.table(visit.by(admin).get("/health/"))

    assert [row[0] for row in rows] == [duty.does for duty in DUTIES]
    by_name = {row[0]: row[1:] for row in rows}
    assert ending.end_at == NINE + HOUR
    assert by_name["Write down that active roles have ended, and tell"] == [
        "at their end", "2026-11-23 08:59:00 UTC", "2026-11-23 10:00:00 UTC",
    ]  # fmt: skip
    assert by_name["Take up emails that were missed or failed"] == [
        "every 3 s", "2026-11-23 08:59:59 UTC", "2026-11-23 09:00:02 UTC",
    ]  # fmt: skip
    assert by_name["Take up what was missed about requests"] == ["every minute", "not yet", "2026-11-23 09:01:00 UTC"]
    assert by_name["Warn holders that their role ends soon"][1:] == ["not yet", "nothing ahead"]


def test_the_page_shows_each_stream_of_the_history_and_why_it_fails(admin, settings):
    assert "Streams of the history" not in visit.main(visit.by(admin).get("/health/")).text
    settings.HISTORY_STREAM_FILE, settings.HISTORY_STREAM_SYSLOG = "/var/log/pim/history.jsonl", "tls://siem:6514"
    settings.HISTORY_STREAM_WEBHOOK = "https://siem.example.org/T0KEN"
    newest = Entry.objects.latest("pk").pk
    delivered = {"entry": newest, "in_hand": newest, "last_at": NINE - SECOND}
    StreamCursor.objects.create(name="file", **delivered)
    failing = {"entry": newest - 1, "failing_since": NINE - MINUTE, "last_error": "timed out"}
    StreamCursor.objects.create(name="syslog", **{**delivered, **failing})

    rows = visit.table(visit.by(admin).get("/health/"))

    assert rows[:3] == [
        ["File: /var/log/pim/history.jsonl", "Works", "0 events", "2026-11-23 08:59:59 UTC"],
        ["Syslog: tls://siem:6514", "Fails since 2026-11-23 08:59:00 UTC. Last error: timed out",
         "1 event, the oldest for 1 day", "2026-11-23 08:59:59 UTC"],
        ["Webhook: https://siem.example.org", "Works", "0 events", "not yet"],
    ]  # fmt: skip


def test_of_a_stream_far_behind_no_more_is_counted_than_a_thousand(admin, settings, monkeypatch):
    monkeypatch.setattr(streams, "MOST_COUNTED", 0)
    settings.HISTORY_STREAM_FILE = "/var/log/pim/history.jsonl"
    StreamCursor.objects.create(name="file", entry=0, in_hand=0)

    assert visit.table(visit.by(admin).get("/health/"))[0][2].startswith("more than 1,000 events")


# --- the banner


def test_administrators_learn_on_every_page_that_the_worker_is_silent(admin, user):
    Email.objects.all().delete()
    beat({WORKER: NINE - MINUTE})

    (alarm,) = visit.alarms(visit.by(admin).get("/"))

    assert alarm.startswith("Worker last seen 2026-11-23 08:59:00 UTC.")
    assert visit.alarms(visit.by(user).get("/")) == []


def test_a_worker_that_never_ran_is_told_of_and_so_are_emails_that_wait(admin, user):
    make.email(to=user, at=NINE - HOUR)

    alarm, _emails_are_late = visit.alarms(visit.by(admin).get("/"))

    assert alarm.startswith("The worker has never been seen.")


@pytest.mark.parametrize(("waits", "alarms"), [(5 * MINUTE, []), (5 * MINUTE + SECOND, ["5 min 1 s"])])
def test_administrators_learn_that_an_email_has_waited_for_more_than_five_minutes(admin, user, waits, alarms):
    Email.objects.all().delete()
    beat({WORKER: NINE})
    make.email(to=user, at=NINE - waits)

    found = visit.alarms(visit.by(admin).get("/"))

    assert [alarm.split(".")[0] for alarm in found] == [f"An email has waited for {words}" for words in alarms]


@pytest.mark.parametrize("ahead", [2 * SECOND, -5 * MINUTE])
def test_clocks_that_are_apart_are_told_of(admin, ahead):
    Heartbeat.objects.create(pk=WORKER, seen_at=NINE, database_at=NINE - ahead)

    page = visit.facts(visit.by(admin).get("/health/"))

    assert "Apart set them by NTP" in visit.main(visit.by(admin).get("/health/")).text
    assert page["Worker, against database"] == ("2.00 s ahead" if ahead > 0 * SECOND else "5 min behind")
    assert Client().get("/readyz/").json()["clocks"] == "apart"


def test_the_page_shows_how_archiving_goes_and_what_holds_it_back(old, young, admin, settings, folder):
    archive()
    made = Archive.objects.get()
    settings.HISTORY_STREAM_FILE = "/var/log/pim/history.jsonl"

    def state():
        return visit.facts(visit.by(admin).get("/health/"))

    facts = state()
    assert facts["Kept in the database"] == "365 days, and whole days only"
    assert facts["Archives go to"] == str(folder)
    assert facts["Last archived"] == f"2026-11-23 09:00:00 UTC: {made.file}"
    assert (facts["State"], facts["In archives"]) == ("Works", "5 events in 1 file")

    StreamCursor.objects.create(name="file", entry=young[0] - 1, in_hand=young[0] - 1)
    settings.HISTORY_KEEP_DAYS = 0
    assert state()["State"] == "Waits for the stream to file: what it has not delivered yet stays"

    Hindrance.objects.create(since=NINE - HOUR, error="No space left on device")
    assert state()["State"] == "Fails since 2026-11-23 08:00:00 UTC. Last error: No space left on device"

    settings.HISTORY_KEEP_DAYS = None
    assert "Archives of the history" not in visit.main(visit.by(admin).get("/health/")).text
