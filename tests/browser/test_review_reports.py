"""What auditors take from access reviews: which roles are covered, and what was answered."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.act import Act
from accounts.models import User
from reviews.operations import occurrences, series
from roles.models import Role
from tests import make
from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_auditor_looks_what_was_never_reviewed_and_takes_a_report(somebody: Callable[..., Person]) -> None:
    act = Act(None, timezone.now())
    role = Role.objects.get(name="Teams Administrator")
    plan = make.plan(User.objects.get(email="approver@example.com"), name="What auditors take")
    occurrences.begin(act, series.plan(act, [role], plan)[0].pk)

    auditor = somebody("auditor").signs_in().goes_to("/reviews/coverage/").sees("Never reviewed")
    auditor.takes_a_picture("review-coverage").goes_to("/reviews/report/").takes_a_picture("review-report")
    auditor.page.select_option("[name=kind]", "roles")
    with auditor.page.expect_download() as download:
        auditor.presses("Download CSV")
    with Path(download.value.path()).open(encoding="utf-8", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["review_name"] == "What auditors take"]
    assert [line["principal_name"] for line in lines] == ["John Doe"]
