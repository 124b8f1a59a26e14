"""My requests; and one request, with its whole journey, where approvers decide."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.act import PortalRequest
from audit.events import label_of
from audit.models import Entry
from kernel.refusal import Refused, show_on
from requests_app import queries
from requests_app.forms import DecisionForm
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from requests_app.operations import activation, approval
from roles.queries import approvers


@require_safe
def my_requests(request: PortalRequest) -> HttpResponse:
    """What I asked for, newest first."""
    page = queries.mine(request.user, request.GET.get("page"))
    rows = [(found, queries.badge(found, at=request.act.at)) for found in page]
    return render(request, "requests_app/my_requests.html", {"page": page, "rows": rows})


@require_safe
def approvals(request: PortalRequest) -> HttpResponse:
    """What waits for my decision, oldest first."""
    waiting = queries.inbox(request.user, at=request.act.at)[:200]
    return render(request, "requests_app/approvals.html", {"waiting": waiting})


def _visible(request: PortalRequest, request_id: int) -> RoleRequest:
    found = queries.visible(request.user, request_id, at=request.act.at)
    if found is None:
        raise Http404
    return found


@require_safe
def role_request(request: PortalRequest, request_id: int) -> HttpResponse:
    """One request. Opening it changes nothing, whoever or whatever opens it."""
    return _show(request, _visible(request, request_id), DecisionForm())


@require_POST
def decide(request: PortalRequest, request_id: int, verb: str) -> HttpResponse:
    """Approve or deny."""
    found = _visible(request, request_id)
    form = DecisionForm(request.POST)
    operation = approval.approve if verb == "approve" else approval.deny
    if form.is_valid():
        try:
            operation(request.act, found, because=form.cleaned_data["justification"])
        except Refused as refused:
            show_on(form, refused)
            status = 400 if all(refusal.field for refusal in refused.refusals) else 409
            found.refresh_from_db()
            return _show(request, found, form, status=status)
        done = "approved" if verb == "approve" else "denied"
        messages.success(request, f"You {done} the request. {found.user.name} is told by email.")
        return redirect("request", found.pk)
    return _show(request, found, form, status=400)


@require_POST
def cancel(request: PortalRequest, request_id: int) -> HttpResponse:
    """Take my own pending request back."""
    found = _visible(request, request_id)
    try:
        activation.cancel(request.act, found)
    except Refused as refused:
        form = DecisionForm()
        found.refresh_from_db()
        return _show(request, found, form, status=409, refusals=[refusal.sentence for refusal in refused.refusals])
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
    at = request.act.at
    is_open = found.status == Status.PENDING and at < found.decide_until
    in_the_way = approval.may_decide(request.act, found) if is_open else []
    is_mine = found.user_id == request.user.pk
    page = {
        "here": "my_requests" if is_mine else "approvals",
        "role_request": found,
        "badge": queries.badge(found, at=at),
        "grant_badge": queries.grant_badge(found.assignment, at=at) if found.assignment else None,
        "decision": found.decisions.select_related("approver").first(),
        "is_open": is_open,
        "ran_out": found.status == Status.PENDING and not is_open,
        "is_mine": is_mine,
        "may_decide": is_open and not in_the_way,
        "in_the_way": [] if is_mine or approval.NO_APPROVER in in_the_way else in_the_way,
        "waits_for": approvers(found.role, at, asker=found.user) if is_open else [],
        "form": form,
        "refusals": refusals or [],
        "journey": [
            (entry, label_of(entry.kind)) for entry in Entry.objects.filter(request_id=found.pk).order_by("at", "pk")
        ],
    }
    return render(request, "requests_app/request.html", page, status=status)
