"""`manage.py make_history_key`: the key that signs checkpoints."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import signature


class Command(BaseCommand):
    help = "Make a key for signing checkpoints of the history, and show its public key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, help="write the private key into this new file, for HISTORY_KEY_FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        private, public = signature.make_key()
        if options["to"]:
            _write(options["to"], private)
            self.stdout.write(f"The private key is in {options['to']}. Set HISTORY_KEY_FILE to that path.")
        else:
            self.stdout.write(f"HISTORY_KEY={private}")
        self.stdout.write(
            f"Public key: {public}\nGive the public key to whoever is to verify the history. It is no secret."
        )


def _write(path: Path, private: str) -> None:
    """Into a new file that only its owner can read."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(private + "\n")
    except FileExistsError as error:
        raise CommandError(f"{path} is there already. A key is never overwritten: name a new file.") from error
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
