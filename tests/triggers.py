"""The triggers that keep the history from being rewritten: taken away and put back, as the database's owner can."""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

MIGRATIONS = [
    importlib.import_module(f"audit.migrations.{name}") for name in ("0002_append_only", "0003_seals", "0006_archives")
]


def take_away(editor: Any) -> None:
    """Let anything be done to the history."""
    for migration in reversed(MIGRATIONS):
        migration.drop_triggers(None, editor)


def put_back(editor: Any) -> None:
    """Keep it again."""
    for migration in MIGRATIONS:
        migration.create_triggers(None, editor)


@contextmanager
def owner() -> Iterator[Callable[..., None]]:
    """The database's owner takes the triggers away, does what they like in SQL, and puts the triggers back."""

    class Editor:
        connection = connection

        def execute(self, statement: str, params: Any = ()) -> None:
            with connection.cursor() as cursor:
                cursor.execute(statement, params)

    def sql(statement: str, *parameters: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)

    take_away(Editor())
    yield sql
    put_back(Editor())
