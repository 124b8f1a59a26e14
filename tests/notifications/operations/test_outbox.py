"""Promising emails."""

import pytest
from django.db import transaction
from django_q.models import OrmQ

from kernel.period import HOUR
from notifications.models import Email
from notifications.operations import outbox
from tests import make, queue, seen
from tests.make import NINE

pytestmark = pytest.mark.postgres


def post(letter, *, to, at=NINE):
    with transaction.atomic():
        outbox.post(letter, to=to, why="you asked for it", at=at)


def test_a_promise_is_a_row_with_all_that_is_needed_later(user):
    user.time_zone = "Europe/Berlin"
    letter = outbox.Letter(
        template="assigned", key="assigned:7", facts={"end_at": NINE, "name": "x"}, path="/my-roles/"
    )

    post(letter, to=user)

    (row,) = Email.objects.values()
    assert {name: value for name, value in row.items() if name != "id"} == {
        "key": f"assigned:7:{user.pk}",
        "template": "assigned",
        "to_person": user.pk,
        "to_name": "John Doe",
        "to_address": "user@example.com",
        "time_zone": "Europe/Berlin",
        "facts": {"end_at": "2026-11-23T09:00:00Z", "name": "x"},
        "path": "/my-roles/",
        "path_is_secret": False,
        "why": "you asked for it",
        "promised_at": NINE,
        "resent_at": None,
        "next_try_at": NINE,
        "tries": 0,
        "last_error": "",
        "subject": "",
        "sent_at": None,
        "gave_up_at": None,
        "held_at": None,
        "told_at": None,
    }


def test_a_promise_is_handed_to_the_worker(user):
    make.email(to=user)

    assert queue.waiting() == [outbox.DELIVER]


def test_promising_twice_is_one_email(user):
    letter = make.letter()
    post(letter, to=user)

    post(letter, to=user, at=NINE + HOUR)

    assert Email.objects.get().promised_at == NINE
    assert OrmQ.objects.count() == 1


def test_the_same_letter_to_two_people_is_two_emails(user, stranger):
    for person in (user, stranger):
        post(make.letter(), to=person)

    assert seen.emails() == [("invitation", stranger.email), ("invitation", user.email)]


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_nothing_is_promised(user):
    with pytest.raises(RuntimeError, match="in the transaction of their cause"):
        outbox.post(make.letter(), to=user, why="you asked for it", at=NINE)

    assert not Email.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_did_not_happen_is_not_written_about(user):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.post(make.letter(), to=user, why="you asked for it", at=NINE)
        raise ZeroDivisionError

    assert (Email.objects.count(), OrmQ.objects.count()) == (0, 0)


def test_the_longest_address_fits(db):
    address = f"{'a' * 60}@{'.'.join(['b' * 60] * 3)}.example"
    somebody = make.user(email=address)

    make.email(
        to=somebody, letter=make.letter(template="your_request_timed_out", key="your_request_timed_out:123456789")
    )

    assert Email.objects.get().to_address == address


def test_many_promises_are_one_email_each_and_one_task(user):
    post(make.letter(key="known"), to=user)
    keys = ("known", "a", "b", "c", "a")
    with transaction.atomic():
        outbox.post_all([outbox.Promise(make.letter(key=key), user, "you asked") for key in keys], at=NINE + HOUR)

    emails = Email.objects.order_by("pk")
    assert [(email.key, email.promised_at) for email in emails] == [
        (f"known:{user.pk}", NINE),
        *((f"{key}:{user.pk}", NINE + HOUR) for key in "abc"),
    ]
    assert queue.waiting() == [outbox.DELIVER] * 2


def test_an_email_promised_by_a_clock_that_was_ahead_is_due_at_once(user):
    ahead, failed = make.email(to=user, at=NINE + HOUR), make.email(to=user, letter=make.letter(key="failed"))
    Email.objects.filter(pk=failed.pk).update(next_try_at=NINE + 2 * HOUR)

    outbox.bring_forward(NINE)

    assert list(Email.objects.due(NINE)) == [ahead]
