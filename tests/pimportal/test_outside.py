"""That the database knows less than a checkpoint kept outside is told, and locks nobody out."""

import json
import logging

import pytest
from django.test import Client

from audit.models import Entry
from audit.operations import checkpoints
from audit.operations.sealing import seal_all
from kernel.period import HOUR, MINUTE
from pimportal import outside, worker
from pimportal.models import Heartbeat
from roles.queries.access import access
from tests import make, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def kept(tmp_path, settings, user, admin):
    """The file; its only checkpoint knows a seal that the database does not, as if an older copy had been restored."""
    file = tmp_path / "kept.jsonl"
    settings.HISTORY_CHECKPOINT_FILE = str(file)
    assert seal_all(NINE, patience=0)
    checkpoints.write(NINE)
    outside.compare(make.act())
    line = json.loads(file.read_text())
    said = {**json.loads(line["signed"]), "checkpoint": 2, "seal": 2}
    file.write_text(json.dumps({**line, "signed": json.dumps(said)}) + "\n")
    return file


def told() -> list[str]:
    return list(Entry.objects.filter(kind="history.contradicted").values_list("because", flat=True))


def test_it_stands_in_the_log_the_history_and_on_every_page_of_administrators(kept, admin, user, caplog):
    assert [alarm for alarm in visit.alarms(visit.by(admin).get("/")) if "history" in alarm] == []

    with caplog.at_level(logging.ERROR):
        outside.compare(make.act())
        outside.compare(make.act(at=NINE + MINUTE))

    (because,) = told()
    assert because.startswith(f"Checkpoint 2 in {kept}")
    assert [message.startswith("THE HISTORY DOES NOT FIT") for message in caplog.messages] == [True, True]
    assert caplog.messages[0].endswith(because)
    *_, alarm = visit.alarms(visit.by(admin).get("/"))
    assert alarm.startswith("The history does not fit a checkpoint kept outside the database.")
    assert visit.alarms(visit.by(user).get("/")) == []
    facts = visit.facts(visit.by(admin).get("/health/"))
    assert facts["Kept outside"].startswith(because)
    assert Client().get("/readyz/").json()["history"] == "contradicted"


def test_access_goes_on(kept, user):
    active = make.activation(by=user, at=NINE - MINUTE, duration=HOUR)

    outside.compare(make.act())

    assert access(user, active.role, at=NINE) is not None
    assert Client().get("/readyz/").status_code == 200


def test_it_is_told_no_longer_when_a_new_file_is_begun_and_told_again_when_it_comes_back(kept, admin):
    outside.compare(make.act())
    old = kept.rename(kept.with_suffix(".old"))

    outside.compare(make.act())
    assert not Heartbeat.objects.filter(pk="history.contradicted").exists()
    assert kept.read_text() != old.read_text()
    old.rename(kept)
    outside.compare(make.act())

    assert len(told()) == 2


@pytest.mark.parametrize("text", ["no checkpoint", '{"signed": 7}'])
def test_a_worker_starts_though_the_file_cannot_be_read(kept, text, caplog):
    kept.write_text(text)

    worker.compare_history()

    assert caplog.messages == [
        f"The history was not held against the checkpoints kept outside: Line 1 of {kept} is no checkpoint."
    ]
    assert told() == []


def test_without_a_file_nothing_is_compared(kept, settings):
    outside.compare(make.act())
    settings.HISTORY_CHECKPOINT_FILE = ""

    outside.compare(make.act())

    assert not Heartbeat.objects.exists()
