"""What django-q2 calls about emails."""

from datetime import timedelta

from django.core import mail
from django.utils import timezone
from django_q.models import OrmQ

from kernel.period import HOUR
from notifications import tasks
from notifications.operations import delivery
from notifications.operations.outbox import DELIVER
from tests import make, queue
from tests.make import NINE


def test_the_task_sends_an_email_by_the_clock(user, plain_templates):
    email = make.email(to=user, letter=make.letter(template="plain"))

    with make.clock_at():
        tasks.deliver()

    email.refresh_from_db()
    assert (email.sent_at, len(mail.outbox)) == (NINE, 1)


def test_a_task_that_delivers_takes_over_from_those_that_wait(user, stranger, plain_templates):
    for person in (user, stranger):
        make.email(to=person, letter=make.letter(template="plain"))
    in_hand = OrmQ.objects.create(key="email", payload="", lock=timezone.now() + HOUR)
    other = OrmQ.objects.create(key="pimportal", payload="", lock=timezone.now())

    with make.clock_at(timezone.now()):
        tasks.deliver()

    assert len(mail.outbox) == 2
    assert set(OrmQ.objects.all()) == {in_hand, other}


def test_a_task_without_enough_time_has_the_rest_done_by_another(user, plain_templates, monkeypatch):
    make.email(to=user, letter=make.letter(template="plain"))
    monkeypatch.setattr(delivery, "WORKING_TIME", timedelta(0))

    tasks.deliver()

    assert (queue.waiting(), mail.outbox) == ([DELIVER], [])


def test_the_sweep_enqueues_what_was_missed_once(user):
    make.email(to=user)
    OrmQ.objects.all().delete()
    OrmQ.objects.create(key="email", payload="", lock=NINE)  # the worker's canary

    with make.clock_at(NINE + timedelta(minutes=1)):
        tasks.sweep()
        tasks.sweep()

    assert OrmQ.objects.count() == 2


def test_the_sweep_leaves_alone_what_has_a_task_on_its_way(user):
    make.email(to=user)

    with make.clock_at(NINE + timedelta(seconds=1)):
        tasks.sweep()

    assert OrmQ.objects.count() == 1
