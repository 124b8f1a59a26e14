"""What django-q2 calls about emails."""

from datetime import timedelta

from django.core import mail
from django_q.models import OrmQ

from notifications import tasks
from notifications.operations.outbox import DELIVER
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
