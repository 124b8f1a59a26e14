"""From a row of the outbox to what is read."""

import re

import pytest

from notifications.email import Rendered, message_id, render
from notifications.models import Email
from tests.make import NINE


def email(**columns):
    """A row that was never saved."""
    made = {
        "key": "plain:7:user@example.com",
        "template": "plain",
        "to_name": "John Doe",
        "to_address": "user@example.com",
        "time_zone": "UTC",
        "facts": {"ends_at": "2026-11-23T09:00:00Z"},
        "path": "/requests/7/",
        "why": "you asked for it",
        "promised_at": NINE,
        "next_try_at": NINE,
    }
    return Email(**{**made, **columns})


@pytest.mark.parametrize(
    ("zone", "time"), [("UTC", "09:00 UTC"), ("Europe/Berlin", "10:00 CET"), ("America/New_York", "04:00 EST")]
)
def test_an_email_is_read_in_the_readers_time_zone(zone, time, plain_templates):
    assert render(email(time_zone=zone)) == Rendered(
        subject="Hello John Doe",
        text=f"Until {time}. http://testserver/requests/7/ Because you asked for it.",
        html="<p>John Doe</p>",
    )


def test_a_moment_that_is_not_known_breaks_nothing(plain_templates):
    assert render(email(facts={"ends_at": None})).text.startswith("Until .")


def test_a_subject_is_one_line_whatever_a_name_contains(plain_templates):
    subject = render(email(to_name="John\r\nBcc: everybody@example.com")).subject

    assert subject == "Hello John Bcc: everybody@example.com"


def test_a_name_cannot_smuggle_markup_into_the_html_part(plain_templates):
    assert render(email(to_name="<script>")).html == "<p>&lt;script&gt;</p>"


@pytest.mark.parametrize(
    ("columns", "offered"),
    [({"to_person": 7}, True), ({"to_person": None}, False), ({"to_person": 7, "path_is_secret": True}, False)],
)
def test_whoever_signs_in_here_can_choose_what_they_get(columns, offered):
    read = render(email(template="daily_digest", facts={"count": 0, "rows": []}, path="/", **columns))

    for part in (read.text, read.html):
        assert ("http://testserver/notifications/" in part) is offered


def test_a_message_id_is_the_same_for_every_try_and_another_for_every_email():
    first, again, other = message_id(email()), message_id(email(tries=5)), message_id(email(key="plain:8:x"))

    assert first == again != other
    assert re.fullmatch(r"<[0-9a-f]{32}@testserver>", first)
