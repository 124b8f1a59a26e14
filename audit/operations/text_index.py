"""The index for looking for a text in the history: trigrams, on PostgreSQL by pg_trgm, on SQLite by FTS5."""

from django.db import DatabaseError, connection, transaction

from audit.queries.search import COLUMNS, INDEX, has_index

NAMES = ", ".join(COLUMNS)
NEW = ", ".join(f"new.{name}" for name in COLUMNS)
OLD = ", ".join(f"old.{name}" for name in COLUMNS)
# All names in these are ours.
SQLITE = (
    f"CREATE VIRTUAL TABLE {INDEX} USING fts5({NAMES}, content='audit_entry', content_rowid='id', tokenize='trigram')",
    f"INSERT INTO {INDEX}({INDEX}) VALUES ('rebuild')",  # noqa: S608
    f"""CREATE TRIGGER {INDEX}_added AFTER INSERT ON audit_entry
        BEGIN INSERT INTO {INDEX}(rowid, {NAMES}) VALUES (new.id, {NEW}); END""",  # noqa: S608
    # Nothing removes entries but moving old ones into an archive.
    f"""CREATE TRIGGER {INDEX}_removed AFTER DELETE ON audit_entry
        BEGIN INSERT INTO {INDEX}({INDEX}, rowid, {NAMES}) VALUES ('delete', old.id, {OLD}); END""",  # noqa: S608
)
# As Django asks for `icontains`: otherwise the planner does not see that the index answers it.
POSTGRESQL = f"""CREATE INDEX {INDEX} ON audit_entry
    USING gin ({", ".join(f"UPPER({name}::text) gin_trgm_ops" for name in COLUMNS)})"""


def build() -> bool:
    """Make the index if the database can; whether it is there now. Writers wait while it is made: see docs/history.md.

    PostgreSQL needs the extension pg_trgm: its own package where contrib is one, and the right to create it.
    """
    if has_index():
        return True
    statements = ("CREATE EXTENSION IF NOT EXISTS pg_trgm", POSTGRESQL) if _on_postgresql() else SQLITE
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except DatabaseError:
        return False
    return True


@transaction.atomic
def drop() -> None:
    """Take the index away. Searching goes on without it, slower."""
    with connection.cursor() as cursor:
        if _on_postgresql():
            cursor.execute(f"DROP INDEX IF EXISTS {INDEX}")
            return
        for name in ("added", "removed"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {INDEX}_{name}")
        cursor.execute(f"DROP TABLE IF EXISTS {INDEX}")


def _on_postgresql() -> bool:
    return connection.vendor == "postgresql"
