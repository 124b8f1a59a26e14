"""The emails about questions: to the asker, and back to those who decide."""

from accounts.act import Act
from notifications.operations.outbox import Letter, post
from requests_app.email.requests import APPROVES, ASKED, TO_APPROVERS, facts_of
from requests_app.models import Question
from requests_app.queries.deciding import Turn
from roles.email.telling import tell


def question_asked(act: Act, question: Question) -> None:
    """To the asker of the request, whatever the role's settings say: somebody who may decide wants to know something
    first."""
    role_request = question.role_request
    facts = {**facts_of(role_request), "asked_by_name": question.asked_by.name, "question": question.text}
    letter = Letter(
        template="question_asked",
        key=f"question_asked:{question.pk}",
        facts=facts,
        path=f"/requests/{role_request.pk}/",
    )
    post(letter, to=role_request.user, why=ASKED, at=act.at)


def question_answered(act: Act, question: Question, turn: Turn) -> None:
    """To whoever asked, and to the others who can decide now."""
    role_request = question.role_request
    facts = {
        **facts_of(role_request),
        "asked_by_name": question.asked_by.name,
        "question": question.text,
        "answer": question.answer,
    }
    letter = Letter(
        template="question_answered",
        key=f"question_answered:{question.pk}",
        facts=facts,
        path=f"/requests/{role_request.pk}/",
    )
    asked = [question.asked_by] if question.asked_by.is_enabled else []
    to = [*asked, *(one for one in turn.deciders if one != question.asked_by)]
    tell(act, letter, role=role_request.role, on=TO_APPROVERS, to=to, why=APPROVES, is_critical=True)
