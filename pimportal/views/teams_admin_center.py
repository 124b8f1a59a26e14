"""A small application that stands behind a role, for the demo."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from roles.queries import access


@require_safe
def teams_admin_center(request: PortalRequest) -> HttpResponse:
    """Open to whoever is active as Teams Administrator; asks the decision that /access/check/ answers."""
    role = access.find_role("Teams Administrator")
    found = access.access(request.user, role, at=request.act.at) if role else None
    status = 200 if found else 403
    return render(request, "pimportal/teams_admin_center.html", {"access": found, "role": role}, status=status)
