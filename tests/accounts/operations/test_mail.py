"""What somebody gets by email, and when."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from accounts.operations import mail, people
from accounts.queries import waiting_for_digest
from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refused
from notifications.models import Email
from notifications.operations import outbox
from notifications.terms import Pace
from tests import make, queue, seen
from tests.make import NINE

pytestmark = pytest.mark.django_db

EIGHT = NINE - HOUR
TOMORROW_AT_EIGHT = EIGHT + DAY


def choose(user, pace, *, weekly=True, at=NINE - 2 * DAY):
    mail.choose(make.act(by=user, at=at), pace=pace, wants_weekly_digest=weekly)
    user.refresh_from_db()


def tell(user, *, key="news:1", at=NINE, only_informs=True, **facts):
    letter = outbox.Letter(
        template="role_activated",
        key=key,
        facts={"person_name": "John Doe", "role_name": "Teams Administrator", "scope_name": "Directory", **facts},
        path="/assignments/active/7/",
        only_informs=only_informs,
    )
    with transaction.atomic():
        outbox.post(letter, to=user, why="you asked for it", at=at)


def digests():
    return list(Email.objects.filter(template="daily_digest").order_by("pk"))


def test_everything_comes_at_once_where_nobody_chose(user):
    tell(user)

    assert seen.emails() == [("role_activated", user.email)]
    assert queue.waiting() == [outbox.DELIVER]


@pytest.mark.parametrize("pace", Pace)
def test_what_does_more_than_inform_comes_at_once_whatever_one_chose(user, pace):
    choose(user, pace)

    tell(user, only_informs=False)

    assert queue.waiting() == [outbox.DELIVER]


def test_what_only_informs_is_left_out_for_those_who_want_only_what_needs_them(user):
    choose(user, Pace.DECISIONS)

    tell(user)

    assert seen.emails() == []


def test_what_only_informs_waits_for_the_digest_and_not_for_the_mail_server(user):
    choose(user, Pace.DAILY)

    tell(user)

    email = Email.objects.get()
    assert (email.held_at, email.subject) == (NINE, "PIM: John Doe activated Teams Administrator, with no end")
    assert (queue.waiting(), Email.objects.waiting().count()) == ([], 0)


def test_the_digest_tells_in_the_morning_all_that_was_held_back_in_one_email(user):
    choose(user, Pace.DAILY)
    tell(user, justification="Mailbox migration")
    tell(user, key="news:2", at=NINE + HOUR)
    tell(user, key="news:3", at=TOMORROW_AT_EIGHT + MINUTE)

    mail.send_daily_digest(make.act(at=TOMORROW_AT_EIGHT), user.pk)

    (digest,) = digests()
    assert [(row["subject"], row["path"], row["because"]) for row in digest.facts["rows"]] == [
        ("John Doe activated Teams Administrator, with no end", "/assignments/active/7/", "Mailbox migration"),
        ("John Doe activated Teams Administrator, with no end", "/assignments/active/7/", ""),
    ]
    assert (digest.promised_at, digest.to_address) == (TOMORROW_AT_EIGHT, user.email)
    assert queue.waiting() == [outbox.DELIVER]
    assert Email.objects.held().count() == 1


def test_a_day_on_which_nothing_was_held_back_has_no_digest(user):
    choose(user, Pace.DAILY)
    tell(user)
    mail.send_daily_digest(make.act(at=TOMORROW_AT_EIGHT), user.pk)

    mail.send_daily_digest(make.act(at=TOMORROW_AT_EIGHT + DAY), user.pk)

    assert len(digests()) == 1


def test_after_an_outage_of_days_there_is_one_digest(user):
    choose(user, Pace.DAILY)
    tell(user)
    tell(user, key="news:2", at=NINE + 2 * DAY)

    for _worker in range(2):
        mail.send_daily_digest(make.act(at=NINE + 4 * DAY), user.pk)

    (digest,) = digests()
    assert digest.facts["count"] == 2


@pytest.mark.parametrize(
    ("zone", "morning"),
    [
        ("UTC", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 11, 24, 7, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 23, 16, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 11, 23, 19, tzinfo=UTC)),
    ],
)
def test_the_morning_is_at_eight_where_the_person_is(zone, morning):
    user = make.user(time_zone=zone)
    choose(user, Pace.DAILY)
    tell(user)

    assert waiting_for_digest(morning - timedelta(seconds=1)) == []
    assert waiting_for_digest(morning) == [user.pk]


def test_whoever_wants_everything_at_once_again_gets_what_was_held_back_now(user):
    choose(user, Pace.DAILY)
    tell(user)

    choose(user, Pace.AT_ONCE, at=NINE + MINUTE)
    mail.send_daily_digest(make.act(at=TOMORROW_AT_EIGHT), user.pk)

    (digest,) = digests()
    assert (digest.promised_at, digest.facts["count"], Email.objects.held().count()) == (NINE + MINUTE, 1, 0)


def test_what_was_promised_by_somebody_who_did_not_know_yet_comes_the_next_morning(user):
    choose(user, Pace.DAILY)
    stale = type(user).objects.get(pk=user.pk)
    choose(user, Pace.AT_ONCE)

    tell(stale)

    assert waiting_for_digest(TOMORROW_AT_EIGHT) == [user.pk]


def test_a_choice_is_told_to_the_history(user):
    choose(user, Pace.DECISIONS, weekly=False, at=NINE)

    entry = seen.entry("person.emails_chosen")
    assert (entry.actor_name, entry.person_name) == ("John Doe", "John Doe")
    assert entry.facts == {"old_pace": "at_once", "pace": "decisions", "wants_weekly_digest": False}


def test_choosing_the_same_again_changes_nothing(user):
    choose(user, Pace.AT_ONCE, at=NINE)

    assert seen.events() == []


def test_a_pace_that_is_not_there_is_refused(user):
    with pytest.raises(Refused, match="Choose one of the three"):
        choose(user, "never")


# --- the disabled


def test_nothing_is_promised_to_the_disabled(user):
    people.disable(make.act(at=NINE - DAY), user)
    user.refresh_from_db()

    tell(user, only_informs=False)

    assert seen.emails() == []


def test_what_was_held_back_for_somebody_who_is_disabled_is_withdrawn(user):
    choose(user, Pace.DAILY)
    tell(user)

    people.disable(make.act(at=NINE + HOUR), user)
    mail.send_daily_digest(make.act(at=TOMORROW_AT_EIGHT), user.pk)

    assert (digests(), Email.objects.held().count()) == ([], 0)
    assert Email.objects.get().gave_up_at == NINE + HOUR


def test_what_is_held_back_for_them_by_somebody_who_did_not_know_is_withdrawn_in_the_morning(user):
    choose(user, Pace.DAILY)
    stale = type(user).objects.get(pk=user.pk)
    people.disable(make.act(at=NINE - MINUTE), user)
    tell(stale)

    mail.send_daily_digest(make.act(at=TOMORROW_AT_EIGHT), user.pk)

    assert (digests(), waiting_for_digest(TOMORROW_AT_EIGHT)) == ([], [])
    assert Email.objects.get().gave_up_at == TOMORROW_AT_EIGHT
