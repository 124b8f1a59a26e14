"""Roles of one's own: added, edited, retired, deleted."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.act import PortalRequest
from kernel.powers import Power
from kernel.refusal import Refused, show_on
from roles.forms.resources import RetireForm, RoleForm
from roles.models import Resource, Role
from roles.operations import custom_roles as operations
from roles.queries.resources import has_history

manages_roles = permission_required(Power.ROLES_MANAGE, raise_exception=True)


def _ones_own(role_id: int) -> Role:
    """A role that can be edited; what comes with the portal or with a group has no such page."""
    found = get_object_or_404(Role.objects.select_related("resource"), pk=role_id)
    if operations.not_ones_own(found):
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@manages_roles
def add_role(request: PortalRequest, resource_id: int) -> HttpResponse:
    """A new role on a resource."""
    found = get_object_or_404(Resource, pk=resource_id)
    form = RoleForm(request.POST or None)
    if form.is_valid():
        try:
            made = operations.add(request.act, found, **form.cleaned_data)
        except Refused as refused:
            show_on(form, refused)
        else:
            messages.success(request, f"{made.name} is added, with default settings. Nobody holds it yet.")
            return redirect("role", made.pk)
    page = {"form": form, "resource": found}
    return render(request, "roles/add_role.html", page, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_roles
def edit_role(request: PortalRequest, role_id: int) -> HttpResponse:
    """Name and description of a role; the way to retire or delete it."""
    found = _ones_own(role_id)
    now = {"name": found.name, "description": found.description, "is_privileged": found.is_privileged}
    form = RoleForm(request.POST or None, initial=now)
    if form.is_valid():
        try:
            edited = operations.edit(request.act, found, **form.cleaned_data)
        except Refused as refused:
            show_on(form, refused)
        else:
            messages.success(request, f"{edited.name} is saved.")
            return redirect("role", found.pk)
    page = {"form": form, "role": found, "has_history": has_history(found)}
    return render(request, "roles/edit_role.html", page, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_roles
def retire_role(request: PortalRequest, role_id: int) -> HttpResponse:
    """Say why, then end a role and everything that stands on it."""
    found = _ones_own(role_id)
    form = RetireForm(request.POST or None)
    if form.is_valid():
        try:
            operations.retire(request.act, found, because=form.cleaned_data["because"])
        except Refused as refused:
            show_on(form, refused)
        else:
            messages.success(request, f"{found.name} is retired. Nobody holds it any more.")
            return redirect("role", found.pk)
    page = {"form": form, "role": found}
    return render(request, "roles/retire_role.html", page, status=400 if form.errors else 200)


@require_POST
@manages_roles
def delete_role(request: PortalRequest, role_id: int) -> HttpResponse:
    """Take a role away with which nothing ever happened."""
    found = _ones_own(role_id)
    try:
        operations.delete(request.act, found)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("role", found.pk)
    messages.success(request, f"{found.name} is deleted.")
    return redirect("resource", found.resource_id)
