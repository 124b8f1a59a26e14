"""What I get by email, and when."""

import pytest
from django.db import transaction

from accounts.operations import mail
from kernel.period import DAY
from notifications.models import Email
from notifications.operations import outbox
from notifications.terms import Pace
from tests import make, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

PATH = "/notifications/"


def choose(person, pace):
    mail.choose(make.act(by=person, at=NINE - DAY), pace=pace, wants_weekly_digest=True)


def hold_back(person):
    person.refresh_from_db()
    letter = make.replace(make.letter(), only_informs=True)
    with transaction.atomic():
        outbox.post(letter, to=person, why="you asked for it", at=NINE)


def test_the_page_says_what_always_comes_at_once_and_why(user):
    response = visit.by(user).get(PATH)

    rows = {row[0].partition(":")[0].partition(",")[0]: row[1:] for row in visit.table(response)}
    assert rows["Somebody waits for your decision"] == ["Always at once", "They cannot go on without you."]
    assert rows["Alarms"] == ["Always at once", "Whoever breaks in must not be able to switch the alarm off first."]
    assert rows["What only informs you"][0] == "As you choose"
    assert [row[0] for row in rows.values()].count("Always at once") == 4


@pytest.mark.parametrize(
    ("pace", "sentence"),
    [
        ("daily", "Saved. What only informs you comes in one email a day."),
        ("decisions", "Saved. You get only what needs you and what is yours."),
    ],
)
def test_a_choice_is_kept(user, pace, sentence):
    response = visit.by(user).post(PATH, {"pace": pace}, follow=True)

    user.refresh_from_db()
    assert visit.notices(response) == [sentence]
    assert (user.email_pace, visit.typed(response)["pace"]) == (pace, [pace])
    assert user.wants_weekly_digest is True


def test_the_weeks_numbers_can_be_switched_off_by_those_who_get_them(admin):
    response = visit.by(admin).get(PATH)
    assert visit.typed(response) == {"pace": ["at_once"], "wants_weekly_digest": ["on"]}

    visit.by(admin).post(PATH, {"pace": "at_once"})

    admin.refresh_from_db()
    assert admin.wants_weekly_digest is False


def test_others_are_not_asked_about_the_weeks_numbers(auditor):
    response = visit.by(auditor).get(PATH)

    assert visit.typed(response) == {"pace": ["at_once"]}


def test_the_page_says_what_is_held_back_until_when_in_the_persons_zone(user):
    user.time_zone = "Europe/Berlin"
    user.save()
    choose(user, Pace.DAILY)
    hold_back(user)

    page = visit.main(visit.by(user).get(PATH)).text

    assert "next on 24 Nov 2026, 08:00 CET" in page
    assert "1 email is held back for it now. Choose something else, and it comes at once, in one email." in page


def test_what_was_held_back_is_sent_when_one_chooses_something_else(user):
    choose(user, Pace.DAILY)
    hold_back(user)

    response = visit.by(user).post(PATH, {"pace": "at_once"}, follow=True)

    assert visit.notices(response) == ["Saved. You get every email at once. What was held back is sent to you now."]
    assert Email.objects.filter(template="daily_digest", to_person=user.pk).count() == 1


@pytest.mark.parametrize("typed", [{}, {"pace": ""}, {"pace": "never"}])
def test_what_is_no_choice_is_refused_with_a_sentence(user, typed):
    response = visit.by(user).post(PATH, typed)

    assert response.status_code == 400
    assert visit.sentences(response) == ["Choose one of the three."]
