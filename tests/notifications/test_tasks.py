"""What django-q2 calls about emails."""

from datetime import timedelta

import pytest
from django.core import mail
from django_q.models import OrmQ

from notifications import tasks
from notifications.models import Email
from notifications.operations.outbox import DELIVER, DELIVER_MANY
from tests import make, seen
from tests.make import NINE


def test_the_task_sends_an_email_by_the_clock(user, plain_templates):
    email = make.email(to=user, letter=make.letter(template="plain"))

    with make.clock_at():
        tasks.deliver(email.pk)

    email.refresh_from_db()
    assert (email.sent_at, len(mail.outbox)) == (NINE, 1)


def test_the_sweep_enqueues_what_was_missed(user):
    email = make.email(to=user)
    OrmQ.objects.all().delete()

    with make.clock_at(NINE + timedelta(minutes=1)):
        tasks.sweep()

    assert seen.queued(DELIVER) == [email.pk]


def test_the_sweep_adds_nothing_to_a_deep_queue(user, monkeypatch):
    make.email(to=user)
    waiting = OrmQ.objects.count()
    monkeypatch.setattr(tasks, "DEEP_QUEUE", waiting - 1)

    with make.clock_at(NINE + timedelta(minutes=1)):
        tasks.sweep()

    assert OrmQ.objects.count() == waiting == 1


def test_many_are_sent_by_one_task_and_what_fails_stops_nothing(user, stranger, plain_templates):
    emails = [make.email(to=person, letter=make.letter(template="plain")) for person in (user, stranger)]
    Email.objects.filter(pk=emails[0].pk).update(template="there_is_none")

    with make.clock_at(), pytest.raises(ExceptionGroup, match="1 of 2 failed"):
        tasks.deliver_many([email.pk for email in emails])

    assert [message.to for message in mail.outbox] == [[stranger.email]]


def test_what_a_slow_server_leaves_no_time_for_is_enqueued_once_more(user, stranger, plain_templates, monkeypatch):
    emails = [make.email(to=person, letter=make.letter(template="plain")).pk for person in (user, stranger)]
    OrmQ.objects.all().delete()
    monkeypatch.setattr(tasks, "SECONDS_AT_ONCE", -1)

    with make.clock_at():
        tasks.deliver_many(emails)

    assert (seen.queued(DELIVER_MANY), mail.outbox) == ([emails], [])
