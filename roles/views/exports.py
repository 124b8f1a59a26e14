"""Settings as a file to download."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from kernel.powers import Power
from roles import files
from roles.files import SettingsFile
from roles.models import Role, SettingsTemplate
from roles.queries.settings import label

reads_roles = permission_required(Power.ROLES_READ, raise_exception=True)


@require_safe
@reads_roles
def export_settings(request: HttpRequest, role_id: int) -> HttpResponse:
    """The settings of a role."""
    role = get_object_or_404(Role.objects.select_related("policy", "resource"), pk=role_id)
    name = label(role)[:120]
    return _attached(SettingsFile(name, f"Settings of {name}", role.policy.settings()))


@require_safe
@reads_roles
def export_template(request: HttpRequest, template_id: int) -> HttpResponse:
    """A template."""
    template = get_object_or_404(SettingsTemplate, pk=template_id)
    return _attached(SettingsFile(template.name, template.description, template.settings()))


def _attached(file: SettingsFile) -> HttpResponse:
    response = HttpResponse(files.written(file), content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{slugify(file.name) or "settings"}.json"'
    return response
