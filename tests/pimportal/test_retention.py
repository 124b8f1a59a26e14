"""HISTORY_KEEP_DAYS and HISTORY_ARCHIVE_DIR: what is wrong stops the start with a sentence."""

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from pimportal import retention


def test_what_is_right_passes():
    assert [retention.days(text) for text in ("", "30", "36500")] == [None, 30, 36500]
    retention.check_folder("", None)
    retention.check_folder("/var/lib/pim/archives", 365)
    retention.check_folder("/var/lib/pim/archives", None)


@pytest.mark.parametrize("text", ["0", "1", "29"])
def test_less_than_a_month_is_refused(text):
    with pytest.raises(ImproperlyConfigured, match=f"HISTORY_KEEP_DAYS is {text}: set 30 days or more"):
        retention.days(text)


@pytest.mark.parametrize("text", ["-1", "1.5", "a year", "²", "36501", "9" * 30])
def test_what_is_no_number_of_days_is_refused(text):
    with pytest.raises(ImproperlyConfigured, match="HISTORY_KEEP_DAYS is a whole number of days"):
        retention.days(text)


def test_a_limit_needs_a_folder():
    with pytest.raises(ImproperlyConfigured, match="set HISTORY_ARCHIVE_DIR, too"):
        retention.check_folder("", 365)


@pytest.mark.parametrize("keep_days", [None, 365])
def test_a_part_of_a_path_is_refused(keep_days):
    with pytest.raises(ImproperlyConfigured, match="whole path of a folder"):
        retention.check_folder("archives", keep_days)


def test_a_folder_that_cannot_be_written_to_is_warned_of(settings, tmp_path):
    file = tmp_path / "file"
    file.touch(0o777)
    settings.HISTORY_KEEP_DAYS = 365
    for folder, warned in ((tmp_path / "nowhere", True), (file, True), (tmp_path, False)):
        settings.HISTORY_ARCHIVE_DIR = str(folder)
        found = [message.msg for message in run_checks() if message.id == "audit.W002"]
        assert (
            found
            == [f"HISTORY_ARCHIVE_DIR, {folder}, is no folder that can be written to: old events stay in the tables."]
            * warned
        )

    settings.HISTORY_KEEP_DAYS, settings.HISTORY_ARCHIVE_DIR = None, ""
    assert [message.id for message in run_checks() if message.id == "audit.W002"] == []
