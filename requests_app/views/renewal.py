"""One request to keep what is assigned, with its journey, where administrators decide."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.act import PortalRequest
from audit.events import label_of
from audit.queries import archives
from kernel.refusal import Refused, show_on
from requests_app.forms.renewals import ReasonForm, RenewalDecisionForm
from requests_app.lifecycle import Status
from requests_app.models import RenewalRequest
from requests_app.operations import renewals
from requests_app.queries import renewals as queries


def _visible(request: PortalRequest, renewal_id: int) -> RenewalRequest:
    found = queries.visible(request.user, renewal_id, at=request.act.at)
    if found is None:
        raise Http404
    return found


@require_safe
def renewal(request: PortalRequest, renewal_id: int) -> HttpResponse:
    """One request. Opening it changes nothing."""
    found = _visible(request, renewal_id)
    return _show(request, found)


@require_POST
def grant_renewal(request: PortalRequest, renewal_id: int) -> HttpResponse:
    """Give what was asked for, or what was chosen instead."""
    found = _visible(request, renewal_id)
    form = _typed(request, found)
    if not form.is_valid():
        return _show(request, found, form, status=400)
    try:
        renewals.grant(request.act, found, form.given(), because=form.cleaned_data["justification"])
    except Refused as refused:
        return _refused(request, renewal_id, form, refused)
    messages.success(request, f"Granted. {found.user.name} is told by email.")
    return redirect("renewal", found.pk)


@require_POST
def deny_renewal(request: PortalRequest, renewal_id: int) -> HttpResponse:
    """Leave it to its end."""
    found = _visible(request, renewal_id)
    reason = ReasonForm(request.POST)
    form = _typed(request, found)
    if not reason.is_valid():
        return _show(request, found, form, status=400)
    try:
        renewals.deny(request.act, found, because=reason.cleaned_data["justification"])
    except Refused as refused:
        return _refused(request, renewal_id, form, refused)
    messages.success(request, f"Denied. {found.user.name} is told by email.")
    return redirect("renewal", found.pk)


@require_POST
def cancel_renewal(request: PortalRequest, renewal_id: int) -> HttpResponse:
    """Take my own request back."""
    found = _visible(request, renewal_id)
    try:
        renewals.cancel(request.act, found)
    except Refused as refused:
        return _show(request, _visible(request, renewal_id), refused=refused, status=refused.status)
    messages.success(request, "Your request is cancelled.")
    return redirect("renewal", found.pk)


def _typed(request: PortalRequest, found: RenewalRequest) -> RenewalDecisionForm:
    return _form(found, request.POST, at=request.act.at)


def _form(found: RenewalRequest, typed: QueryDict | None = None, *, at: datetime) -> RenewalDecisionForm:
    initial = {"kind": found.grant.kind.value, "permanent": found.end_at is None, "end_at": found.end_at}
    return RenewalDecisionForm(typed, has_ended=found.grant.is_over(at), initial=initial)


def _refused(request: PortalRequest, renewal_id: int, form: forms.Form, refused: Refused) -> HttpResponse:
    show_on(form, refused)
    return _show(request, _visible(request, renewal_id), form, status=refused.status)


def _show(
    request: PortalRequest,
    found: RenewalRequest,
    form: forms.Form | None = None,
    *,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    badge, is_mine = queries.badge(found, at=request.act.at), found.user_id == request.user.pk
    is_open = badge.status == Status.PENDING
    page = {
        "here": "my_requests" if is_mine else "approvals",
        "renewal": found,
        "badge": badge,
        "is_mine": is_mine,
        "is_open": is_open,
        "may_decide": is_open and not renewals.may_decide(request.act, found),
        "why_lapsed": queries.why_lapsed(found) if badge.status == Status.LAPSED != found.status else "",
        "journey": [(entry, label_of(entry.kind)) for entry in queries.journey(found)],
        "archived": archives.since(found.asked_at),
        "form": form or _form(found, at=request.act.at),
        "refusals": refused.refusals if refused else (),
    }
    return render(request, "requests_app/renewal.html", page, status=status)
