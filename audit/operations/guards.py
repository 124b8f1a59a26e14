"""The triggers that refuse to rewrite history: whether the database still has them."""

from collections.abc import Iterator

from django.db import connection

TABLES = ("audit_entry", "audit_seal", "audit_checkpoint", "audit_archive")
SUFFIXES = {"postgresql": ("append_only", "no_truncate"), "sqlite": ("no_update", "no_delete")}
IN_ORDER = "audit_archive_in_order"
# 'O' and 'A' fire for ordinary sessions; 'D' is switched off, 'R' fires for replication alone.
QUERIES = {
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND NOT tgisinternal",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
}


def missing_guards() -> Iterator[str]:
    """A sentence for each trigger that is gone or switched off."""
    with connection.cursor() as cursor:
        cursor.execute(QUERIES[connection.vendor])
        there = {name for (name,) in cursor.fetchall()}
    for table in TABLES:
        for suffix in SUFFIXES[connection.vendor]:
            if f"{table}_{suffix}" not in there:
                yield f"Nothing keeps {table} from being rewritten: the trigger {table}_{suffix} is gone or off."
    if IN_ORDER not in there:
        yield f"Nothing keeps archives in their order: the trigger {IN_ORDER} is gone or off."
