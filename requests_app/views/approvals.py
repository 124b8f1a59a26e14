"""What waits for my decision: one or many at once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.act import PortalRequest
from accounts.views.security import to_verify
from kernel.refusal import Refused
from requests_app.forms.decision import InboxForm, ManyForm
from requests_app.models import RoleRequest
from requests_app.operations import approval
from requests_app.policy import decider_needs_proof
from requests_app.queries import inbox, renewals
from requests_app.queries.deciding import approval_terms, visible
from requests_app.views import drafts

MOST_AT_ONCE = inbox.ON_A_PAGE
Outcome = tuple[RoleRequest, Refused | None]


@require_safe
def approvals(request: PortalRequest) -> HttpResponse:
    """What waits for my decision, oldest first."""
    return _show(request, ManyForm(initial=drafts.kept(request)))


@require_POST
def decide_many(request: PortalRequest, verb: str) -> HttpResponse:
    """Approve or deny each that is ticked, each by itself; the second factor once, if a role asks for it."""
    form, here = ManyForm(request.POST), _inbox(request)
    numbers = form.chosen()[:MOST_AT_ONCE]
    found = [one for number in numbers if (one := visible(request.user, number, at=request.act.at))]
    if not found:
        form.add_error(None, "Tick the requests you decide on.")
    if not form.is_valid():
        return _show(request, form, status=400)
    if any(decider_needs_proof(approval_terms(role_id), request.act) for role_id in {one.role_id for one in found}):
        typed = {"justification": form.cleaned_data["justification"], "request": [str(one.pk) for one in found]}
        drafts.keep(request, of=here, typed=typed)
        return redirect(to_verify(here))
    outcomes = [(one, _decide(request, one, verb, form.cleaned_data["justification"])) for one in found]
    drafts.drop(request, of=here)
    if any(refused for _one, refused in outcomes):
        return _show(request, form, outcomes=outcomes, status=max(r.status for _one, r in outcomes if r))
    messages.success(request, _sentence(verb, len(found)))
    return redirect(here)


def _inbox(request: PortalRequest) -> str:
    """The inbox as it was narrowed, ordered and leafed through."""
    query = request.GET.urlencode()
    return reverse("approvals") + (f"?{query}" if query else "")


def _decide(request: PortalRequest, role_request: RoleRequest, verb: str, because: str) -> Refused | None:
    operation = approval.approve if verb == "approve" else approval.deny
    try:
        operation(request.act, role_request, because=because)
    except Refused as refused:
        return refused
    return None


def _sentence(verb: str, count: int) -> str:
    done = "approved" if verb == "approve" else "denied"
    if count == 1:
        return f"You {done} the request. Whoever asked is told when it is decided."
    return f"You {done} {count} requests. Whoever asked is told when it is decided."


def _show(
    request: PortalRequest, form: ManyForm, *, outcomes: list[Outcome] | None = None, status: int = 200
) -> HttpResponse:
    filters = InboxForm(request.GET)
    typed = filters.cleaned_data if filters.is_valid() else {"q": "", "sort": ""}
    number, at = request.GET.get("page"), request.act.at
    page = inbox.page_of(request.user, said=typed["q"], sort=typed["sort"], number=number, at=at)
    shown = {
        "page": page,
        "waiting": inbox.with_history(page),
        "form": form,
        "filters": filters,
        "said": typed["q"],
        "chosen": form.chosen(),
        "outcomes": outcomes or [],
        "renewals": renewals.waiting(request.user, at=at).with_names()[:200],
    }
    return render(request, "requests_app/approvals.html", shown, status=status)
