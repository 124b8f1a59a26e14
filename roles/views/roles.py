"""Roles: the list, one role, its settings."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.act import PortalRequest
from kernel.powers import Power
from kernel.refusal import Refused, show_on
from roles import queries
from roles.forms import SettingsForm
from roles.models import Assignment, Eligibility, Role
from roles.operations import settings

reads_roles = permission_required(Power.ROLES_READ, raise_exception=True)
manages_settings = permission_required(Power.SETTINGS_MANAGE, raise_exception=True)


@require_safe
@reads_roles
def roles(request: PortalRequest) -> HttpResponse:
    """Every role, by search, with whether its settings differ from the defaults."""
    text = request.GET.get("q", "").replace("\x00", "").strip()
    only_changed = request.GET.get("changed") == "yes"
    found = [(role, queries.differs_from_defaults(role)) for role in queries.roles_list(text)]
    rows = [row for row in found if row[1]] if only_changed else found
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(request, "roles/roles.html", {"page": page, "q": text, "only_changed": only_changed})


@require_safe
@reads_roles
def role(request: PortalRequest, role_id: int) -> HttpResponse:
    """One role: its settings, and who may have or has it."""
    found = get_object_or_404(queries.roles_list(""), pk=role_id)
    at = request.act.at
    page = {
        "role": found,
        "policy": found.policy,
        "differs": queries.differs_from_defaults(found),
        "approvers": queries.approvers(found, at),
        "named": found.policy.approvers.select_related("user", "group"),
        "eligible": queries.grants_list(Eligibility.objects.filter(role=found).not_over(at), ""),
        "active": queries.grants_list(Assignment.objects.filter(role=found).in_force(at), ""),
    }
    return render(request, "roles/role.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_settings
def role_settings(request: PortalRequest, role_id: int) -> HttpResponse:
    """Edit what it takes to activate a role and how long it may be assigned."""
    found = get_object_or_404(Role.objects.select_related("policy__changed_by", "resource"), pk=role_id)
    form = SettingsForm(request.POST or None, initial=SettingsForm.initial_of(found.policy))
    if form.is_valid():
        try:
            changes = settings.change(request.act, found, form.wanted())
        except Refused as refused:
            show_on(form, refused)
        else:
            messages.success(request, _sentence(found, len(changes)))
            return redirect("role", found.pk)
    page = {"form": form, "role": found}
    return render(request, "roles/role_settings.html", page, status=400 if form.errors else 200)


def _sentence(found: Role, count: int) -> str:
    if not count:
        return "Nothing was changed: the settings were so already."
    return f"The settings of {found.name} are saved: {count} {'change' if count == 1 else 'changes'}."
