"""`manage.py export_history`: the whole history as a file that anybody can verify."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audit.operations import checkpoints, exporting, sealing
from audit.queries import archives

PATIENCE_SECONDS = 30


class Command(BaseCommand):
    help = "Export the history as JSON Lines. audit/verify_export.py verifies the file, with the public key alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, required=True, help="a new file")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if not sealing.seal_all(now, patience=PATIENCE_SECONDS):
            self.stderr.write("Somebody has been writing for long; what came since then is not in the export.")
        begin, checkpoint = archives.begin(), checkpoints.write(now)
        if checkpoint is None:
            raise CommandError("There is no history yet.")
        try:
            with options["to"].open("x", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{line}\n" for line in exporting.lines(begin, checkpoint, now))
        except OSError as error:
            raise CommandError(f"{options['to']} cannot be written: {error.strerror}.") from error
        if archives.begin() != begin:
            options["to"].unlink()
            raise CommandError("Old events were archived meanwhile. Export again.")
        entries = checkpoint.entries - begin.entries
        self.stdout.write(f"{entries} entries up to seal {checkpoint.seal} are in {options['to']}.")
        if begin.seal:
            self.stdout.write(f"The {begin.entries} entries before them are in archives, in HISTORY_ARCHIVE_DIR.")
        if checkpoint.signature:
            self.stdout.write(f"Signed. Public key: {checkpoint.public_key}")
        else:
            self.stdout.write("The checkpoint is not signed, because HISTORY_KEY is not set.")
