"""Several workers at one email."""

from functools import partial

from django.core import mail
from django.db import transaction

from notifications.models import Email
from notifications.operations import delivery, outbox
from tests import make, queue
from tests.make import NINE
from tests.races.together import at_once

deliver = partial(delivery.deliver, lambda: NINE)


def test_an_email_delivered_by_four_workers_at_once_is_one_message(user):
    make.email(to=user)

    at_once(*[deliver] * 4)

    assert len(mail.outbox) == 1
    assert Email.objects.get().tries == 1


def test_two_workers_share_what_waits_and_nobody_reads_anything_twice_or_in_the_wrong_order(user, stranger):
    """More than either claims together, some to the same person."""
    for number in range(60):
        for person in (user, stranger) if number % 3 else (user, make.user()):
            make.email(to=person, letter=make.letter(key=f"no:{number}", inviter_name=f"No. {number}"))

    at_once(deliver, deliver)
    deliver()

    assert len(mail.outbox) == Email.objects.sent().count() == 120
    assert set(Email.objects.values_list("tries", flat=True)) == {1}
    read = [message.subject for message in mail.outbox if message.to == [user.email]]
    assert read == [f"PIM: No. {number} invites you to set up your account" for number in range(60)]


def test_the_same_promised_four_times_at_once_is_one_email(user):
    letter = make.letter()

    def post():
        with transaction.atomic():
            outbox.post(letter, to=user, why="you asked for it", at=NINE)

    at_once(post, post, post, post)

    # Each may call for its delivery: whoever delivers first takes over for all.
    assert (Email.objects.count(), set(queue.waiting())) == (1, {outbox.DELIVER})
