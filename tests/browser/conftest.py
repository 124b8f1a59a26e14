"""The demo organisation on a live server, and its people at their browsers."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser

from kernel.period import HOUR
from pimportal import demo
from pimportal.health import WORKER, beat
from tests import queue
from tests.browser.people import WIDE, Album, Person


@pytest.fixture
def portal(live_server: Any, settings: Any) -> str:
    """The address of a running portal with the demo organisation; links in emails lead to it."""
    settings.PUBLIC_URL = live_server.url
    demo.seed(timezone.now())
    queue.drain()
    # No worker runs beside these tests; that one is missing is told on a page of its own.
    beat({WORKER: timezone.now() + HOUR})
    return str(live_server.url)


@pytest.fixture
def album(tmp_path: Path) -> Iterator[Album]:
    """Pictures of the pages, in the folder SCREENSHOTS. What axe or the browser complains of fails the test."""
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    album = Album(folder)
    yield album
    assert not album.complaints, "\n".join(album.complaints)


@pytest.fixture
def somebody(browser: Browser, portal: str, album: Album) -> Iterator[Callable[..., Person]]:
    """Makes people, each with a browser of their own, by the first part of their email address."""
    contexts = []

    def sit_down(name: str, **options: Any) -> Person:
        context = browser.new_context(
            base_url=portal, locale="en-GB", timezone_id="UTC", reduced_motion="reduce", viewport=WIDE, **options
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        return Person(context, f"{name}@example.com", album)

    yield sit_down
    for context in contexts:
        context.close()
