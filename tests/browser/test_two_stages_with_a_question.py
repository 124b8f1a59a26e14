"""A request with a question: who asked sees by itself what became of it."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from requests_app.operations import approval
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_question_an_answer_less_than_asked_and_a_page_that_refreshes_itself(somebody):
    now = timezone.now()
    asker, first, second = (
        User.objects.get(email=f"{name}@example.com") for name in ("user", "approver", "second.approver")
    )
    rounds = make.stages(make.stage(first), make.stage(second))
    role = make.role(name="Teams Communications Administrator", approval=rounds)
    eligibility = make.eligibility(of=asker, role=role, start_at=now, end_at=None)
    asked = make.role_request(by=asker, for_=eligibility, at=now)
    page = f"/requests/{asked.pk}/"
    alva, john = somebody("approver").signs_in(), somebody("user").signs_in()

    alva.goes_to(page).fills(text="Which call queue?").presses("Ask")
    alva.sees("Not answered yet.").takes_a_picture("request-with-a-question")
    john.goes_to(page).sees("Which call queue?").takes_a_picture("request-to-answer")
    john.fills(text="The one of the service desk").presses("Answer")
    alva.goes_to(page).sees("The one of the service desk")
    alva.main.get_by_text("Allow less than was asked for").click()
    alva.page.select_option("[name=duration]", "30")
    alva.fills(justification="Fine").presses("Approve")
    john.goes_to(page).sees("30 min instead of 1 h", "Stage 2 of 2")
    approval.approve(make.act(by=second, at=timezone.now()), asked, because="On call")

    expect(john.page.locator("#news")).to_have_text("This request has changed.", timeout=40_000)
    john.sees("Active", "30 min instead of 1 h").takes_a_picture("request-decided")
