"""`manage.py verify_history`: whether the history is as it was sealed."""

import os
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
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
        parser.add_argument(
            "--archives", nargs="?", const="", metavar="FOLDER",
            help="read the archives, too: in this folder, or else in HISTORY_ARCHIVE_DIR",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        walk = Verification(
            [witness for path in options["checkpoints"] for witness in _brought(path)],
            folder=_folder(options["archives"]), is_thorough=options["archives"] is not None,
        )  # fmt: skip
        findings = walk.findings()
        shown = 0
        for finding in islice(findings, MOST_SHOWN):
            shown += 1
            self.stdout.write(finding)
        more = sum(1 for _ in findings)
        if more:
            self.stdout.write(f"… and {more} more.")
        self._sum_up(walk)
        if walk.is_outdated():
            raise CommandError("Old events were archived meanwhile. Verify again.")
        if shown:
            raise CommandError(f"The history is not as it was written: {shown + more} findings.")
        self.stdout.write("The history is as it was written.")

    def _sum_up(self, walk: Verification) -> None:
        """What was looked at, and what could not be."""
        if walk.archives:
            self._sum_up_archives(walk)
        self.stdout.write(f"Sealed entries: {walk.entries - walk.begin.entries}, in seals: {walk.seals}.")
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

    def _sum_up_archives(self, walk: Verification) -> None:
        self.stdout.write(f"Archived entries: {walk.begin.entries}, in archives: {len(walk.archives)}.")
        if walk.folder is None:
            self.stdout.write("Their files were not looked at: HISTORY_ARCHIVE_DIR is not set, or cannot be read.")
        if walk.unmet:
            how = "" if walk.is_thorough else " With --archives they are."
            self.stdout.write(f"Checkpoints of archived seals that were not looked at: {walk.unmet}.{how}")


def _folder(named: str | None) -> Path | None:
    """Where the archives are, if they can be read. Raises CommandError if they are to be read and cannot."""
    folder = named or settings.HISTORY_ARCHIVE_DIR
    if folder and os.access(folder, os.R_OK | os.X_OK):
        return Path(folder)
    if named is None:
        return None
    reason = f"{folder} cannot be read." if folder else "HISTORY_ARCHIVE_DIR is not set."
    raise CommandError(f"{reason} Name the folder with the archives after --archives.")


def _brought(path: Path) -> list[Witness]:
    try:
        with path.open(encoding="utf-8") as file:
            return witnesses.brought(file, where=str(path))
    except (OSError, ValueError) as error:
        raise CommandError(str(error)) from error
