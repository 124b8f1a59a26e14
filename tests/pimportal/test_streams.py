"""HISTORY_STREAM_…: what is wrong stops the start with a sentence."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from pimportal import streams
from tests.webhook_server import SECRET


def test_what_is_right_passes(tmp_path):
    for nothing in (streams.check_syslog, streams.check_ca_file):
        nothing("")
    streams.check_webhook("", "")
    streams.check_file("HISTORY_STREAM_FILE", "")
    streams.check_file("HISTORY_STREAM_FILE", str(tmp_path / "history.jsonl"))
    streams.check_syslog("tls://siem.example.org:6514")
    streams.check_syslog("tcp://[2620:fe::fe]:601")
    streams.check_webhook("https://siem.example.org/history?a=1", SECRET)


@pytest.mark.parametrize("path", ["history.jsonl", "/nowhere/at/all/history.jsonl"])
def test_a_file_without_a_folder_is_refused(path):
    with pytest.raises(ImproperlyConfigured, match="HISTORY_STREAM_FILE is the whole path of a file"):
        streams.check_file("HISTORY_STREAM_FILE", path)


@pytest.mark.parametrize(
    "url",
    ["siem:514", "udp://siem:514", "tcp://siem", "tcp://:514", "tls://a:b@siem:6514", "tls://siem:6514/x"],
)
def test_what_is_no_syslog_server_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="tls://host:port"):
        streams.check_syslog(url)


@pytest.mark.parametrize("url", ["tcp://siem:99999", "tcp://[::1:514", "tls://sïem:6514", "tls://si em:6514"])
def test_what_cannot_be_read_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match=r"HISTORY_STREAM_SYSLOG (cannot be read|holds a character)"):
        streams.check_syslog(url)


@pytest.mark.parametrize("url", ["http://siem.example.org/", "https://", "https://a:b@siem.example.org/"])
def test_a_webhook_without_tls_or_with_a_password_in_it_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="HISTORY_STREAM_WEBHOOK is an address like"):
        streams.check_webhook(url, SECRET)


@pytest.mark.parametrize("secret", ["", "whsec_", "c2VjcmV0" * 4, "whsec_c2VjcmV0", "whsec_!" + "c2VjcmV0" * 4])
def test_a_webhook_without_a_good_secret_is_refused(secret):
    with pytest.raises(ImproperlyConfigured, match="24 to 64 random bytes"):
        streams.check_webhook("https://siem.example.org/", secret)


def test_certificates_that_are_not_there_are_refused():
    with pytest.raises(ImproperlyConfigured, match="no such file"):
        streams.check_ca_file("/nowhere.pem")
