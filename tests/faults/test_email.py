"""Mail servers that fail, in every way there is: nothing is lost, nothing overtakes, hardly anything comes twice.

The table of faults and outcomes is in `docs/faults.md`.
"""

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from django.conf import settings

from kernel.period import DAY, HOUR, MINUTE, SECOND
from notifications import queries
from notifications.email import message_id
from notifications.models import Email
from notifications.operations import delivery, failures
from tests import make, queue
from tests.mail_server import DROP_AFTER, DROP_BEFORE, HANG, OK, MailServer
from tests.make import MICROSECOND, NINE
from tests.stories import processes

pytestmark = pytest.mark.postgres

FOR_NOW = "451 Try again later"
FOR_GOOD = "550 5.1.1 No such person"


class Clock:
    """Stands still, and is moved."""

    def __init__(self) -> None:
        self.at = NINE

    def __call__(self) -> datetime:
        return self.at

    def work(self, *, for_: timedelta) -> None:
        """The worker, at every moment at which something is due."""
        until = self.at + for_
        delivery.deliver(self)
        while self.at < until:
            later = Email.objects.waiting().filter(next_try_at__gt=self.at).order_by("next_try_at")
            self.at = min(later.values_list("next_try_at", flat=True).first() or until, until)
            delivery.deliver(self)


@pytest.fixture
def clock():
    return Clock()


def promise(*people, about=1, at=NINE):
    """One email about this request to each; what it tells is in its subject."""
    letters = [make.letter(key=f"{about}:{at}:{number}", inviter_name=f"No. {about}") for number in range(len(people))]
    return [make.email(to=person, at=at, letter=letter) for person, letter in zip(people, letters, strict=True)]


def subject(about):
    return f"PIM: No. {about} invites you to set up your account"


def states():
    """How all of them stand, in the order in which they were promised."""
    return [str(email.state) for email in Email.objects.order_by("pk")]


def once(answer, then=OK):
    """This answer to the first, and that one to all others."""
    answers = iter([answer])
    return lambda _: next(answers, then)


@pytest.fixture
def people(db):
    return [make.user(email=f"p{number}@example.com") for number in range(6)]


# --- refusing


def test_what_is_refused_for_now_is_tried_again_and_arrives(clock, postbox, people):
    promise(*people)
    postbox.answer = once(FOR_NOW)

    delivery.deliver(clock)
    failed = Email.objects.waiting().get()
    assert (failed.last_error, failed.tries) == ("The mail server refused: 451 Try again later", 1)
    assert len(postbox.messages) == 5

    clock.work(for_=5 * SECOND)
    assert states() == ["sent"] * 6
    assert sorted(to for to, _subject in postbox.arrived) == [person.email for person in people]


def test_what_is_refused_for_good_is_failed_at_once_visibly_and_stops_nobody_else(clock, postbox, people):
    promise(*people)
    postbox.answer_address = lambda address: FOR_GOOD if address == "p2@example.com" else OK

    delivery.deliver(clock)

    failed = Email.objects.failed().get()
    assert (failed.to_address, failed.gave_up_at, failed.tries) == ("p2@example.com", NINE, 1)
    assert failed.last_error == "The mail server refused the address: 550 5.1.1 No such person"
    assert len(postbox.messages) == 5


def test_half_of_the_recipients_refused_and_the_others_get_theirs(clock, postbox, people):
    promise(*people)
    postbox.answer_address = lambda address: FOR_GOOD if int(address[1]) % 2 else OK

    delivery.deliver(clock)

    assert [to for to, _subject in postbox.arrived] == ["p0@example.com", "p2@example.com", "p4@example.com"]
    assert states() == ["sent", "failed"] * 3


def test_a_content_refused_for_good_is_failed(clock, postbox, people):
    promise(people[0])
    postbox.answer = lambda message: "554 5.7.1 Looks like spam"

    delivery.deliver(clock)

    assert Email.objects.failed().get().last_error == "The mail server refused: 554 5.7.1 Looks like spam"


def test_a_portal_that_may_not_send_fails_nothing_for_good(clock, postbox, people):
    """Refusing the sender is about the settings. Once they are mended, everything arrives."""
    promise(*people)
    postbox.answer_sender = lambda address: "550 5.7.60 You may not send as this sender"

    clock.work(for_=HOUR)
    assert states() == ["waiting"] * 6
    assert {email.last_error for email in Email.objects.all()} == {
        "The mail server refused: 550 5.7.60 You may not send as this sender"
    }

    postbox.answer_sender = lambda address: OK
    clock.work(for_=MINUTE)
    assert states() == ["sent"] * 6


