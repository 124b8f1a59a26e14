"""Applying a template: what it would change, role by role, and doing it."""

from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from kernel.powers import Power
from kernel.refusal import Refused
from roles.forms.templates import INCOMPLETE, ApplyForm, ChooseRolesForm
from roles.models import Role, SettingsTemplate
from roles.operations import templates
from roles.queries import settings

manages_settings = permission_required(Power.SETTINGS_MANAGE, raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_settings
def apply_template(request: PortalRequest, template_id: int) -> HttpResponse:
    """Show what the template would change; sent from there, change it in all these roles or in none."""
    template = get_object_or_404(SettingsTemplate, pk=template_id)
    if request.method == "POST":
        return _apply(request, template)
    form = ChooseRolesForm(request.GET)
    if not form.is_valid():
        return _show(request, template, [], status=400, refusals=map(str, form.errors["role"]))
    return _show(request, template, form.cleaned_data["role"])


def _apply(request: PortalRequest, template: SettingsTemplate) -> HttpResponse:
    form = ApplyForm(request.POST)
    if not form.is_valid():
        return _show(request, template, [], status=400, refusals=[INCOMPLETE])
    seen = form.cleaned_data["seen"]
    try:
        changed = templates.apply(request.act, template, seen, version=form.cleaned_data["version"])
    except Refused as refused:
        template = get_object_or_404(SettingsTemplate, pk=template.pk)
        shown = settings.roles_in_use("").filter(pk__in=seen)
        sentences = [refusal.sentence for refusal in refused.refusals]
        return _show(request, template, shown, status=409, refusals=sentences)
    count = sum(bool(changes) for changes in changed.values())
    messages.success(request, f"{template.name} is applied: the settings of {_roles(count)} changed.")
    return redirect("settings_template", template.pk)


def _roles(count: int) -> str:
    return "1 role has" if count == 1 else f"{count} roles have"


def _show(
    request: PortalRequest,
    template: SettingsTemplate,
    roles: Iterable[Role],
    *,
    status: int = 200,
    refusals: Iterable[str] = (),
) -> HttpResponse:
    rows = settings.preview(template, roles)
    page = {
        "template": template,
        "rows": rows,
        "count": sum(bool(row.changes) for row in rows),
        "unknown": settings.unknown(template.settings()),
        "refusals": refusals,
    }
    return render(request, "roles/apply_template.html", page, status=status)
