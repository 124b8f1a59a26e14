"""Ada wants what only informs her once a day, and looks at the numbers of the week."""

from collections.abc import Callable

import pytest

from accounts.act import Act
from accounts.models import User
from accounts.operations import mail
from kernel.period import DAY
from notifications.models import Email
from tests import queue
from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_administrator_gets_the_news_in_one_email_a_day(somebody: Callable[..., Person]) -> None:
    admin, user = somebody("admin"), somebody("user")

    admin.goes_to("/notifications/").signs_in().takes_a_picture("my-emails")
    admin.page.get_by_label("In a daily digest").check()
    admin.presses("Save").is_told("Saved. What only informs you comes in one email a day.")

    user.goes_to("/my-roles/").signs_in().follows("Activate Teams Reader").fills(justification="To read")
    user.presses("Activate")
    admin.goes_to("/notifications/").sees("1 email is held back for it now.").takes_a_picture("my-emails-held-back")

    _the_next_morning_comes(admin)
    admin.opens_mail("PIM: Your daily digest").reads_mail("John Doe activated Teams Reader", "It only informs you.")
    admin.clicks_in_mail("John Doe activated Teams Reader").sees("Teams Reader", "John Doe")


def _the_next_morning_comes(admin: Person) -> None:
    held = Email.objects.held().get()
    mail.send_daily_digest(Act(None, held.promised_at + DAY), User.objects.get(email=admin.address).pk)
    queue.drain()


def test_the_numbers_of_a_week_are_drawn(somebody: Callable[..., Person]) -> None:
    admin = somebody("admin")

    admin.goes_to("/digest/").signs_in().takes_a_picture("last-week")
    admin.follows("Later").sees("it is not over yet").takes_a_picture("this-week")
    admin.goes_to("/digest/?week=soon").reads(
        "There is no such week, or it has not begun. Write it like 2026-W47. Here is the last one."
    )
    admin.takes_a_picture("no-such-week")
