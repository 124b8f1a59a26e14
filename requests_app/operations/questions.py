"""Questions on a request: whoever may decide asks, the asker answers. The time to decide goes on."""

from django.db import transaction

from accounts.act import Act
from audit.log import record
from kernel.refusal import Refusal, refuse_if_any
from requests_app.email import questions as email
from requests_app.events import QuestionAnswered, QuestionAsked
from requests_app.log import about
from requests_app.models import Question, RoleRequest
from requests_app.operations.approval import LOST_APPROVER, NO_APPROVER
from requests_app.operations.granting import lock_pending
from requests_app.policy import assess_text
from requests_app.queries.deciding import Turn, turn_of
from roles.queries.endings import clock_words

OWN_REQUEST = Refusal("own_request", "Nobody asks themselves: only those who may decide ask back.")
ONLY_ASKER = Refusal("not_yours", "Only the person who asked for the role can answer.")


@transaction.atomic
def ask(act: Act, role_request: RoleRequest, text: str) -> Question:
    """Ask the asker something before it is decided. Whoever may decide in some stage may ask."""
    locked = lock_pending(act, role_request)
    refuse_if_any(may_ask(act, locked, turn_of(locked, act.at)))
    refuse_if_any(assess_text(text, "Write what you want to know."))
    question = Question.objects.create(role_request=locked, asked_by=act.person, asked_at=act.at, text=text.strip())
    record(act, QuestionAsked(because=question.text), about=about(locked))
    email.question_asked(act, question)
    return question


def may_ask(act: Act, role_request: RoleRequest, turn: Turn) -> list[Refusal]:
    """Why the actor may not ask back."""
    if role_request.user == act.person:
        return [OWN_REQUEST]
    if any(act.person in panel for panel in turn.panels):
        return []
    was_asked = role_request.asked_approvers.filter(pk=act.person.pk).exists()
    return [LOST_APPROVER if was_asked else NO_APPROVER]


@transaction.atomic
def answer(act: Act, question: Question, text: str) -> None:
    """The asker answers, once."""
    locked = lock_pending(act, question.role_request)
    fresh = Question.objects.select_related("asked_by").get(pk=question.pk)
    refuse_if_any([] if locked.user == act.person else [ONLY_ASKER])
    refuse_if_any(_answered_already(act, fresh), assess_text(text, "Write an answer."))
    fresh.role_request, fresh.answer, fresh.answered_at = locked, text.strip(), act.at
    fresh.save(update_fields=["answer", "answered_at"])
    record(act, QuestionAnswered(because=fresh.answer, question=fresh.text), about=about(locked))
    email.question_answered(act, fresh, turn_of(locked, act.at))


def _answered_already(act: Act, question: Question) -> list[Refusal]:
    if question.answered_at is None:
        return []
    sentence = f"You have answered this question at {clock_words(question.answered_at, act.at)} already."
    return [Refusal("answered", sentence, is_conflict=True)]
