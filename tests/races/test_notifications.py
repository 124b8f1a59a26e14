"""Several workers at one email."""

from functools import partial

from django.core import mail
from django.db import transaction
from django_q.models import OrmQ

from notifications.models import Email
from notifications.operations import delivery, outbox
from tests import make
from tests.make import NINE
from tests.races.together import at_once


def test_an_email_delivered_by_four_workers_at_once_is_one_message(user):
    email = make.email(to=user)

    outcomes = at_once(*[partial(delivery.deliver, email.pk, at=NINE)] * 4)

    assert sorted(outcomes) == [False, False, False, True]
    assert len(mail.outbox) == 1
    assert Email.objects.get().tries == 1


def test_the_same_promised_four_times_at_once_is_one_email(user):
    letter = make.letter()

    def post():
        with transaction.atomic():
            outbox.post(letter, to=user, why="you asked for it", at=NINE)

    at_once(post, post, post, post)

    assert Email.objects.count() == OrmQ.objects.count() == 1
