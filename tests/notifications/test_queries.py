"""Reads of the outbox."""

from datetime import timedelta

import pytest
from django.template import TemplateDoesNotExist

from kernel.period import HOUR
from notifications import queries
from notifications.operations import delivery
from tests import make
from tests.make import MICROSECOND, NINE

GRACE = timedelta(seconds=30)


def test_what_has_a_task_of_its_own_on_the_way_is_left_to_it_for_half_a_minute(user):
    second = make.email(to=user, at=NINE + GRACE)
    first = make.email(to=user)

    assert queries.left_over(NINE + GRACE - MICROSECOND) == []
    assert queries.left_over(NINE + GRACE) == [first.pk]
    assert queries.left_over(NINE + 2 * GRACE) == [first.pk, second.pk]


def test_what_failed_is_taken_up_as_soon_as_it_is_due(user):
    email = make.email(to=user, letter=make.letter(template="there_is_no_such_template"))
    with pytest.raises(TemplateDoesNotExist):
        delivery.deliver(email.pk, at=NINE)

    assert queries.left_over(NINE + delivery.FIRST_WAIT - MICROSECOND) == []
    assert queries.left_over(NINE + delivery.FIRST_WAIT) == [email.pk]


def test_the_sweep_leaves_alone_what_is_sent(user, plain_templates):
    email = make.email(to=user, letter=make.letter(template="plain"))
    delivery.deliver(email.pk, at=NINE)

    assert queries.left_over(NINE + HOUR) == []


def test_the_mailbox_holds_what_was_written_to_these_addresses_newest_first(user, stranger, approver):
    first, _other = make.email(to=user), make.email(to=stranger)
    second = make.email(to=user, at=NINE + HOUR)
    third = make.email(to=approver, at=NINE + HOUR)

    assert list(queries.mailbox([user.email], None)) == [second, first]
    assert list(queries.mailbox([user.email, approver.email], None)) == [third, second, first]
    assert list(queries.mailbox([], None)) == []
