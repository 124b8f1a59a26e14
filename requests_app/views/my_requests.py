"""What I asked for."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from requests_app.queries import lists, renewals


@require_safe
def my_requests(request: PortalRequest) -> HttpResponse:
    """What I asked for, newest first."""
    page = lists.mine(request.user, request.GET.get("page"))
    rows = lists.badges(page, at=request.act.at)
    mine = renewals.mine(request.user, at=request.act.at)
    return render(request, "requests_app/my_requests.html", {"page": page, "rows": rows, "renewals": mine})
