"""Reads of the outbox."""

from datetime import timedelta

from kernel.period import HOUR, MINUTE
from notifications import queries
from notifications.models import Email
from notifications.operations import delivery
from notifications.operations.failures import FIRST_WAIT
from tests import make
from tests.make import MICROSECOND, NINE

GRACE = timedelta(seconds=30)


def deliver(*, at=NINE):
    delivery.deliver(lambda: at)


def test_what_has_a_task_of_its_own_on_the_way_is_left_to_it_for_half_a_minute(user):
    make.email(to=user)

    assert not queries.is_left_over(NINE + GRACE - MICROSECOND)
    assert queries.is_left_over(NINE + GRACE)


def test_what_failed_is_taken_up_as_soon_as_it_is_due(user):
    make.email(to=user, letter=make.letter(template="there_is_no_such_template"))
    deliver()

    assert not queries.is_left_over(NINE + FIRST_WAIT - MICROSECOND)
    assert queries.is_left_over(NINE + FIRST_WAIT)


def test_the_sweep_leaves_alone_what_is_sent_and_what_is_held_back(user, plain_templates):
    make.email(to=user, letter=make.letter(template="plain"))
    deliver()
    assert not queries.is_left_over(NINE + HOUR)

    make.email(to=user, letter=make.letter(template="there_is_no_such_template", key="first"))
    deliver()
    make.email(to=user, letter=make.letter(template="plain", key="second"))
    assert not queries.is_left_over(NINE + FIRST_WAIT - MICROSECOND)


def test_the_age_of_the_oldest_unsent_email(user, stranger, plain_templates):
    assert queries.oldest_waiting(NINE) is None

    make.email(to=user, letter=make.letter(template="plain"))
    make.email(to=stranger, at=NINE + MINUTE, letter=make.letter(template="there_is_no_such_template"))
    assert queries.oldest_waiting(NINE + 7 * MINUTE) == 7 * MINUTE

    deliver(at=NINE + 7 * MINUTE)
    assert queries.oldest_waiting(NINE + 7 * MINUTE) == 6 * MINUTE
    assert queries.oldest_waiting(NINE) == timedelta()

    Email.objects.update(resent_at=NINE + 5 * MINUTE)
    assert queries.oldest_waiting(NINE + 7 * MINUTE) == 2 * MINUTE

    Email.objects.waiting().update(gave_up_at=NINE)
    assert queries.oldest_waiting(NINE + 7 * MINUTE) is None


def test_the_mailbox_holds_what_was_written_to_these_addresses_newest_first(user, stranger, approver):
    first, _other = make.email(to=user), make.email(to=stranger)
    second = make.email(to=user, at=NINE + HOUR)
    third = make.email(to=approver, at=NINE + HOUR)

    assert list(queries.mailbox([user.email], None)) == [second, first]
    assert list(queries.mailbox([user.email, approver.email], None)) == [third, second, first]
    assert list(queries.mailbox([], None)) == []
