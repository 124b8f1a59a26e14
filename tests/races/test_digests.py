"""Several workers at one digest, and somebody who changes their mind meanwhile."""

import threading
import time
from functools import partial

from django.db import transaction

from accounts.operations import mail, people
from kernel.period import DAY, HOUR
from notifications.models import Email
from notifications.operations import delivery, digest, outbox
from notifications.terms import Pace
from roles.models import WeeklyDigest
from roles.operations import weekly
from tests import make
from tests.make import NINE
from tests.races.together import at_once

MORNING = NINE + DAY
MONDAY = NINE - HOUR + 7 * DAY


def news(user, number, at=NINE):
    with transaction.atomic():
        letter = make.letter(key=f"news:{number}")
        outbox.post(make.replace(letter, only_informs=True), to=user, why="you asked for it", at=at)


def choose(user, pace, at=NINE - DAY):
    mail.choose(make.act(by=user, at=at), pace=pace, wants_weekly_digest=True)
    user.refresh_from_db()


def told(template):
    return list(Email.objects.filter(template=template))


def test_four_workers_make_one_weekly_digest(admin):
    at_once(*[partial(weekly.send, make.act(at=MONDAY))] * 4)

    assert [email.to_address for email in told("weekly_digest")] == [admin.email]
    assert WeeklyDigest.objects.count() == 1


def test_four_workers_make_one_daily_digest(user):
    choose(user, Pace.DAILY)
    news(user, 1)
    news(user, 2)

    at_once(*[partial(mail.send_daily_digest, make.act(at=MORNING), user.pk)] * 4)

    assert [email.facts["count"] for email in told("daily_digest")] == [2]


def test_what_is_held_back_while_a_digest_is_made_is_in_this_one_or_in_the_next(user):
    choose(user, Pace.DAILY)
    news(user, 1)
    calls = [partial(news, user, number) for number in (2, 3)]

    at_once(*calls, *[partial(mail.send_daily_digest, make.act(at=MORNING), user.pk)] * 2)
    mail.send_daily_digest(make.act(at=MORNING + DAY), user.pk)

    assert sum(email.facts["count"] for email in told("daily_digest")) == 3
    assert Email.objects.held().count() == 0


def test_a_second_worker_waits_for_the_first_and_takes_only_what_is_new(user):
    choose(user, Pace.DAILY)
    news(user, 1)
    taken = threading.Event()

    def first():
        with transaction.atomic():
            found = digest.take(user.pk, at=MORNING)
            taken.set()
            time.sleep(0.3)  # the second one comes meanwhile
            return len(found)

    def second():
        taken.wait(10)
        news(user, 2)
        with transaction.atomic():
            return len(digest.take(user.pk, at=MORNING))

    assert at_once(first, second) == [1, 1]


def test_whoever_changes_their_mind_while_their_digest_is_made_gets_everything_once(user):
    choose(user, Pace.DAILY)
    news(user, 1)
    news(user, 2)

    at_once(
        partial(mail.choose, make.act(by=user, at=MORNING), pace=Pace.AT_ONCE, wants_weekly_digest=True),
        partial(mail.send_daily_digest, make.act(at=MORNING), user.pk),
    )

    assert [email.facts["count"] for email in told("daily_digest")] == [2]


def test_whoever_is_disabled_while_they_are_written_to_gets_it_or_does_not_but_never_later(user):
    known = type(user).objects.get(pk=user.pk)

    at_once(partial(people.disable, make.act(), user), partial(make.email, to=known))
    delivery.deliver(lambda: NINE + HOUR)

    assert [email.sent_at for email in Email.objects.filter(to_person=user.pk, template="invitation")] == [None]
