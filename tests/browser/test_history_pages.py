"""What an auditor does with the history: narrows it, takes it away, asks of the past, and prints what is known."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from tests.browser.people import Person
from tests.browser.test_extension import READER, activates

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_auditor_asks_the_history(somebody: Callable[..., Person]) -> None:
    activates(somebody("user").signs_in(), READER)
    auditor = somebody("auditor").signs_in()

    auditor.goes_to("/history/").page.get_by_text("More filters").click()
    auditor.fills(person="John Doe", role=READER).presses("Show")
    auditor.sees("Link to these filters", "Role activated").takes_a_picture("history-of-a-role")
    auditor.fills(actor="x").presses("Show")
    auditor.reads("Type at least 3 characters.").takes_a_picture("history-refused")

    auditor.goes_to("/history/")
    with auditor.page.expect_download() as download:
        auditor.presses("Download JSON Lines")
    last = Path(download.value.path()).read_text(encoding="utf-8").splitlines()[-1]
    assert last.startswith('{"end":true,"events":')

    auditor.goes_to("/history/who/").takes_a_picture("who-could")
    auditor.fills(person="John Doe", moment=f"{timezone.now():%Y-%m-%dT%H:%M:%S}").presses("Show")
    auditor.sees("through the group Collaboration team").takes_a_picture("who-could-john")

    auditor.goes_to("/history/?kind=role.activated").main.locator("tbody").get_by_role("link").first.click()
    auditor.follows("Evidence to print").takes_a_picture("evidence")
    auditor.prints("evidence-printed")
    auditor.goes_to("/history/").prints("history-printed")
