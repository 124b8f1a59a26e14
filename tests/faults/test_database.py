"""The database goes away under a worker and under pages, and comes back."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from kernel.period import SECOND
from tests import make, postgres
from tests.faults.test_worker import holds
from tests.stories.processes import wait_for
from tests.stories.test_many_ends import all_are_told, assignments_that_end_at
from tests.workers import Postbox, Worker

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

Start = Callable[..., Worker]


@pytest.fixture(autouse=True)
def _on_postgres(db: None) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite is a file: there is no server to stop, and no connection to cut.")


@contextmanager
def stopped() -> Iterator[None]:
    """The server of these tests is stopped, and started again."""
    folder = Path(connection.settings_dict["HOST"])
    connection.close()
    postgres.stop(folder, how="fast")
    try:
        yield
    finally:
        connection.close()
        postgres.start(folder)


def test_a_worker_waits_for_a_database_that_was_stopped(worker: Start, letterbox: tuple[Postbox, str]) -> None:
    server, url = letterbox
    running = worker(email_url=url)
    ends = assignments_that_end_at(timezone.now() + (2 + n) * SECOND for n in range(6))

    with stopped():
        time.sleep(5)

    wait_for(lambda: all_are_told(ends), seconds=90)
    assert running.process.poll() is None
    holds(ends, server)


def test_pages_say_no_while_the_database_is_away_and_recover_by_themselves() -> None:
    user, role = make.user(), make.role(terms=make.EASY)
    now = timezone.now()
    make.assignment(of=user, role=role, start_at=now - 2 * SECOND, end_at=None, at=now - 2 * SECOND)
    browser = Client(raise_request_exception=False)
    browser.force_login(user, backend="accounts.backends.PasswordBackend")
    ask = {"path": "/access/check/", "data": {"role": role.name}}
    assert browser.get(**ask).status_code == 204

    with stopped():
        assert browser.get(**ask).status_code >= 500
        ready = Client(raise_request_exception=False).get("/readyz/")
        assert (ready.status_code, Client().get("/healthz/").status_code) == (503, 200)

    assert browser.get(**ask).status_code == 204
    assert Client().get("/readyz/").status_code == 200


def test_a_worker_goes_on_when_all_connections_are_cut(worker: Start, letterbox: tuple[Postbox, str]) -> None:
    server, url = letterbox
    running = worker(email_url=url)
    ends = assignments_that_end_at(timezone.now() + (1 + n / 4) * SECOND for n in range(20))

    for _ in range(3):
        time.sleep(1.2)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert cursor.fetchone()[0] > 0

    wait_for(lambda: all_are_told(ends), seconds=90)
    assert running.process.poll() is None
    holds(ends, server, doubles=3)
