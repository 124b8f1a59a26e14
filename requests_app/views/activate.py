"""Activating a role."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from accounts.views.security import to_verify
from kernel.refusal import Refused, show_on
from requests_app.forms.activation import ActivationForm
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from requests_app.operations import activation, waiting
from requests_app.queries import lists, offers
from requests_app.queries.standing import foreseen, lacks_proof, sent_already, standing
from requests_app.views import drafts
from roles.models import Eligibility, Resource
from roles.queries import access
from roles.queries.deciders import panels, stranded


@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: PortalRequest, eligibility_id: int) -> HttpResponse:
    """Ask for the second factor if it is wanted, then for the rest; nothing typed is lost on the way."""
    eligibility = _mine(request, eligibility_id)
    if ended := standing(request.act, eligibility, request.user):
        page = {"eligibility": eligibility, "refusals": ended}
        return render(request, "requests_app/eligibility_ended.html", page, status=409)
    terms, places = eligibility.role.policy.activation_terms(), [eligibility.scope, *access.below(eligibility.scope)]
    form = ActivationForm(
        request.POST or None, terms=terms, at=request.act.at, places=places, initial=drafts.kept_or_last(request)
    )
    is_valid, status = form.is_valid(), 400 if form.errors else 200
    missing_proof = lacks_proof(terms, request.act)
    if request.method == "POST" and missing_proof and not sent_already(request.act, eligibility, form.key):
        drafts.keep(request)
        return redirect(to_verify(request.get_full_path()))
    if is_valid:
        try:
            role_request = _submit(request, eligibility, form)
        except Refused as refused:
            show_on(form, refused)
            status = refused.status
            if "nobody" in refused.codes:
                waiting.tell_nobody_available(request.act, eligibility)
        else:
            drafts.drop(request)
            messages.success(request, _sentence(role_request))
            return redirect("request", role_request.pk)
    return _show(request, eligibility, form, places, missing_proof=missing_proof, status=status)


def _mine(request: PortalRequest, eligibility_id: int) -> Eligibility:
    """My own eligibility, in force or ended; whatever else it may be, it is not here."""
    try:
        found = offers.picked(request.user, [eligibility_id], at=request.act.at)
    except OverflowError as error:
        raise Http404 from error
    if not found:
        raise Http404
    return found[0]


def _submit(request: PortalRequest, eligibility: Eligibility, form: ActivationForm) -> RoleRequest:
    typed = form.cleaned_data
    return activation.submit(request.act, eligibility, form.ask(), form_key=typed["form_key"], on=typed.get("scope"))


def _sentence(role_request: RoleRequest) -> str:
    if role_request.status == Status.GRANTED:
        return f"{role_request.role} is activated."
    return f"Your request for {role_request.role} is sent. You get an email when it is decided."


def _show(
    request: PortalRequest,
    eligibility: Eligibility,
    form: ActivationForm,
    places: list[Resource],
    *,
    missing_proof: bool,
    status: int,
) -> HttpResponse:
    approval, asker, at = eligibility.role.policy.settings().approval, request.user, request.act.at
    stages = panels(approval, at) if form.terms.needs_approval else ()
    page = {
        "eligibility": eligibility,
        "terms": form.terms,
        "form": form,
        "missing_proof": missing_proof,
        "verify_url": to_verify(request.get_full_path()),
        "stages": [(panel.quorum, panel.for_(asker)) for panel in stages],
        "nobody_left": bool(stranded(stages, [asker])),
        "proof": request.act.proof,
        "foreseen": foreseen(request.act, eligibility, places),
        "pending": lists.pending(asker, at=at).get((eligibility.role_id, eligibility.scope_id)),
        "gives": offers.gives(eligibility, at=at),
        "last": offers.last_typed(asker, [eligibility.role]),
    }
    return render(request, "requests_app/activate.html", page, status=status)
