"""Is it alive, is it ready?"""

import pytest
from django.db import DatabaseError
from django.test import Client

from kernel.period import SECOND
from pimportal.models import Heartbeat
from pimportal.views import health
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


def test_a_living_process_says_so():
    response = Client().get("/healthz/")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("silent_for", "worker"), [(None, "silent"), (30 * SECOND, "silent"), (29 * SECOND, "ok"), (0 * SECOND, "ok")]
)
def test_a_ready_portal_says_so_and_how_the_worker_is(silent_for, worker):
    if silent_for is not None:
        Heartbeat.objects.create(pk="worker", seen_at=NINE - silent_for)

    response = Client().get("/readyz/")

    assert (response.status_code, response.json()) == (
        200,
        {"database": "ok", "migrations": "ok", "worker": worker},
    )


def test_a_database_without_all_migrations_is_not_ready(monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])

    response = Client().get("/readyz/")

    assert (response.status_code, response.json()["migrations"]) == (503, "missing")


def test_a_database_out_of_reach_is_not_ready(monkeypatch):
    def unreachable(*_):
        raise DatabaseError

    monkeypatch.setattr(health, "MigrationExecutor", unreachable)

    response = Client().get("/readyz/")

    assert (response.status_code, response.json()) == (503, {"database": "unreachable"})


def test_a_process_without_a_database_is_alive(django_db_blocker):
    with django_db_blocker.block():
        response = Client().get("/healthz/")

    assert response.status_code == 200
