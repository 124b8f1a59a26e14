"""Questions on a request, and their answers."""

import pytest

from kernel.period import DAY, MINUTE
from kernel.refusal import Refused
from requests_app.models import Question
from requests_app.operations import activation, approval, questions
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.django_db

EARLIER = NINE - 10 * MINUTE


@pytest.fixture
def asked(user, approver, other_approver):
    """John asked; Alva or Ben decide."""
    return make.role_request(by=user, approvers=(approver, other_approver), at=EARLIER)


@pytest.fixture
def question(asked, approver):
    """Alva wants to know something first."""
    return questions.ask(make.act(by=approver, at=EARLIER), asked, " Which mailbox? ")


def test_whoever_may_decide_asks_and_the_asker_is_written_to(asked, approver):
    made = questions.ask(make.act(by=approver), asked, " Which mailbox? ")

    assert (made.text, made.asked_by, made.asked_at, made.answered_at) == ("Which mailbox?", approver, NINE, None)
    assert seen.emails() == [("question_asked", "user@example.com")]
    assert (seen.events(), seen.entries()[0].because) == (["request.question_asked"], "Which mailbox?")


def test_who_decides_in_a_later_stage_asks_too(user, approver, other_approver):
    asked = make.role_request(by=user, approval=make.stages(make.stage(approver), make.stage(other_approver)))

    assert questions.ask(make.act(by=other_approver), asked, "Why?").asked_by == other_approver


def test_the_asker_answers_and_those_who_decide_are_written_to(question, user):
    questions.answer(make.act(by=user), question, " The shared one ")

    kept = Question.objects.get()
    assert (kept.answer, kept.answered_at) == ("The shared one", NINE)
    assert seen.emails() == [
        ("question_answered", "approver@example.com"),
        ("question_answered", "second.approver@example.com"),
    ]
    assert (seen.events(), seen.entries()[0].facts) == (["request.question_answered"], {"question": "Which mailbox?"})


@pytest.mark.parametrize(("who", "code"), [("user", "own_request"), ("stranger", "no_approver")])
def test_nobody_else_asks(asked, request, who, code):
    with pytest.raises(Refused) as refused:
        questions.ask(make.act(by=request.getfixturevalue(who)), asked, "Why?")

    assert (refused.value.codes, Question.objects.count()) == ((code,), 0)


def test_who_lost_the_right_to_decide_is_told_so(asked, approver, other_approver):
    make.change_terms(of=asked.role, to=make.ActivationTerms(needs_approval=True), approvers=(other_approver,))

    with pytest.raises(Refused, match="no longer an approver") as refused:
        questions.ask(make.act(by=approver), asked, "Why?")

    assert refused.value.status == 409


@pytest.mark.parametrize(("text", "code"), [("", "text"), (" ", "text"), ("x" * 2001, "text_long")])
def test_a_question_and_an_answer_say_something(question, asked, approver, user, text, code):
    for call in (
        lambda: questions.ask(make.act(by=approver), asked, text),
        lambda: questions.answer(make.act(by=user), question, text),
    ):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.codes == (code,)


def test_an_answer_is_given_once_and_only_by_the_asker(question, user, approver):
    with pytest.raises(Refused) as not_mine:
        questions.answer(make.act(by=approver), question, "I know")
    questions.answer(make.act(by=user), question, "The shared one")
    with pytest.raises(Refused) as twice:
        questions.answer(make.act(by=user), question, "Another")

    assert not_mine.value.codes == ("not_yours",)
    assert (str(twice.value), twice.value.status) == ("You have answered this question at 09:00 UTC already.", 409)


def test_a_closed_request_takes_neither(question, asked, user, approver):
    activation.cancel(make.act(by=user), asked)

    for call in (
        lambda: questions.ask(make.act(by=approver), asked, "Why?"),
        lambda: questions.answer(make.act(by=user), question, "So"),
    ):
        with pytest.raises(Refused) as refused:
            call()
        assert (refused.value.codes, refused.value.status) == (("closed",), 409)


def test_a_question_does_not_stop_the_time(question, asked, approver):
    with pytest.raises(Refused) as refused:
        approval.approve(make.act(by=approver, at=EARLIER + DAY), asked, because="Fine")

    assert refused.value.codes == ("closed",)