def test_a_server_that_wants_a_pause_gets_one_connection_more_and_takes_the_rest(clock, postbox, people):
    promise(*people)
    postbox.answer = once("421 Too many messages on this connection")

    delivery.deliver(clock)

    assert (len(postbox.messages), postbox.connections) == (5, 2)
    clock.work(for_=5 * SECOND)
    assert states() == ["sent"] * 6


# --- hanging, dropping, being away


def test_a_server_that_hangs_ends_after_the_time_out_and_everything_arrives_later(clock, postbox, people):
    promise(*people)
    postbox.answer = once(HANG)

    delivery.deliver(clock)

    hung = Email.objects.waiting().get()
    assert hung.last_error == "The connection to the mail server was lost: Connection unexpectedly closed: timed out"
    assert len(postbox.messages) == 5
    clock.work(for_=5 * SECOND)
    assert states() == ["sent"] * 6
    assert len(postbox.messages) == 6


def test_a_connection_that_drops_is_opened_again(clock, postbox, people):
    promise(*people)
    postbox.answer = once(DROP_BEFORE)

    delivery.deliver(clock)
    clock.work(for_=5 * SECOND)

    assert sorted(postbox.arrived) == sorted((person.email, subject(1)) for person in people)
    assert postbox.connections == 3


def test_only_what_was_taken_without_a_word_comes_twice_with_the_same_message_id(clock, postbox, people):
    promise(*people)
    postbox.answer = once(DROP_AFTER)

    clock.work(for_=5 * SECOND)

    twice = [message for message in postbox.messages if message["To"] == people[0].email]
    assert [message["Message-ID"] for message in twice] == [message_id(Email.objects.earliest("pk"))] * 2
    assert len(postbox.messages) == 7
    assert len({message["Message-ID"] for message in postbox.messages}) == 6
    assert states() == ["sent"] * 6


def test_a_server_that_drops_after_every_message_loses_nothing(clock, postbox, people):
    promise(*people)
    postbox.answer = lambda message: DROP_AFTER

    clock.work(for_=MINUTE)
    assert states() == ["waiting"] * 6
    assert {to for to, _subject in postbox.arrived} == {person.email for person in people}

    postbox.answer = lambda message: OK
    clock.work(for_=MINUTE)
    assert states() == ["sent"] * 6


def test_down_for_an_hour_everything_arrives_within_a_minute_after_and_in_order(clock, postbox, people):
    postbox.stop()
    for minute in range(0, 60, 5):
        promise(*people[:2], about=minute, at=NINE + minute * MINUTE)
        clock.work(for_=5 * MINUTE)
    assert states() == ["waiting"] * 24
    assert queries.oldest_waiting(clock.at) == HOUR

    postbox.start()
    clock.work(for_=MINUTE)

    assert states() == ["sent"] * 24
    for person in people[:2]:
        read = [told for to, told in postbox.arrived if to == person.email]
        assert read == [subject(minute) for minute in range(0, 60, 5)]
    assert queries.oldest_waiting(clock.at) is None


def test_a_server_that_is_away_is_tried_once_for_all_that_is_due(clock, postbox, people):
    promise(*people)
    postbox.stop()

    delivery.deliver(clock)

    rows = Email.objects.order_by().values_list("tries", "next_try_at", "last_error").distinct()
    ((tries, next_try_at, error),) = rows
    assert (tries, next_try_at) == (1, NINE + failures.FIRST_WAIT)
    assert error.startswith("The mail server cannot be reached: ConnectionRefusedError")


def test_away_for_three_days_what_waits_is_failed_visibly_and_what_is_younger_still_arrives(clock, postbox, people):
    (old,), (young,) = promise(people[0]), promise(people[1], at=NINE + 2 * DAY)
    postbox.stop()
    clock.work(for_=HOUR)
    clock.at = NINE + 3 * DAY

    clock.work(for_=MINUTE)
    postbox.start()
    clock.work(for_=MINUTE)

    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.state, young.state) == (Email.State.FAILED, Email.State.SENT)


# --- in order


def test_nothing_overtakes_what_the_same_person_is_to_read_first(clock, postbox, people):
    first, second = people[:2]
    promise(first, second, about=1)
    promise(first, second, about=2)
    postbox.answer_address = once(FOR_NOW)

    delivery.deliver(clock)
    assert postbox.arrived == [(second.email, subject(1)), (second.email, subject(2))]

    clock.work(for_=5 * SECOND)
    assert postbox.arrived[2:] == [(first.email, subject(1)), (first.email, subject(2))]


