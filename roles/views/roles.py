"""Roles: the list, and one role."""

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from kernel.powers import Power
from roles import documents
from roles.models import Assignment, Eligibility
from roles.queries import lists, preview
from roles.views.role_settings import TABS, tab_of

reads_roles = permission_required(Power.ROLES_READ, raise_exception=True)


@require_safe
@reads_roles
def roles(request: PortalRequest) -> HttpResponse:
    """Every role, by search, with whether its settings differ from the defaults."""
    text = request.GET.get("q", "").replace("\x00", "").strip()
    only_changed = request.GET.get("changed") == "yes"
    found = [(role, lists.differs_from_defaults(role)) for role in lists.roles_list(text)]
    rows = [row for row in found if row[1]] if only_changed else found
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(request, "roles/roles.html", {"page": page, "q": text, "only_changed": only_changed})


@require_safe
@reads_roles
def role(request: PortalRequest, role_id: int) -> HttpResponse:
    """One role: its settings, tab by tab, and who may have or has it."""
    found, tab = get_object_or_404(lists.roles_list(""), pk=role_id), tab_of(request)
    at, now = request.act.at, found.policy.settings()
    page = {
        "role": found,
        "tab": tab,
        "tabs": TABS,
        "parts": preview.notified(now, at) if tab == "notification" else documents.parts(now, tab),
        "asked": preview.asked(now, at) if tab == "activation" and now.activation.needs_approval else {},
        "differs": lists.differs_from_defaults(found),
        "eligible": lists.grants_list(Eligibility.objects.filter(role=found).not_over(at), ""),
        "active": lists.grants_list(Assignment.objects.filter(role=found).in_force(at), ""),
    }
    return render(request, "roles/role.html", page)
