"""Activating a role."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from accounts.views.security import to_verify
from kernel.refusal import Refused, show_on
from requests_app.forms.activation import ActivationForm
from requests_app.forms.typed import as_typed
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from requests_app.operations import activation, waiting
from requests_app.queries.standing import lacks_proof, sent_already
from roles.models import Eligibility, Resource
from roles.queries import access
from roles.queries.deciders import panels, stranded
from roles.terms import ActivationTerms

DRAFT = "activation draft"


@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: PortalRequest, eligibility_id: int) -> HttpResponse:
    """Ask for the second factor if it is wanted, then for the rest; nothing typed is lost on the way."""
    eligibility = _mine(request, eligibility_id)
    terms, places = eligibility.role.policy.activation_terms(), _places(eligibility)
    form = ActivationForm(request.POST or None, terms=terms, places=places, initial=_draft(request))
    is_valid, missing_proof = form.is_valid(), lacks_proof(terms, request.act)
    status = 400 if form.errors else 200
    if request.method == "POST" and missing_proof and not sent_already(request.act, eligibility, form.key):
        request.session[DRAFT] = {"path": request.path, "typed": as_typed(request.POST)}
        return redirect(to_verify(request.path))
    if is_valid:
        try:
            role_request = activation.submit(
                request.act,
                eligibility,
                form.ask(),
                form_key=form.cleaned_data["form_key"],
                on=form.cleaned_data.get("scope"),
            )
        except Refused as refused:
            show_on(form, refused)
            status = refused.status
            if "nobody" in refused.codes:
                waiting.tell_nobody_available(request.act, eligibility)
        else:
            request.session.pop(DRAFT, None)
            messages.success(request, _sentence(role_request))
            return redirect("request", role_request.pk)
    return _show(request, eligibility, terms, form, missing_proof=missing_proof, status=status)


def _mine(request: PortalRequest, eligibility_id: int) -> Eligibility:
    """My own eligibility, in force; whatever else it may be, it is not here."""
    grants = Eligibility.objects.of(request.user, request.act.at).in_force(request.act.at)
    found = grants.select_related("role__policy", "role__resource", "scope", "group").filter(pk=eligibility_id).first()
    if found is None:
        raise Http404
    return found


def _places(eligibility: Eligibility) -> list[Resource]:
    """Where one may activate: where one is eligible, and below."""
    return [eligibility.scope, *access.below(eligibility.scope)]


def _draft(request: PortalRequest) -> dict[str, Any]:
    draft = request.session.get(DRAFT)
    return dict(draft["typed"]) if draft and draft["path"] == request.path else {}


def _sentence(role_request: RoleRequest) -> str:
    if role_request.status == Status.GRANTED:
        return f"{role_request.role} is activated."
    return f"Your request for {role_request.role} is sent. You get an email when it is decided."


def _show(
    request: PortalRequest,
    eligibility: Eligibility,
    terms: ActivationTerms,
    form: ActivationForm,
    *,
    missing_proof: bool,
    status: int,
) -> HttpResponse:
    approval, asker = eligibility.role.policy.settings().approval, request.user
    stages = panels(approval, request.act.at) if terms.needs_approval else ()
    page = {
        "eligibility": eligibility,
        "terms": terms,
        "form": form,
        "missing_proof": missing_proof,
        "verify_url": to_verify(request.path),
        "stages": [(panel.quorum, panel.for_(asker)) for panel in stages],
        "nobody_left": bool(stranded(stages, [asker])),
        "proof": request.act.proof,
    }
    return render(request, "requests_app/activate.html", page, status=status)