def test_what_is_failed_holds_nothing_back(clock, postbox, people):
    promise(people[0], about=1)
    promise(people[0], about=2)
    postbox.answer = once(FOR_GOOD)

    delivery.deliver(clock)

    assert postbox.arrived == [(people[0].email, subject(2))]


def test_after_two_hours_later_ones_go_ahead(clock, postbox, people):
    promise(people[0], about=1)
    promise(people[0], about=2, at=NINE + MINUTE)
    postbox.answer = lambda message: OK if subject(2) in message["Subject"] else FOR_NOW

    clock.work(for_=2 * HOUR - MICROSECOND)
    assert postbox.arrived == []

    clock.work(for_=SECOND)
    assert postbox.arrived == [(people[0].email, subject(2))]


def test_a_long_run_ends_in_time_and_says_that_something_is_left(clock, postbox, people):
    promise(*people)

    def slowly(message):
        clock.at += 2 * SECOND
        return OK

    postbox.answer = slowly
    assert delivery.deliver(clock)
    assert states() == ["sent"] * 3 + ["waiting"] * 3
    assert set(Email.objects.waiting().values_list("tries", "next_try_at")) == {(0, NINE + 6 * SECOND)}

    assert not delivery.deliver(clock)
    assert states() == ["sent"] * 6


# --- what is written


@pytest.mark.parametrize(
    "said",
    [
        "Ada\r\nBcc: everybody@example.com",
        "Ada\r\n\r\n<script>",
        "=HYPERLINK(\"http://example.com\")",
        "\u202eadA",
        "😀" * 200,
        "x" * 20_000,
    ],
)  # fmt: skip
def test_whatever_somebody_typed_is_one_email_with_the_headers_it_ought_to_have(said, clock, postbox, user):
    make.email(to=user, letter=make.letter(inviter_name=said, expires_at=NINE))

    delivery.deliver(clock)

    (message,) = postbox.messages
    assert {name.lower() for name in message} >= {"subject", "to", "from", "message-id", "date"}
    assert "bcc" not in {name.lower() for name in message}
    assert (message["To"], len(message.get_all("To"))) == (user.email, 1)
    text, _html = message.iter_parts()
    assert " ".join(said.split())[:50].casefold() in " ".join(text.get_content().split()).casefold()


def test_a_broken_address_is_noted_and_stops_nobody(clock, postbox, people):
    broken, good = promise(*people[:2])
    Email.objects.filter(pk=broken.pk).update(to_address="p0@example.com\nBcc: x@example.com")

    delivery.deliver(clock)

    broken.refresh_from_db()
    assert broken.last_error.startswith("The email cannot be written: ValueError: Invalid address")
    assert [to for to, _subject in postbox.arrived] == [good.to_address]


# --- killed


KILLED = """
import os, signal, sys
sys.path.insert(0, "")
import django
django.setup()
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from notifications.operations import delivery

mark = delivery._mark_sent
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
delivery._mark_sent = die
delivery.deliver(timezone.now)
"""


@pytest.mark.django_db(transaction=True)
def test_killed_between_taken_and_marked_one_comes_twice_with_the_same_message_id(clock, postbox):
    people = [make.user(email=f"k{number}@example.com") for number in range(3)]
    promise(*people)
    environment = {
        **os.environ,
        "DATABASE_URL": queue.database_url(),
        "EMAIL_URL": f"smtp://127.0.0.1:{postbox.port}",
    }

    killed = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=settings.BASE_DIR, env=environment, check=False, timeout=30,
        preexec_fn=processes.end_with_the_tests,
    )  # fmt: skip

    assert killed.returncode == -signal.SIGKILL
    assert (len(postbox.messages), states()) == (1, ["waiting"] * 3)
    clock.at = Email.objects.latest("next_try_at").next_try_at - MICROSECOND
    delivery.deliver(clock)
    assert len(postbox.messages) == 1

    clock.work(for_=SECOND)
    assert states() == ["sent"] * 3
    assert [to for to, _ in postbox.arrived] == ["k0@example.com", "k0@example.com", "k1@example.com", "k2@example.com"]
    assert len({message["Message-ID"] for message in postbox.messages}) == 3


def test_a_mail_server_that_fails_costs_the_request_nothing(postbox: MailServer, user):
    """Promising is a row; nobody who clicks waits for a mail server."""
    postbox.answer_sender = lambda address: HANG

    promise(user)

    assert (postbox.connections, states()) == (0, ["waiting"])
