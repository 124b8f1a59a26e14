"""What every test stands on: environment, closed sockets, browser, and a loud word on what was not tested."""

import atexit
import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# The settings read the environment once, so it comes first. The machine's own values must not leak in; only
# the database is the caller's choice, which is how `make test` runs the same tests on PostgreSQL.
_FOLDER = tempfile.mkdtemp(prefix="pim-tests-")
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
os.environ.setdefault("DATABASE_URL", f"sqlite:///{_FOLDER}/portal.sqlite3")
os.environ.update(
    DJANGO_SETTINGS_MODULE="pimportal.settings",
    SECRET_KEY="only-for-tests-" + "0123456789" * 5,
    DEBUG="off",
    DEMO="on",
    PUBLIC_URL="http://testserver",
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    EMAIL_URL="memorymail://",
    PASSWORD_HASHER_FAST="on",
    HISTORY_CHECKPOINT_FILE="",
    HISTORY_KEY="",
    HISTORY_KEY_FILE="",
    HISTORY_KEEP_DAYS="",
    HISTORY_STREAM_FILE="",
    HISTORY_STREAM_SYSLOG="",
    HISTORY_STREAM_WEBHOOK="",
)

import django

django.setup()

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase, override_settings
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests import triggers

hypothesis.settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("house")

pytest_plugins = [
    "tests.certificates",
    "tests.mail_server",
    "tests.old_history",
    "tests.people",
    "tests.receivers",
    "tests.visit",
    "tests.workers",
]

NOT_TESTED = "NOT TESTED: "
"""How the reason of a skip begins that should worry the reader."""

REPORT = "TEST_REPORT"
"""The environment names a file here for the totals and gaps, which `make test` prints last."""

KEPT_TABLES = {"auth_permission", "django_content_type"}
"""What migrating fills, and no test changes."""

SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]  # fmt: skip


# --- database and files


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite in a file: threads, processes and live servers cannot share memory. One per xdist worker."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    for alias, database in settings.DATABASES.items():
        sqlite = database["ENGINE"] == "django.db.backends.sqlite3"
        name = f"{_FOLDER}/{alias}.sqlite3" if sqlite else f"test_{database['NAME']}{worker}"
        database.setdefault("TEST", {})["NAME"] = name


@pytest.fixture(scope="session", autouse=True)
def _history_can_be_emptied() -> Iterator[None]:
    """Between tests with real transactions every table is emptied, which the history's triggers refuse.

    So they rest meanwhile. Deleting is ten times as fast as Django's `flush`, which truncates and migrates.
    """

    def empty(self: TransactionTestCase) -> None:
        tables = set(connection.introspection.django_table_names(only_existing=True)) - KEPT_TABLES
        with connection.schema_editor() as editor:
            triggers.take_away(editor)
            for table in tables:
                editor.execute(f"DELETE FROM {editor.quote_name(table)}")  # noqa: S608
            triggers.put_back(editor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


@pytest.fixture(scope="session", autouse=True)
def _plain_static_files() -> Iterator[None]:
    """Static files by their own names: the hashed names exist only after collectstatic."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        yield


# --- closed sockets


class OutsideError(RuntimeError):
    """A test tried to leave this machine."""


@pytest.fixture(scope="session", autouse=True)
def _closed_sockets() -> Iterator[None]:
    """Only this machine can be reached from a test."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_outside(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_outside(self.family, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_outside(socket.AF_INET, (host,))
        return getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


def _refuse_outside(family: int, address: Any) -> None:
    if family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
        raise OutsideError(f"A test may not connect to {address[0]!r}.")


def _is_local(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost", "0.0.0.0", "::", socket.gethostname()):  # noqa: S104
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


# --- the browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium, or Playwright's own; skipped, loudly, where there is neither."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        system = next(filter(None, map(shutil.which, SYSTEM_BROWSERS)), None)
        own = playwright.chromium.executable_path
        if not system and not Path(own).exists():
            pytest.skip(f"{NOT_TESTED}the pages in a browser, because there is no Chromium.")
        try:
            browser = playwright.chromium.launch(executable_path=system or own, args=BROWSER_ARGUMENTS)
        except Error:
            if system:
                raise
            pytest.skip(f"{NOT_TESTED}the pages in a browser, because Playwright's Chromium does not start.")
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A fresh tab on the live server. Script errors and breaches of the CSP fail the test."""
    context = browser.new_context(base_url=live_server.url, locale="en-GB", timezone_id="UTC", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if _matters(message.text) else None)
    yield page
    context.close()
    assert complaints == []


def _matters(console_text: str) -> bool:
    return "content security policy" in console_text.lower()


# --- the last lines


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not tested; leave the totals for `make test`."""
    gaps = sorted({gap for report in terminalreporter.stats.get("skipped", []) if (gap := _gap(report))})
    for gap in gaps:
        terminalreporter.write_line(gap, red=True, bold=True)
    for figure in _figures(terminalreporter):
        terminalreporter.write_line(figure)
    # Each worker of pytest-xdist comes by here, too; the one who sums up for all of them counts.
    if (path := os.environ.get(REPORT)) and "PYTEST_XDIST_WORKER" not in os.environ:
        _write_report(Path(path), terminalreporter, gaps)


def _figures(terminalreporter: pytest.TerminalReporter) -> list[str]:
    """What tests measured and want to be read, each once."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    told = (told for report in reports for told in getattr(report, "user_properties", ()))
    return list(dict.fromkeys(str(what) for name, what in told if name == "figure"))


def _gap(report: pytest.TestReport) -> str:
    reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    return NOT_TESTED + reason.partition(NOT_TESTED)[2] if NOT_TESTED in reason else ""


def _write_report(path: Path, terminalreporter: pytest.TerminalReporter, gaps: list[str]) -> None:
    counts = {kind: len(reports) for kind, reports in terminalreporter.stats.items()}
    passed, skipped = counts.get("passed", 0), counts.get("skipped", 0)
    failed = counts.get("failed", 0) + counts.get("error", 0)
    with path.open("a") as file:
        file.write(f"{connection.vendor}: {passed} passed, {failed} failed, {skipped} skipped\n")
        file.writelines(f"{gap}\n" for gap in gaps)
