"""Assignments: who may have, has, or had a role; adding and removing."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.act import PortalRequest
from kernel.period import DAY
from kernel.powers import Power
from kernel.refusal import Refused, show_on
from roles import queries
from roles.forms import GrantForm, RemoveForm, default_end
from roles.models import Assignment, Eligibility
from roles.operations import grants

reads_roles = permission_required(Power.ROLES_READ, raise_exception=True)
manages_roles = permission_required(Power.ROLES_MANAGE, raise_exception=True)
TABS = (("eligible", "Eligible"), ("active", "Active"), ("expired", "Expired"))


@require_safe
@reads_roles
def assignments(request: PortalRequest) -> HttpResponse:
    """Three tabs: eligible, active, and what ended in the last 30 days."""
    tab = request.GET.get("tab", "eligible")
    text = request.GET.get("q", "").replace("\x00", "").strip()
    at = request.act.at
    active, eligible = Assignment.objects.not_over(at), Eligibility.objects.not_over(at)
    found: Sequence[Eligibility | Assignment] | QuerySet[Assignment] | QuerySet[Eligibility]
    if tab == "active":
        found = queries.grants_list(active, text)
    elif tab == "expired":
        found = queries.lately_over(at)
    else:
        tab, found = "eligible", queries.grants_list(eligible, text)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(request, "roles/assignments.html", {"page": page, "tab": tab, "tabs": TABS, "q": text})


@require_http_methods(["GET", "HEAD", "POST"])
@manages_roles
def add_assignment(request: PortalRequest) -> HttpResponse:
    """Make a person or group eligible or active."""
    chosen = queries.find_role(request.GET.get("role", ""))
    longest = chosen.policy.settings().eligible.max_duration if chosen else 365 * DAY
    offered = {"role": chosen, "end_at": default_end(request.act.at, longest)}
    form = GrantForm(request.POST or None, initial=offered)
    if form.is_valid():
        role, ask, holder = form.cleaned_data["role"], form.ask(request.act.at), form.chosen_holder()
        is_eligible = form.cleaned_data["kind"] == GrantForm.ELIGIBLE
        try:
            (grants.make_eligible if is_eligible else grants.assign)(request.act, role, ask, to=holder)
        except Refused as refused:
            show_on(form, refused)
        else:
            kind = "eligible" if is_eligible else "active"
            messages.success(request, f"{holder} is now {kind} for {role}. They and the administrators get an email.")
            return redirect(f"{reverse('assignments')}?tab={kind}")
    return render(request, "roles/add_assignment.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_roles
def remove_eligibility(request: PortalRequest, grant_id: int) -> HttpResponse:
    """Take an eligibility away, and what was activated from it."""
    grant = get_object_or_404(Eligibility.objects.select_related("role", "user", "group"), pk=grant_id)
    return _remove(request, grant)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_roles
def remove_assignment(request: PortalRequest, grant_id: int) -> HttpResponse:
    """Take an active role away."""
    grant = get_object_or_404(Assignment.objects.select_related("role", "user", "group"), pk=grant_id)
    return _remove(request, grant)


def _remove(request: PortalRequest, grant: Eligibility | Assignment) -> HttpResponse:
    form = RemoveForm(request.POST or None)
    tab = "eligible" if isinstance(grant, Eligibility) else "active"
    if form.is_valid():
        because = form.cleaned_data["justification"]
        try:
            if isinstance(grant, Eligibility):
                grants.remove_eligibility(request.act, grant, because=because)
            else:
                grants.remove_assignment(request.act, grant, because=because)
        except Refused as refused:
            show_on(form, refused)
        else:
            messages.success(request, f"{grant.holder} no longer has this: {grant.role}, {tab}.")
            return redirect(f"{reverse('assignments')}?tab={tab}")
    page = {"form": form, "grant": grant, "tab": tab}
    return render(request, "roles/remove.html", page, status=400 if form.errors else 200)
