"""One request, with its whole journey, where approvers decide."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.act import PortalRequest
from accounts.views.security import to_verify
from audit.events import label_of
from audit.models import Entry
from kernel.refusal import Refused, show_on
from requests_app.forms.decision import DecisionForm
from requests_app.forms.typed import as_typed
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from requests_app.operations import activation, approval
from requests_app.policy import decider_needs_proof
from requests_app.queries import lists
from requests_app.queries.deciding import Turn, approval_terms, turn_of, visible
from requests_app.queries.standing import why_lapsed

DRAFT = "decision draft"


def _visible(request: PortalRequest, request_id: int) -> RoleRequest:
    found = visible(request.user, request_id, at=request.act.at)
    if found is None:
        raise Http404
    return found


@require_safe
def role_request(request: PortalRequest, request_id: int) -> HttpResponse:
    """One request. Opening it changes nothing, whoever or whatever opens it."""
    found = _visible(request, request_id)
    draft = request.session.get(DRAFT)
    typed = draft["typed"] if draft and draft["path"] == request.path else {}
    return _show(request, found, DecisionForm(terms=approval_terms(found.role_id), initial=typed))


@require_POST
def decide(request: PortalRequest, request_id: int, verb: str) -> HttpResponse:
    """Approve or deny; the second factor first, if the role wants it, and nothing typed is lost on the way."""
    found = _visible(request, request_id)
    terms, here = approval_terms(found.role_id), reverse("request", args=[found.pk])
    form = DecisionForm(request.POST, terms=terms)
    operation = approval.approve if verb == "approve" else approval.deny
    if form.is_valid():
        try:
            operation(request.act, found, because=form.cleaned_data["justification"])
        except Refused as refused:
            if "decider_second_factor" in refused.codes:
                request.session[DRAFT] = {"path": here, "typed": as_typed(request.POST)}
                return redirect(to_verify(here))
            show_on(form, refused)
            status = 400 if all(refusal.field for refusal in refused.refusals) else 409
            return _show(request, _visible(request, request_id), form, status=status)
        request.session.pop(DRAFT, None)
        messages.success(request, _sentence(found, verb))
        return redirect(here)
    return _show(request, found, form, status=400)


def _sentence(role_request: RoleRequest, verb: str) -> str:
    role_request.refresh_from_db()
    if role_request.status == Status.PENDING:
        return "You approved the request. It waits for others before it is granted."
    done = "approved" if verb == "approve" else "denied"
    return f"You {done} the request. {role_request.user.name} is told by email."


@require_POST
def cancel(request: PortalRequest, request_id: int) -> HttpResponse:
    """Take my own pending request back."""
    found = _visible(request, request_id)
    try:
        activation.cancel(request.act, found)
    except Refused as refused:
        form = DecisionForm(terms=approval_terms(found.role_id))
        sentences = [refusal.sentence for refusal in refused.refusals]
        return _show(request, _visible(request, request_id), form, status=409, refusals=sentences)
    messages.success(request, "Your request is cancelled.")
    return redirect("request", found.pk)


def _show(
    request: PortalRequest,
    found: RoleRequest,
    form: DecisionForm,
    *,
    status: int = 200,
    refusals: list[str] | None = None,
) -> HttpResponse:
    at, is_mine = request.act.at, found.user_id == request.user.pk
    ((_found, badge),) = lists.badges([found], at=at)
    turn = turn_of(found, at)
    page = {
        "here": "my_requests" if is_mine else "approvals",
        "role_request": found,
        "badge": badge,
        "grant_badge": lists.grant_badge(found.assignment, at=at) if found.assignment else None,
        "turn": turn,
        "is_open": badge.status == Status.PENDING,
        "ran_out": badge.status == Status.TIMED_OUT and found.status == Status.PENDING,
        "lapsed": badge.status == Status.LAPSED,
        # Once it is closed, the journey tells why it was: what is so today may be otherwise.
        "why_lapsed": why_lapsed(found, at) if badge.status == Status.LAPSED != found.status else "",
        "is_mine": is_mine,
        "form": form,
        "refusals": refusals or [],
        "journey": [
            (entry, label_of(entry.kind)) for entry in Entry.objects.filter(request_id=found.pk).order_by("at", "pk")
        ],
    }
    if page["is_open"]:
        page |= _deciding(request, found, turn)
    return render(request, "requests_app/request.html", page, status=status)


def _deciding(request: PortalRequest, found: RoleRequest, turn: Turn) -> dict[str, Any]:
    """What the page tells of deciding, as long as there is something to decide."""
    in_the_way = approval.may_decide(request.act, found, turn)
    is_told = found.user_id != request.user.pk and approval.NO_APPROVER not in in_the_way
    return {
        "may_decide": not in_the_way,
        "in_the_way": (in_the_way or approval.may_approve(request.act, turn)) if is_told else [],
        "missing_proof": decider_needs_proof(turn.terms, request.act),
        "verify_url": to_verify(reverse("request", args=[found.pk])),
    }
