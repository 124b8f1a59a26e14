"""One request, with its whole journey, where approvers decide."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.act import PortalRequest
from accounts.views.security import to_verify
from audit.events import label_of
from audit.models import Entry
from audit.queries import archives
from kernel.refusal import Refused, show_on
from notifications.queries import written_about
from requests_app.forms.decision import DecisionForm, TextForm
from requests_app.lifecycle import Status
from requests_app.models import Question, RoleRequest
from requests_app.operations import activation, approval, questions, waiting
from requests_app.policy import decider_needs_proof
from requests_app.queries import lists
from requests_app.queries.allowing import allowed, in_short
from requests_app.queries.deciding import Turn, approval_terms, turn_of, visible
from requests_app.queries.standing import why_lapsed
from requests_app.views import drafts
from roles.queries import access

QUESTION = "Ask back"
WHO_READS = "The person who asked answers here. The time to decide goes on."


def _visible(request: PortalRequest, request_id: int) -> RoleRequest:
    found = visible(request.user, request_id, at=request.act.at)
    if found is None:
        raise Http404
    return found


@require_safe
def role_request(request: PortalRequest, request_id: int) -> HttpResponse:
    """One request. Opening it changes nothing, whoever or whatever opens it."""
    found = _visible(request, request_id)
    return _show(request, found, form=_form(found, initial=drafts.kept(request)))


def _form(found: RoleRequest, data: Any = None, initial: Any = None) -> DecisionForm:
    so_far = allowed(found)
    return DecisionForm(
        data,
        initial=initial,
        terms=approval_terms(found.role_id),
        so_far=so_far,
        places=[so_far.scope, *access.below(so_far.scope)],
        extends=found.extends_id is not None,
    )


@require_POST
def decide(request: PortalRequest, request_id: int, verb: str) -> HttpResponse:
    """Approve or deny; the second factor first, if the role wants it, and nothing typed is lost on the way."""
    found = _visible(request, request_id)
    form, here = _form(found, request.POST), reverse("request", args=[found.pk])
    if not form.is_valid():
        return _show(request, found, form=form, status=400)
    because = form.cleaned_data["justification"]
    try:
        if verb == "approve":
            approval.approve(request.act, found, because=because, allowing=form.allowing())
        else:
            approval.deny(request.act, found, because=because)
    except Refused as refused:
        if "decider_second_factor" in refused.codes:
            drafts.keep(request, of=here)
            return redirect(to_verify(here))
        show_on(form, refused)
        return _show(request, _visible(request, request_id), form=form, status=refused.status)
    drafts.drop(request, of=here)
    messages.success(request, _sentence(found, verb))
    return redirect(here)


def _sentence(role_request: RoleRequest, verb: str) -> str:
    role_request.refresh_from_db()
    if role_request.status == Status.PENDING:
        return "You approved the request. It waits for others before it is granted."
    done = "approved" if verb == "approve" else "denied"
    return f"You {done} the request. {role_request.user.name} is told by email."


@require_POST
def ask(request: PortalRequest, request_id: int) -> HttpResponse:
    """Ask whoever asked for it something first."""
    found = _visible(request, request_id)
    form = TextForm(request.POST, label=QUESTION, help_text=WHO_READS)
    if not form.is_valid():
        return _show(request, found, ask_form=form, status=400)
    try:
        questions.ask(request.act, found, form.cleaned_data["text"])
    except Refused as refused:
        show_on(form, refused)
        return _show(request, _visible(request, request_id), ask_form=form, status=refused.status)
    messages.success(request, f"{found.user.name} has your question by email. The time to decide goes on.")
    return redirect("request", found.pk)


@require_POST
def answer(request: PortalRequest, request_id: int, question_id: int) -> HttpResponse:
    """Answer a question about what I asked for."""
    found = _visible(request, request_id)
    question = found.questions.filter(pk=question_id).first()
    if question is None:
        raise Http404
    form = _answer_form(question, request.POST)
    if not form.is_valid():
        return _show(request, found, answer_form=(question_id, form), status=400)
    try:
        questions.answer(request.act, question, form.cleaned_data["text"])
    except Refused as refused:
        show_on(form, refused)
        return _show(request, _visible(request, request_id), answer_form=(question_id, form), status=refused.status)
    messages.success(request, "Your answer is sent to those who decide.")
    return redirect("request", found.pk)


def _answer_form(question: Question, data: Any = None) -> TextForm:
    return TextForm(data, label="Your answer", auto_id=f"id_answer_{question.pk}_%s")


@require_POST
def cancel(request: PortalRequest, request_id: int) -> HttpResponse:
    """Take my own pending request back."""
    found = _visible(request, request_id)
    try:
        activation.cancel(request.act, found)
    except Refused as refused:
        return _show(request, _visible(request, request_id), refused=refused, status=refused.status)
    messages.success(request, "Your request is cancelled.")
    return redirect("request", found.pk)


@require_POST
def resend(request: PortalRequest, request_id: int) -> HttpResponse:
    """Have those who can decide written to again."""
    found = _visible(request, request_id)
    try:
        waiting.resend(request.act, found)
    except Refused as refused:
        return _show(request, _visible(request, request_id), refused=refused, status=refused.status)
    messages.success(request, "Everybody who can decide has a new email.")
    return redirect("request", found.pk)


def _show(
    request: PortalRequest,
    found: RoleRequest,
    *,
    form: DecisionForm | None = None,
    ask_form: TextForm | None = None,
    answer_form: tuple[int, TextForm] | None = None,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    at, is_mine = request.act.at, found.user_id == request.user.pk
    ((_found, badge),) = lists.badges([found], at=at)
    turn, granted = turn_of(found, at), found.granted
    page = {
        "here": "my_requests" if is_mine else "approvals",
        "role_request": found,
        "badge": badge,
        "granted": granted,
        "grant_badge": lists.grant_badge(granted, at=at) if granted else None,
        "turn": turn,
        "is_open": badge.status == Status.PENDING,
        "ran_out": badge.status == Status.TIMED_OUT and found.status == Status.PENDING,
        "lapsed": badge.status == Status.LAPSED,
        # Once it is closed, the journey tells why it was: what is so today may be otherwise.
        "why_lapsed": why_lapsed(found, at) if badge.status == Status.LAPSED != found.status else "",
        "is_mine": is_mine,
        "form": form or _form(found),
        "ask_form": ask_form or TextForm(label=QUESTION, help_text=WHO_READS, auto_id="id_ask_%s"),
        "refusals": [one.sentence for one in refused.refusals] if refused else [],
        **_story(found, answer_form),
    }
    page["state"] = f"{badge.status}-{page['grant_badge']}-{len(page['journey'])}-{turn.stage}-{len(turn.deciders)}"
    if page["is_open"]:
        page |= _deciding(request, found, turn)
    return render(request, "requests_app/request.html", page, status=status)


def _story(found: RoleRequest, answer_form: tuple[int, TextForm] | None) -> dict[str, Any]:
    """What was allowed, asked, answered, written, and done so far."""
    typed = dict([answer_form]) if answer_form else {}
    told = found.questions.select_related("asked_by")
    path = reverse("request", args=[found.pk])
    return {
        "allowed": in_short(found, allowed(found)),
        "questions": [(one, typed.get(one.pk) or _answer_form(one)) for one in told],
        "told": [(WRITTEN.get(one.template, "Told"), one) for one in written_about(path)],
        "permalink": f"{settings.PUBLIC_URL}{path}",
        "journey": [
            (entry, label_of(entry.kind)) for entry in Entry.objects.filter(request_id=found.pk).order_by("at", "pk")
        ],
        "archived": archives.since(found.asked_at),
    }


# What each email about a request says, for whoever reads that it was written.
WRITTEN = {
    "approval_wanted": "Asked to decide",
    "approval_reminder": "Reminded to decide",
    "approval_escalated": "Asked to decide, on escalation",
    "question_asked": "A question",
    "question_answered": "An answer",
    "your_request_decided": "What was decided",
    "request_decided": "What was decided",
    "request_closed": "Nothing left to decide",
    "your_request_timed_out": "Not decided in time",
    "your_request_lapsed": "No longer possible",
    "nobody_can_decide": "Told that nobody can decide",
    "your_request_is_stuck": "Told that nobody can decide",
}


def _deciding(request: PortalRequest, found: RoleRequest, turn: Turn) -> dict[str, Any]:
    """What the page tells of deciding, as long as there is something to decide."""
    in_the_way = approval.may_decide(request.act, found, turn)
    is_told = found.user_id != request.user.pk and approval.NO_APPROVER not in in_the_way
    return {
        "may_decide": not in_the_way,
        "may_ask": not questions.may_ask(request.act, found, turn),
        "in_the_way": (in_the_way or approval.may_approve(request.act, turn)) if is_told else [],
        "missing_proof": decider_needs_proof(turn.terms, request.act),
        "verify_url": to_verify(reverse("request", args=[found.pk])),
        "resend_from": waiting.resend_from(found),
        "may_resend": waiting.resend_from(found) <= request.act.at and turn.deciders,
    }
