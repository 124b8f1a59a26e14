"""Templates of settings: the list, one of them, making, bringing in, removing."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.act import PortalRequest
from kernel.powers import Power
from kernel.refusal import Refused, show_on
from roles import files
from roles.documents import lines
from roles.forms.templates import INCOMPLETE, ImportForm, SaveTemplateForm, VersionForm
from roles.models import Role, SettingsTemplate
from roles.operations import templates
from roles.queries import settings

reads_roles = permission_required(Power.ROLES_READ, raise_exception=True)
manages_settings = permission_required(Power.SETTINGS_MANAGE, raise_exception=True)


@require_safe
@reads_roles
def settings_templates(request: PortalRequest) -> HttpResponse:
    """Every template."""
    page = Paginator(settings.templates_list(), 50).get_page(request.GET.get("page"))
    return render(request, "roles/settings_templates.html", {"page": page})


@require_safe
@reads_roles
def settings_template(request: PortalRequest, template_id: int) -> HttpResponse:
    """One template in words, and the roles to apply it to."""
    template = get_object_or_404(settings.templates_list(), pk=template_id)
    text = request.GET.get("q", "").replace("\x00", "").strip()
    chosen = set(request.GET.getlist("role"))
    listed = settings.roles_to_choose(text, chosen)
    takes_all = request.GET.get("all") == "yes"
    page = {
        "template": template,
        "lines": lines(template.settings()),
        "unknown": settings.unknown(template.settings()),
        "q": text,
        "rows": [(role, settings.label(role), takes_all or str(role.pk) in chosen) for role in listed],
    }
    return render(request, "roles/settings_template.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_settings
def save_template(request: PortalRequest, role_id: int) -> HttpResponse:
    """Keep the settings of a role under a name."""
    role = get_object_or_404(Role.objects.select_related("policy", "resource"), pk=role_id)
    form = SaveTemplateForm(request.POST or None)
    if form.is_valid():
        name, description = form.cleaned_data["name"], form.cleaned_data["description"]
        try:
            saved = templates.save(
                request.act, role.policy.settings(), name=name, description=description, replaces=form.replaces()
            )
        except Refused as refused:
            form.ask_whether_to_replace(name)
            show_on(form, refused)
        else:
            messages.success(request, f"{saved.name} holds the settings of {role.name} now.")
            return redirect("settings_template", saved.pk)
    page = {"form": form, "role": role}
    return render(request, "roles/save_template.html", page, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_settings
def import_template(request: PortalRequest) -> HttpResponse:
    """Make a template of what was exported here or elsewhere."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        read, name = form.cleaned_data["read"], form.chosen_name()
        try:
            saved = templates.save(
                request.act, read.settings, name=name, description=read.description, replaces=form.replaces()
            )
        except Refused as refused:
            form.ask_whether_to_replace(name)
            show_on(form, files.placed(refused))
        else:
            messages.success(request, f"{saved.name} is imported. Apply it to roles now.")
            return redirect("settings_template", saved.pk)
    return render(request, "roles/import_template.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_settings
def remove_template(request: PortalRequest, template_id: int) -> HttpResponse:
    """Take a template away; the roles it was applied to keep their settings."""
    template = get_object_or_404(SettingsTemplate, pk=template_id)
    form = VersionForm(request.POST or None)
    refusals = [INCOMPLETE] if form.errors else []
    if form.is_valid():
        try:
            templates.remove(request.act, template, version=form.cleaned_data["version"])
        except Refused as refused:
            refusals = [refusal.sentence for refusal in refused.refusals]
        else:
            messages.success(request, f"The template {template.name} is removed.")
            return redirect("settings_templates")
    status = 400 if form.errors else 409 if refusals else 200
    return render(request, "roles/remove_template.html", {"template": template, "refusals": refusals}, status=status)
