"""The first page: what waits for me, what I hold now and until when."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from requests_app import queries


@require_safe
def home(request: PortalRequest) -> HttpResponse:
    """What is on, what waits, what can be activated."""
    user, at = request.user, request.act.at
    pending = queries.pending_roles(user, at=at)
    active = queries.active(user, at=at)
    held = {*pending, *(grant.role_id for grant in active)}
    page = {
        "active": active,
        "scheduled": queries.scheduled(user, at=at),
        "pending": list(pending.values()),
        "inbox": queries.inbox(user, at=at)[:5],
        "eligible": [grant for grant in queries.eligible(user, at=at) if grant.role_id not in held],
    }
    return render(request, "pimportal/home.html", page)
