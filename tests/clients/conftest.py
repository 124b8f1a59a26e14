"""Sixteen clients at one moment, over HTTP: a server for each file of tests, and figures of what they saw."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import pytest
from django.db import connection

from tests.clients import server as serving
from tests.clients.server import Answer, Post, Server

ROUNDS = int(os.environ.get("RACE_ROUNDS") or (10 if os.environ.get("CI") else 3))
HERE = "tests/clients/"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every one needs a database that others see; PostgreSQL as well."""
    for item in items:
        if HERE in item.nodeid:
            item.add_marker(pytest.mark.postgres)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="module")
def server(django_db_setup: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The portal, served by several processes."""
    log = tmp_path_factory.mktemp("server") / "server.log"
    with serving.running(log) as started:
        yield started
    print(log.read_text())  # noqa: T201


@dataclass
class Race:
    """Rounds of the same race, and what came of them."""

    server: Server
    answers: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    clients: int = 0

    def run(self, posts: Sequence[Post]) -> list[Answer]:
        """One round."""
        answers, took = serving.at_once(self.server, posts)
        self.clients = len(posts)
        self.seconds.append(took)
        self.answers.update(answer.status for answer in answers)
        return answers

    def figure(self) -> str:
        """What it came to, in one line."""
        counted = ", ".join(f"{count} × {status}" for status, count in sorted(self.answers.items()))
        milliseconds = round(median(self.seconds) * 1000)
        return f"{self.clients} clients × {len(self.seconds)} rounds: {counted}; a round {milliseconds} ms (median)"


@pytest.fixture
def race(server: Server, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Any:
    """Tells at the end of the run what this race came to."""
    run = Race(server)
    yield run
    if run.seconds:
        name = request.node.name.removeprefix("test_").replace("_", " ")
        record_property("figure", f"{connection.vendor}: {name}: {run.figure()}")
