"""HISTORY_KEEP_DAYS, HISTORY_ARCHIVE_DIR: how long the history stays in the tables, and where it goes then."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

FEWEST_DAYS = 30
"""The portal itself looks back as far as this: last week's numbers, say."""
MOST_DAYS = 36_500


def days(text: str) -> int | None:
    """How many days; None for ever. Raises ImproperlyConfigured with a sentence."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and int(text) <= MOST_DAYS):
        raise ImproperlyConfigured("HISTORY_KEEP_DAYS is a whole number of days, like 730. Leave it empty for ever.")
    if int(text) < FEWEST_DAYS:
        raise ImproperlyConfigured(
            f"HISTORY_KEEP_DAYS is {text}: set {FEWEST_DAYS} days or more, or leave it empty, for ever."
        )
    return int(text)


def check_folder(folder: str, keep_days: int | None) -> None:
    """A whole path, where there is a limit. Whether it can be written is a check of its own, audit.W002."""
    if keep_days is not None and not folder:
        raise ImproperlyConfigured(
            "With HISTORY_KEEP_DAYS set HISTORY_ARCHIVE_DIR, too: the folder that old events go to."
        )
    if folder and not Path(folder).is_absolute():
        raise ImproperlyConfigured("HISTORY_ARCHIVE_DIR is the whole path of a folder.")
