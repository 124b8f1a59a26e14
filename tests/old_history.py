"""A history that goes back for years, with a limit that is one year."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from accounts.events import SignedIn
from audit import signature
from audit.log import record
from audit.models import Archive
from audit.operations import archiving, sealing
from kernel.period import DAY
from tests import make
from tests.make import NINE

KEEP_DAYS = 365


def tell(days: float, *, count: int = 1, because: str = "Long ago") -> list[int]:
    """So much happened so many days before the moment at which tests act, under a seal of its own; the numbers."""
    at = NINE - timedelta(days=days)
    with transaction.atomic():
        numbers = [record(make.act(at=at), SignedIn(because=because)).pk for _ in range(count)]
    assert sealing.seal_all(at, patience=0)
    return numbers


def archive(*, at: Any = NINE) -> list[Archive]:
    """The worker comes by at a moment; all archives there are then."""
    archiving.archive_due(lambda: at)
    return list(Archive.objects.all())


def archive_all() -> Archive:
    """Everything that was told so far, long after the moment at which tests act; the last archive."""
    sealing.seal_all(NINE, patience=0)
    # The newest seal stays.
    tell(0)
    return archive(at=NINE + (KEEP_DAYS + 1) * DAY)[-1]


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where archives go; what is older than a year goes there."""
    made = tmp_path / "archives"
    made.mkdir()
    settings.HISTORY_KEEP_DAYS, settings.HISTORY_ARCHIVE_DIR = KEEP_DAYS, str(made)
    return made


@pytest.fixture
def public_key(settings: Any) -> str:
    """Checkpoints are signed."""
    settings.HISTORY_KEY, public = signature.make_key()
    return public


@pytest.fixture
def old(folder: Path, public_key: str) -> Iterator[list[int]]:
    """Five old events under two seals, and a young one; the numbers of the old ones."""
    yield [*tell(400, count=2), *tell(399, count=3)]


@pytest.fixture
def young(old: list[int]) -> list[int]:
    """An event of yesterday after those, and one of today."""
    return [*tell(DAY / DAY), *tell(0)]
