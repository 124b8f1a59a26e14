"""What waits for my decision."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from requests_app.queries import renewals
from requests_app.queries.deciding import inbox


@require_safe
def approvals(request: PortalRequest) -> HttpResponse:
    """What waits for my decision, oldest first."""
    waiting = inbox(request.user, at=request.act.at)[:200]
    theirs = renewals.waiting(request.user, at=request.act.at).with_names()[:200]
    return render(request, "requests_app/approvals.html", {"waiting": waiting, "renewals": theirs})
