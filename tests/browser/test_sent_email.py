"""What administrators see of the emails the portal sent, and do about those that failed."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from notifications.models import Email
from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_administrator_finds_an_email_that_failed_and_sends_it_again(somebody: Callable[..., Person]) -> None:
    now = timezone.now()
    Email.objects.update(sent_at=now, subject="PIM: You are eligible")
    failed = Email.objects.filter(to_address="user@example.com").latest("pk")
    refused = "The mail server refused: 550 5.1.1 No such user here"
    Email.objects.filter(pk=failed.pk).update(sent_at=None, gave_up_at=now, tries=1, last_error=refused)

    admin = somebody("admin").signs_in().goes_to("/emails/").takes_a_picture("sent-email")
    admin.goes_to("/emails/?state=failed").sees("550 5.1.1 No such user here").takes_a_picture("sent-email-failed")
    admin.follows(f"{failed.kind} to John Doe, number {failed.pk}").sees("It is not tried any more")
    admin.takes_a_picture("sent-email-one").presses("Send again")
    admin.is_told("It is tried again at once, and from now on for three days.")
    admin.goes_to("/emails/").presses("Send a test email to myself")
    admin.is_told("A test email to admin@example.com is on its way. Load this page again to follow it.")
