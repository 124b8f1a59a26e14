"""A small application that stands behind a role, for the demo."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from roles import queries


@require_safe
def teams_admin_center(request: PortalRequest) -> HttpResponse:
    """Open to whoever is active as Teams Administrator; asks the decision that /access/check/ answers."""
    role = queries.find_role("Teams Administrator")
    access = queries.access(request.user, role, at=request.act.at) if role else None
    status = 200 if access else 403
    return render(request, "pimportal/teams_admin_center.html", {"access": access, "role": role}, status=status)
