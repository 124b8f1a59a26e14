"""Writing no more to a person."""

import pytest
from django.core import mail

from accounts.operations import people
from kernel.period import HOUR, MINUTE
from notifications.models import Email
from notifications.operations import delivery, silence
from tests import make
from tests.make import NINE

pytestmark = pytest.mark.postgres


def deliver(at):
    """Everything that is ready at this moment; how many emails that were."""
    before = len(mail.outbox)
    delivery.deliver(lambda: at)
    return len(mail.outbox) - before


@pytest.fixture
def waiting(user, plain_templates):
    """An email to John that the mail server has not taken yet."""
    return make.email(to=user, letter=make.letter(template="plain"))


def test_what_was_promised_before_somebody_was_disabled_is_withdrawn_and_its_row_says_so(user, waiting):
    people.disable(make.act(at=NINE + MINUTE), user)

    assert deliver(NINE + HOUR) == 0
    waiting.refresh_from_db()
    assert (waiting.gave_up_at, mail.outbox) == (NINE + MINUTE, [])
    assert waiting.last_error == "Withdrawn: the person was disabled before it was sent."


def test_what_is_promised_by_somebody_who_did_not_know_yet_is_withdrawn_when_its_turn_comes(user, plain_templates):
    stale = type(user).objects.get(pk=user.pk)
    people.disable(make.act(), user)
    late = make.email(to=stale, letter=make.letter(template="plain"))

    assert deliver(NINE) == 0
    late.refresh_from_db()
    assert (late.gave_up_at, mail.outbox) == (NINE, [])


def test_whoever_is_enabled_again_is_written_to_again_but_what_was_withdrawn_stays_so(user, waiting):
    people.disable(make.act(at=NINE + MINUTE), user)
    people.enable(make.act(at=NINE + HOUR), user)
    user.refresh_from_db()
    news = make.email(to=user, at=NINE + HOUR, letter=make.letter(template="plain", key="letter:2"))

    assert deliver(NINE + HOUR) == 1
    assert [one.sent_at is not None for one in Email.objects.filter(pk__in=(waiting.pk, news.pk)).order_by("pk")] == [
        False,
        True,
    ]


def test_what_was_sent_stays_sent(user, waiting):
    deliver(NINE)

    people.disable(make.act(at=NINE + MINUTE), user)

    assert Email.objects.get().gave_up_at is None


def test_others_are_still_written_to(user, stranger, plain_templates):
    people.disable(make.act(), user)
    make.email(to=stranger, letter=make.letter(template="plain"))

    assert deliver(NINE) == 1


def test_whoever_is_disabled_while_others_are_written_to_is_not_written_to_after_that(user, stranger, plain_templates):
    for number, person in enumerate((stranger, user)):
        make.email(to=person, letter=make.letter(template="plain", key=f"letter:{number}"))

    def clock():
        if mail.outbox and type(user).objects.enabled().filter(pk=user.pk).exists():
            people.disable(make.act(at=NINE), user)
        return NINE + silence.FRESH if mail.outbox else NINE

    delivery.deliver(clock)

    assert [message.to for message in mail.outbox] == [[stranger.email]]
    assert [email.state for email in Email.objects.order_by("pk")] == ["sent", "failed"]
