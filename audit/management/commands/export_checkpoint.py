"""`manage.py export_checkpoint`: how far the history has come, to be kept elsewhere."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audit.operations import checkpoints, sealing, witnesses

PATIENCE_SECONDS = 30


class Command(BaseCommand):
    help = "Seal the history, write a checkpoint and print it as a line of JSON, with the public key it is signed with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, help="append it to this file instead")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if not sealing.seal_all(now, patience=PATIENCE_SECONDS):
            self.stderr.write("Somebody has been writing for long; what came since then is not in the checkpoint.")
        checkpoint = checkpoints.write(now)
        if checkpoint is None:
            raise CommandError("There is no history yet.")
        if not checkpoint.signature:
            self.stderr.write("The checkpoint is not signed, because HISTORY_KEY is not set.")
        line = witnesses.exported(checkpoint)
        if not options["to"]:
            self.stdout.write(line)
            return
        try:
            with options["to"].open("a") as file:
                file.write(line + "\n")
        except OSError as error:
            raise CommandError(f"{options['to']} cannot be written: {error.strerror}.") from error
