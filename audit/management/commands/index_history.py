"""Make the index for looking for a text in the history, where migrating could not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.operations import text_index


class Command(BaseCommand):
    """Safe to run again."""

    help = "Make the index for texts in the history, once the database can hold it."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, or say why that is not possible."""
        if not text_index.build():
            raise CommandError(
                "The database cannot make this index yet. PostgreSQL needs the extension pg_trgm "
                "(CREATE EXTENSION pg_trgm, by the database's owner), SQLite 3.34 or later with FTS5."
            )
        self.stdout.write("The history's texts are indexed.")
