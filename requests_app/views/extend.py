"""Making a running activation last longer."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from accounts.views.security import to_verify
from kernel.refusal import Refused, show_on
from requests_app.forms.extension import ExtensionForm
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from requests_app.operations import extension
from requests_app.queries.standing import lacks_proof, not_running, sent_already, stands_until
from requests_app.views import drafts
from roles.models import Assignment, Eligibility
from roles.queries.deciders import panels, stranded


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: PortalRequest, assignment_id: int) -> HttpResponse:
    """Ask for the second factor if it is wanted, then for the rest; nothing typed is lost on the way."""
    assignment, eligibility = _mine(request, assignment_id)
    terms = eligibility.role.policy.activation_terms()
    form = ExtensionForm(request.POST or None, terms=terms, at=request.act.at, initial=drafts.kept(request))
    is_valid, missing_proof = form.is_valid(), lacks_proof(terms, request.act)
    status = 400 if form.errors else 200
    if request.method == "POST" and missing_proof and not sent_already(request.act, eligibility, form.key):
        drafts.keep(request)
        return redirect(to_verify(request.path))
    if is_valid:
        try:
            asked = extension.extend(request.act, assignment, form.ask(), form_key=form.cleaned_data["form_key"])
        except Refused as refused:
            show_on(form, refused)
            status = refused.status
        else:
            drafts.drop(request)
            return _done(request, asked)
    page = {"assignment": assignment, "form": form, "missing_proof": missing_proof, **_next(request, eligibility)}
    # A conflict is said once: by the form, or by the page if nothing was sent.
    page["refusals"] = [] if form.is_bound else not_running(request.act, assignment)
    return render(request, "requests_app/extend.html", page, status=status)


def _mine(request: PortalRequest, assignment_id: int) -> tuple[Assignment, Eligibility]:
    """My own activation, running or over; whatever else it may be, it is not here."""
    mine = Assignment.objects.filter(user=request.user, activated_from__isnull=False)
    names = ("role", "scope", "activated_from__role__policy", "activated_from__group")
    found = get_object_or_404(mine.select_related(*names), pk=assignment_id)
    assert found.activated_from is not None  # noqa: S101 - the query asks for it
    return found, found.activated_from


def _next(request: PortalRequest, eligibility: Eligibility) -> dict[str, Any]:
    """What happens when it is sent."""
    terms, asker = eligibility.role.policy.activation_terms(), request.user
    stages = panels(eligibility.role.policy.settings().approval, request.act.at) if terms.needs_approval else ()
    return {
        "terms": terms,
        "stages": [(panel.quorum, panel.for_(asker)) for panel in stages],
        "nobody_left": bool(stranded(stages, [asker])),
        "stays_until": stands_until(eligibility, asker, request.act.at),
        "verify_url": to_verify(request.path),
        "proof": request.act.proof,
    }


def _done(request: PortalRequest, asked: RoleRequest) -> HttpResponse:
    if asked.status == Status.GRANTED and asked.granted and asked.granted.end_at:
        end = timezone.localtime(asked.granted.end_at)
        messages.success(request, f"{asked.role} lasts until {end.day} {end:%b %Y, %H:%M} {end.tzname()} now.")
        return redirect(f"{reverse('my_roles')}?tab=active")
    messages.success(request, f"Your request to extend {asked.role} is sent. You get an email when it is decided.")
    return redirect("request", asked.pk)
