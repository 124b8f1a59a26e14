"""The versions of a role's settings, and going back to one."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.act import PortalRequest
from kernel.powers import Power
from kernel.refusal import Refused
from roles.forms.templates import INCOMPLETE, RevertForm
from roles.models import Role
from roles.operations import versions
from roles.queries import settings

reads_roles = permission_required(Power.ROLES_READ, raise_exception=True)
manages_settings = permission_required(Power.SETTINGS_MANAGE, raise_exception=True)
ROLES = Role.objects.select_related("policy", "resource")


@require_safe
@reads_roles
def role_versions(request: PortalRequest, role_id: int) -> HttpResponse:
    """Every version of the settings, newest first, each with what it changed."""
    return _show(request, get_object_or_404(ROLES, pk=role_id))


@require_POST
@manages_settings
def revert_settings(request: PortalRequest, role_id: int) -> HttpResponse:
    """Go back to an earlier version."""
    role = get_object_or_404(ROLES, pk=role_id)
    form = RevertForm(request.POST)
    if not form.is_valid():
        return _show(request, role, status=400, refusals=[INCOMPLETE])
    number, version = form.cleaned_data["number"], form.cleaned_data["version"]
    try:
        changes = versions.revert(request.act, role, number, version=version)
    except Refused as refused:
        role.policy.refresh_from_db()
        return _show(request, role, status=409, refusals=[refusal.sentence for refusal in refused.refusals])
    if changes:
        messages.success(request, f"The settings of {role.name} are those of version {number} again.")
    else:
        messages.success(request, "Nothing was changed: the settings were so already.")
    return redirect("role_versions", role.pk)


def _show(request: PortalRequest, role: Role, *, status: int = 200, refusals: list[str] | None = None) -> HttpResponse:
    page = Paginator(settings.versions_of(role), 25).get_page(request.GET.get("page"))
    shown = {
        "role": role,
        "page": page,
        "rows": settings.version_rows(page.object_list),
        "refusals": refusals or [],
    }
    return render(request, "roles/role_versions.html", shown, status=status)
