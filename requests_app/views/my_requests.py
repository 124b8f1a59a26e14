"""What I asked for."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from requests_app.lifecycle import Status
from requests_app.queries import lists, renewals


@require_safe
def my_requests(request: PortalRequest) -> HttpResponse:
    """What I asked for, newest first; those in one state, if one is chosen."""
    state, at = request.GET.get("state", ""), request.act.at
    page = lists.mine(request.user, request.GET.get("page"), state=state, at=at)
    rows = [
        (one, badge, badge.status == Status.PENDING, lists.asked_of(one)) for one, badge in lists.badges(page, at=at)
    ]
    shown = {"page": page, "rows": rows, "states": Status.choices, "state": state}
    shown["renewals"] = renewals.mine(request.user, at=at)
    return render(request, "requests_app/my_requests.html", shown)
