"""Deciding, asking back and answering, at the same moment."""

import pytest

from kernel.period import MINUTE
from requests_app.models import Decision, Question
from requests_app.operations import approval, questions, waiting
from tests import make, seen, visit
from tests.make import NINE
from tests.races.together import at_once, done, refusals

EARLIER = NINE - 20 * MINUTE


@pytest.fixture
def asked(user, approver, other_approver):
    """John asked; Alva or Ben decide."""
    return make.role_request(by=user, approvers=(approver, other_approver), at=EARLIER)


def test_two_answers_at_once_are_one_answer(asked, user, approver):
    question = questions.ask(make.act(by=approver, at=EARLIER), asked, "Which one?")

    outcomes = at_once(*(lambda n=n: questions.answer(make.act(by=user), question, f"Number {n}") for n in (1, 2)))

    assert (len(done(outcomes)), refusals(outcomes)) == (1, [("answered",)])
    assert seen.events() == ["request.question_answered"]
    assert Question.objects.get().answered_at == NINE


def test_sending_the_email_again_twice_at_once_is_once(asked, user):
    outcomes = at_once(*(lambda: waiting.resend(make.act(by=user), asked) for _ in range(2)))

    assert (len(done(outcomes)), refusals(outcomes)) == (1, [("too_soon",)])
    assert (seen.events(), len(seen.emails())) == (["request.resent"], 2)


def test_deciding_on_many_and_on_one_at_once_is_one_decision(asked, approver, other_approver):
    with make.clock_at(NINE):
        browser = visit.by(approver)
        outcomes = at_once(
            lambda: browser.post("/approvals/approve/", {"justification": "All", "request": [asked.pk]}).status_code,
            lambda: approval.deny(make.act(by=other_approver), asked, because="No"),
        )

    assert Decision.objects.count() == 1
    assert (outcomes[0], len(refusals(outcomes))) in ((302, 1), (409, 0))


def test_two_who_decide_on_many_at_once_decide_each_once(user, stranger, approver, other_approver):
    role = make.role(approvers=(approver, other_approver))
    both = [make.role_request(by=one, for_=make.eligibility(of=one, role=role), at=EARLIER) for one in (user, stranger)]

    with make.clock_at(NINE):
        browsers = [visit.by(approver), visit.by(other_approver)]
        orders = [[one.pk for one in both], [one.pk for one in reversed(both)]]
        answers = at_once(
            *(
                lambda b=b, o=o: b.post("/approvals/approve/", {"justification": "All", "request": o}).status_code
                for b, o in zip(browsers, orders, strict=True)
            )
        )

    assert sorted(Decision.objects.values_list("role_request", flat=True)) == sorted(one.pk for one in both)
    assert set(answers) <= {302, 409}
