"""Asking to keep what is assigned to me: extend it before its end, renew it afterwards."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from kernel.refusal import Refused, show_on
from requests_app.forms.renewals import RenewalForm
from requests_app.operations import renewals
from requests_app.queries import renewals as queries
from roles.forms.grants import extended_end
from roles.models import Assignment, Eligibility
from roles.queries.giving import terms_of

NAMES = ("role__policy", "role__resource", "scope", "user", "group")
READS = ["GET", "HEAD", "POST"]


@require_http_methods(READS)
def renew_eligibility(request: PortalRequest, grant_id: int) -> HttpResponse:
    """Ask to stay eligible. What is not mine, or comes through a group, is not here."""
    mine = Eligibility.objects.filter(user=request.user).select_related(*NAMES)
    return _renew(request, get_object_or_404(mine, pk=grant_id))


@require_http_methods(READS)
def renew_assignment(request: PortalRequest, grant_id: int) -> HttpResponse:
    """Ask to stay active. What was activated is not here."""
    mine = Assignment.objects.filter(user=request.user, activated_from=None).select_related(*NAMES)
    return _renew(request, get_object_or_404(mine, pk=grant_id))


def _renew(request: PortalRequest, grant: Eligibility | Assignment) -> HttpResponse:
    act = request.act
    form = RenewalForm(request.POST or None, initial={"end_at": extended_end(grant, act.at)})
    status = 400 if form.errors else 200
    if form.is_valid():
        try:
            renewal = renewals.ask(act, grant, form.ask(act.at), form_key=form.cleaned_data["form_key"])
        except Refused as refused:
            show_on(form, refused)
            status = refused.status
        else:
            messages.success(request, "Your request is sent. You get an email when an administrator has decided.")
            return redirect("renewal", renewal.pk)
    page = {
        "grant": grant,
        "terms": terms_of(grant.role, grant.kind),
        "action": queries.action_of(grant, act.at),
        "refusals": [] if form.is_bound else queries.not_renewable(act, grant),
        "pending": queries.pending(grant, act.at),
        "form": form,
    }
    return render(request, "requests_app/renew.html", page, status=status)
