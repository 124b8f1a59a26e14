"""Figures for Prometheus."""

import ipaddress
import re

import pytest
from django.test import Client

from audit import signature
from audit.models import Entry, StreamCursor
from audit.operations import checkpoints
from audit.operations.sealing import seal_all
from kernel.period import DAY, HOUR, MINUTE, SECOND
from pimportal.health import CONTRADICTED, WORKER, beat
from roles.operations import activation
from tests import make
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

TOKEN = "a-long-token-for-the-scraper"


def scrape(**headers):
    return Client().get("/metrics/", headers=headers)


def figures(response) -> dict[str, float]:
    lines = (line.split() for line in response.content.decode().splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


def test_nobody_finds_them_unless_settings_allow_it():
    assert scrape().status_code == 404
    assert scrape(authorization="Bearer ").status_code == 404


def test_whoever_has_the_token_reads_them(settings):
    settings.METRICS_TOKEN = TOKEN

    response = scrape(authorization=f"Bearer {TOKEN}")

    assert (response.status_code, response["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    for wrong in ("", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer", "Bearer ü"):
        assert scrape(authorization=wrong).status_code == 404, wrong


@pytest.mark.parametrize(("address", "status"), [("10.1.2.3", 200), ("10.2.0.1", 404), ("::1", 404)])
def test_whoever_comes_from_an_allowed_network_reads_them(settings, address, status):
    settings.METRICS_NETWORKS = [ipaddress.ip_network("10.1.0.0/16")]

    assert Client().get("/metrics/", REMOTE_ADDR=address).status_code == status


def test_they_tell_how_the_portal_is_in_the_format_of_prometheus(settings, user, approver):
    settings.METRICS_TOKEN = TOKEN
    beat({WORKER: NINE - 3 * SECOND})
    make.activation(by=user, at=NINE - MINUTE)
    make.role_request(by=user, for_=make.eligibility(of=user, role=make.role(name="Slow", approvers=(approver,))))
    ending = make.assignment(of=user, end_at=NINE - HOUR / 2)
    activation.tell_assignment_end(make.act(at=NINE - HOUR / 2 + 0.5 * SECOND), ending.pk)

    response = scrape(authorization=f"Bearer {TOKEN}")
    found = figures(response)

    assert found["pim_active_roles"] == 1
    assert found["pim_pending_requests"] == 1
    assert found["pim_worker_heartbeat_age_seconds"] == 3
    assert (found["pim_ends_last_hour"], found["pim_ends_lateness_max_seconds"]) == (1, 0.5)
    assert found["pim_emails_waiting"] > 0
    assert found["pim_emails_oldest_unsent_seconds"] > 0
    assert (found["pim_emails_failing"], found["pim_emails_given_up"], found["pim_emails_sent_last_hour"]) == (0, 0, 0)
    assert found["pim_queue_length"] > 0
    lines = response.content.decode().splitlines()
    assert all(re.fullmatch(r"# (HELP|TYPE) pim_\w+ .+|pim_\w+({stream=\"\w+\"})? -?\d\S*", line) for line in lines)
    assert user.name not in response.content.decode()


def test_what_is_not_known_yet_is_left_out(settings):
    settings.METRICS_TOKEN = TOKEN

    found = figures(scrape(authorization=f"Bearer {TOKEN}"))

    assert "pim_worker_heartbeat_age_seconds" not in found
    assert "pim_ends_lateness_max_seconds" not in found
    assert "pim_history_checkpoint_signed" not in found
    assert found["pim_active_roles"] == 0


def test_they_tell_of_the_history_and_of_each_stream(settings, user):
    settings.METRICS_TOKEN = TOKEN
    settings.HISTORY_KEY, _ = signature.make_key()
    settings.HISTORY_STREAM_FILE, settings.HISTORY_STREAM_SYSLOG = "/var/log/pim/history.jsonl", "tls://siem:6514"
    assert seal_all(NINE - MINUTE, patience=0)
    checkpoints.write(NINE - MINUTE)
    newest = Entry.objects.latest("pk").pk
    StreamCursor.objects.create(name="file", entry=newest, in_hand=newest, last_at=NINE - 30 * SECOND, tries=4)
    make.activation(by=user, at=NINE - 20 * SECOND)
    waiting = Entry.objects.filter(pk__gt=newest).count()

    found = figures(scrape(authorization=f"Bearer {TOKEN}"))

    day = DAY.total_seconds()
    assert {name: value for name, value in found.items() if name.startswith(("pim_history", "pim_stream"))} == {
        "pim_history_sealed_lag_seconds": day,
        "pim_history_unsealed_entries": waiting,
        "pim_history_checkpoint_age_seconds": 60,
        "pim_history_checkpoint_signed": 1,
        "pim_history_contradicted": 0,
        'pim_stream_entries_behind{stream="file"}': waiting,
        'pim_stream_entries_behind{stream="syslog"}': 0,
        'pim_stream_lag_seconds{stream="file"}': day,
        'pim_stream_lag_seconds{stream="syslog"}': 0,
        'pim_stream_failures{stream="file"}': 4,
        'pim_stream_failures{stream="syslog"}': 0,
        'pim_stream_last_delivered_age_seconds{stream="file"}': 30,
    }
    beat({CONTRADICTED: NINE})
    assert figures(scrape(authorization=f"Bearer {TOKEN}"))["pim_history_contradicted"] == 1
