"""The history as an app, with what it checks of the database and of the archives' folder."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
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
        register(archives_can_be_written)


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


def archives_can_be_written(**kwargs: Any) -> list[CheckMessage]:
    """Whether old events have somewhere to go. A warning: a disk that is away keeps the portal from nothing else."""
    folder = settings.HISTORY_ARCHIVE_DIR
    if settings.HISTORY_KEEP_DAYS is None or (Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        return []
    sentence = f"HISTORY_ARCHIVE_DIR, {folder}, is no folder that can be written to: old events stay in the tables."
    return [Warning(sentence, hint="Make it, and let the portal's account write to it.", id="audit.W002")]
