"""`manage.py verify_history`: whether the history is as it was sealed."""

from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import signature
from audit.operations import witnesses
from audit.operations.verifying import Verification
from audit.operations.witnesses import Witness

MOST_SHOWN = 100


class Command(BaseCommand):
    help = "Walk the whole history and tell of everything that was changed, removed, inserted, reordered or cut off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--checkpoints", type=Path, action="append", default=[], metavar="FILE",
            help="a file with checkpoints that was kept elsewhere; without one, a cut-off end may go unnoticed",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        walk = Verification([witness for path in options["checkpoints"] for witness in _brought(path)])
        findings = walk.findings()
        shown = 0
        for finding in islice(findings, MOST_SHOWN):
            shown += 1
            self.stdout.write(finding)
        more = sum(1 for _ in findings)
        if more:
            self.stdout.write(f"… and {more} more.")
        self._sum_up(walk)
        if shown:
            raise CommandError(f"The history is not as it was written: {shown + more} findings.")
        self.stdout.write("The history is as it was written.")

    def _sum_up(self, walk: Verification) -> None:
        """What was looked at, and what could not be."""
        self.stdout.write(f"Sealed entries: {walk.entries}, in seals: {walk.seals}.")
        since = f"{walk.unsealed_since:, since %Y-%m-%d %H:%M:%S %Z}" if walk.unsealed_since else ""
        self.stdout.write(f"Entries not sealed yet: {walk.unsealed}{since}.")
        signed = sum(1 for checkpoint in walk.checkpoints if checkpoint.signature)
        self.stdout.write(f"Checkpoints: {len(walk.checkpoints)}, of which signed: {signed}.")
        if not signature.public_key():
            self.stdout.write("New checkpoints are not signed, because HISTORY_KEY is not set.")
        if signed and not signature.known_keys():
            self.stdout.write(
                "Whose signatures they are was not looked at: set HISTORY_KEY or HISTORY_OLD_PUBLIC_KEYS."
            )


def _brought(path: Path) -> list[Witness]:
    try:
        with path.open(encoding="utf-8") as file:
            return witnesses.brought(file, where=str(path))
    except (OSError, ValueError) as error:
        raise CommandError(str(error)) from error
