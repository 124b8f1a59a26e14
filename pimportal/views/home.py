"""The first page: what waits for me, what I hold now and until when."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from kernel.powers import Power
from requests_app.queries import deciding, lists
from reviews.queries import mine
from roles.queries import emergency


@require_safe
def home(request: PortalRequest) -> HttpResponse:
    """What is on, what waits, what can be activated."""
    user, at = request.user, request.act.at
    pending = lists.pending(user, at=at)
    active = lists.active(user, at=at)
    held = {*pending, *((grant.role_id, grant.scope_id) for grant in active)}
    page = {
        "active": active,
        "scheduled": lists.scheduled(user, at=at),
        "pending": list(pending.values()),
        "inbox": deciding.inbox(user, at=at)[:5],
        "reviewing": mine.waiting(user, at),
        "eligible": [grant for grant in lists.eligible(user, at=at) if (grant.role_id, grant.scope_id) not in held],
    }
    if user.has_perm(Power.PEOPLE_MANAGE):
        page["unexplained"] = emergency.unexplained()
        page["untested"] = [account for account in emergency.accounts(at) if account.is_overdue]
    return render(request, "pimportal/home.html", page)
