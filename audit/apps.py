"""The history as an app, with what it checks of the database."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.module_loading import import_string

MIGRATION = ("audit", "0004_text_index")
HINT = {
    "postgresql": (
        "Install PostgreSQL's contrib modules, have the database's owner run CREATE EXTENSION pg_trgm; "
        "then run: python manage.py index_history"
    ),
    "sqlite": "Use a SQLite of 3.34 or later with FTS5; then run: python manage.py index_history",
}


class AuditConfig(AppConfig):
    """The history."""

    name = "audit"

    def ready(self) -> None:
        """Ask for the index whenever the database is checked: by `migrate`, and by `check --database default`."""
        register(text_can_be_searched, Tags.database)


def text_can_be_searched(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Whether looking for a text in the history has its index."""
    # While the migration that makes it is still to come, `migrate` has nothing to warn of.
    if not databases or MIGRATION not in MigrationRecorder(connection).applied_migrations():
        return []
    # The models behind it are there only once all apps are ready.
    if import_string("audit.queries.search.has_index")():
        return []
    sentence = "The history has no index for texts: looking for one in it takes seconds per million entries."
    return [Warning(sentence, hint=HINT[connection.vendor], id="audit.W001")]
