"""One assignment, eligible or active: looked at, updated, converted, removed."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.act import PortalRequest
from kernel.refusal import Refused, show_on
from roles.forms.grants import ConvertForm, RemoveForm, UpdateForm, default_end, extended_end, period_of
from roles.models import Assignment, Eligibility
from roles.operations import amendments, grants
from roles.queries import assignments as queries
from roles.queries.giving import terms_of
from roles.views.assignments import manages_roles, reads_roles

Grant = Eligibility | Assignment
NAMES = ("role__policy", "role__resource", "scope", "user", "group")
READS = ["GET", "HEAD", "POST"]


@require_safe
@reads_roles
def eligibility(request: PortalRequest, grant_id: int) -> HttpResponse:
    """One eligibility, and what is activated from it."""
    grant = _eligibility(grant_id)
    running = Assignment.objects.not_over(request.act.at).filter(activated_from=grant)
    return _show(request, grant, {"activations": running.select_related("user").order_by("start_at", "pk")})


@require_safe
@reads_roles
def assignment(request: PortalRequest, grant_id: int) -> HttpResponse:
    """One active assignment, or activation."""
    return _show(request, _assignment(grant_id), {})


@require_http_methods(READS)
@manages_roles
def update_eligibility(request: PortalRequest, grant_id: int) -> HttpResponse:
    """Give an eligibility another period."""
    return _update(request, _eligibility(grant_id))


@require_http_methods(READS)
@manages_roles
def update_assignment(request: PortalRequest, grant_id: int) -> HttpResponse:
    """Give an active assignment another period."""
    return _update(request, _assignment(grant_id))


@require_http_methods(READS)
@manages_roles
def convert_eligibility(request: PortalRequest, grant_id: int) -> HttpResponse:
    """Make an eligibility an active assignment."""
    return _convert(request, _eligibility(grant_id))


@require_http_methods(READS)
@manages_roles
def convert_assignment(request: PortalRequest, grant_id: int) -> HttpResponse:
    """Make an active assignment an eligibility."""
    return _convert(request, _assignment(grant_id))


@require_http_methods(READS)
@manages_roles
def remove_eligibility(request: PortalRequest, grant_id: int) -> HttpResponse:
    """Take an eligibility away, and what was activated from it."""
    return _remove(request, _eligibility(grant_id))


@require_http_methods(READS)
@manages_roles
def remove_assignment(request: PortalRequest, grant_id: int) -> HttpResponse:
    """Take an active role away."""
    return _remove(request, _assignment(grant_id))


def _eligibility(grant_id: int) -> Eligibility:
    return get_object_or_404(Eligibility.objects.select_related(*NAMES), pk=grant_id)


def _assignment(grant_id: int) -> Assignment:
    return get_object_or_404(Assignment.objects.select_related(*NAMES), pk=grant_id)


def _show(request: PortalRequest, grant: Grant, more: dict[str, Any]) -> HttpResponse:
    at = request.act.at
    state, tone = queries.state_of(grant, at=at)
    is_activation = isinstance(grant, Assignment) and grant.activated_from_id is not None
    page = {
        "grant": grant,
        "kind": grant.kind,
        "state": state,
        "tone": tone,
        "is_over": grant.is_over(at),
        "is_activation": is_activation,
        "names": _names(grant),
        **more,
    }
    return render(request, "roles/grant.html", page)


def _names(grant: Grant) -> dict[str, str]:
    """The names of the pages about it."""
    noun = "eligibility" if isinstance(grant, Eligibility) else "assignment"
    return {"show": noun, **{verb: f"{verb}_{noun}" for verb in ("update", "convert", "remove")}}


def _update(request: PortalRequest, grant: Grant) -> HttpResponse:
    at, extends = request.act.at, request.GET.get("extend") == "yes"
    initial = period_of(grant)
    if extends:
        initial |= {"permanent": False, "end_at": extended_end(grant, at)}
    form = UpdateForm(request.POST or None, grant=grant, at=at, initial=initial)

    def update() -> str:
        amendments.update(request.act, grant, form.ask(at))
        return f"Saved. {grant.holder} and the administrators get an email."

    page = {"extends": extends, "terms": terms_of(grant.role, grant.kind)}
    return _changed(request, grant, form, update, "roles/update_grant.html", page)


def _convert(request: PortalRequest, grant: Grant) -> HttpResponse:
    at, other = request.act.at, grant.kind.other
    terms = terms_of(grant.role, other)
    longest = default_end(max(grant.start_at, at), terms.max_duration)
    keeps = grant.end_at is not None and (terms.permanent_allowed or grant.end_at <= longest)
    is_permanent = grant.end_at is None and terms.permanent_allowed
    initial = {"permanent": is_permanent, "end_at": grant.end_at if keeps else longest}
    form = ConvertForm(request.POST or None, initial=initial)

    def convert() -> str:
        amendments.convert(request.act, grant, form.ask(at))
        return f"{grant.holder} is now {other} for {grant.role}. They and the administrators get an email."

    return _changed(request, grant, form, convert, "roles/convert_grant.html", {"other": other, "terms": terms})


def _remove(request: PortalRequest, grant: Grant) -> HttpResponse:
    form = RemoveForm(request.POST or None)

    def remove() -> str:
        because = form.cleaned_data["justification"]
        if isinstance(grant, Eligibility):
            grants.remove_eligibility(request.act, grant, because=because)
        else:
            grants.remove_assignment(request.act, grant, because=because)
        return f"{grant.holder} no longer has this: {grant.role}, {grant.kind}."

    return _changed(request, grant, form, remove, "roles/remove.html", {})


def _changed(
    request: PortalRequest,
    grant: Grant,
    form: forms.Form,
    change: Callable[[], str],
    template: str,
    more: dict[str, Any],
) -> HttpResponse:
    """Do it, say so in the sentence it gives back, and return to the list; or show the form, with what is wrong."""
    tab, status = grant.kind, 400 if form.errors else 200
    if form.is_valid():
        try:
            sentence = change()
        except Refused as refused:
            show_on(form, refused)
            status = refused.status
        else:
            messages.success(request, sentence)
            return redirect(f"{reverse('assignments')}?tab={tab}")
    page = {"form": form, "grant": grant, "tab": tab, "show": _names(grant)["show"], **more}
    return render(request, template, page, status=status)
