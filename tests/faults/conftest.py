"""Every fault is brought about on a real database; on PostgreSQL as well."""

import pytest

HERE = "tests/faults/"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.nodeid:
            item.add_marker(pytest.mark.postgres)
