"""Races are played with real threads and real transactions, several times over."""

import pytest

ROUNDS = 3
HERE = "tests/races/"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every race needs a real database; on PostgreSQL as well."""
    for item in items:
        if HERE in item.nodeid:
            item.add_marker(pytest.mark.postgres)
            item.add_marker(pytest.mark.django_db(transaction=True))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A race that is lost only now and then has to be run more than once."""
    metafunc.fixturenames.append("_round")
    metafunc.parametrize("_round", range(1, ROUNDS + 1))
