"""Which emails wait, and which are due."""

import pytest
from django.db import IntegrityError, transaction

from notifications.models import Email
from tests import make
from tests.make import MICROSECOND, NINE

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize(
    ("changed", "waiting", "due"),
    [
        ({}, True, True),
        ({"next_try_at": NINE + MICROSECOND}, True, False),
        ({"sent_at": NINE}, False, False),
        ({"gave_up_at": NINE}, False, False),
    ],
)
def test_an_email_waits_until_it_is_sent_or_given_up_and_is_due_at_its_next_try(changed, waiting, due, user):
    email = make.email(to=user)
    Email.objects.filter(pk=email.pk).update(**{"next_try_at": NINE, **changed})

    assert (Email.objects.waiting().exists(), Email.objects.due(NINE).exists()) == (waiting, due)


def test_a_key_is_there_once(user):
    email = make.email(to=user)
    email.pk = None
    email._state.adding = True

    with pytest.raises(IntegrityError), transaction.atomic():
        email.save()
