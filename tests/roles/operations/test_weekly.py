"""The week's numbers, sent to administrators."""

import pytest

from accounts.operations import mail
from kernel.period import DAY, HOUR, SECOND
from notifications.models import Email
from notifications.terms import Pace
from roles.models import WeeklyDigest
from roles.operations import departures, weekly
from tests import make, seen
from tests.make import EASY, NINE

pytestmark = pytest.mark.django_db

MONDAY = NINE - HOUR + 7 * DAY
"""At eight, after the week of `NINE`."""


def digests(at=MONDAY):
    return [(template, address) for template, address in seen.emails(at=at) if template == "weekly_digest"]


def test_on_monday_at_eight_the_administrators_get_the_numbers_of_the_week(admin, user):
    easy = make.role(terms=EASY)
    make.activation(by=user, of=make.eligibility(of=user, role=easy, start_at=NINE))
    watching = make.user(email="watcher@example.com")
    make.assignment(of=watching, role=make.role(name="Security Administrator"), end_at=None)

    weekly.send(make.act(at=NINE))
    weekly.send(make.act(at=MONDAY - SECOND))
    assert digests(MONDAY - SECOND) == []
    weekly.send(make.act(at=MONDAY))

    assert digests() == [("weekly_digest", admin.email), ("weekly_digest", watching.email)]
    email = Email.objects.filter(template="weekly_digest", promised_at=MONDAY).first()
    assert email.path == "/digest/?week=2026-W48"
    assert email.facts == {
        "week_name": "2026-W48",
        "begins_on": "23 Nov",
        "ends_on": "29 Nov 2026",
        "activations": 1,
        "activated_by": 1,
        "made_permanent": 0,
        "assigned": 1,
        "made_eligible": 1,
        "made_active": 0,
        "top": [
            {"role_name": name, "scope_name": "Directory", "people": 1}
            for name in ("Global Administrator", "Teams Administrator", "Security Administrator")
        ],
    }


def test_others_who_read_do_not_get_it(admin, auditor, user):
    weekly.send(make.act(at=MONDAY))

    assert digests() == [("weekly_digest", admin.email)]


def test_a_week_is_sent_once_however_often_one_looks(admin):
    for _look in range(3):
        weekly.send(make.act(at=MONDAY))
    weekly.send(make.act(at=MONDAY + DAY))

    assert Email.objects.filter(template="weekly_digest").count() == 1


def test_whoever_becomes_an_administrator_later_in_the_week_does_not_get_the_last_ones(admin):
    weekly.send(make.act(at=MONDAY))
    make.administrator(email="later@example.com")

    weekly.send(make.act(at=MONDAY + DAY))

    assert digests(MONDAY + DAY) == []


def test_after_an_outage_of_weeks_only_the_last_week_is_told(admin):
    weekly.send(make.act(at=MONDAY))
    back = MONDAY + 23 * DAY

    weekly.send(make.act(at=back))
    weekly.send(make.act(at=back + DAY))

    assert [email.facts["week_name"] for email in Email.objects.filter(promised_at=back)] == ["2026-W51"]
    assert WeeklyDigest.objects.count() == 2


def test_a_clock_that_was_set_back_sends_nothing_again(admin):
    weekly.send(make.act(at=MONDAY))

    weekly.send(make.act(at=MONDAY - 7 * DAY))

    assert digests(MONDAY - 7 * DAY) == []


def test_a_week_before_there_was_a_portal_is_not_told(admin):
    weekly.send(make.act(at=MONDAY - 7 * DAY - 7 * DAY))

    assert not WeeklyDigest.objects.exists()


def test_it_can_be_switched_off_by_each_for_themself(admin):
    other = make.administrator(email="other@example.com")
    mail.choose(make.act(by=admin), pace=Pace.AT_ONCE, wants_weekly_digest=False)

    weekly.send(make.act(at=MONDAY))

    assert digests() == [("weekly_digest", other.email)]


def test_a_digest_is_not_held_back_for_a_digest(admin):
    mail.choose(make.act(by=admin), pace=Pace.DAILY, wants_weekly_digest=True)

    weekly.send(make.act(at=MONDAY))

    assert Email.objects.get(template="weekly_digest").held_at is None


def test_the_disabled_do_not_get_it(admin):
    other = make.administrator(email="other@example.com")
    departures.disable(make.act(by=admin), other)

    weekly.send(make.act(at=MONDAY))

    assert digests() == [("weekly_digest", admin.email)]
