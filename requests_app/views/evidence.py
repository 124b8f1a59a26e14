"""All that is known of one request on one sheet, to be printed or kept: for whoever has to prove it."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from audit.events import label_of
from audit.models import Entry
from audit.queries import archives
from notifications.queries import written_about
from requests_app.models import RoleRequest
from requests_app.queries import lists
from requests_app.queries.allowing import allowed, in_short
from requests_app.queries.deciding import turn_of, visible
from requests_app.views.request import WRITTEN


@require_safe
def evidence(request: PortalRequest, request_id: int) -> HttpResponse:
    """Who, what, when, why, shown how, decided by whom, told to whom, and the events with their digests."""
    found = visible(request.user, request_id, at=request.act.at)
    if found is None:
        raise Http404
    ((_found, badge),) = lists.badges([found], at=request.act.at)
    path = reverse("request", args=[found.pk])
    page = {
        "role_request": found,
        "badge": badge,
        "granted": found.granted,
        "longer": RoleRequest.objects.filter(extends=found.assignment_id or 0).order_by("asked_at", "pk"),
        "allowed": in_short(found, allowed(found)),
        "turn": turn_of(found, request.act.at),
        "questions": found.questions.select_related("asked_by"),
        "told": [(WRITTEN.get(one.template, "Told"), one) for one in written_about(path)],
        "events": [
            (entry, label_of(entry.kind)) for entry in Entry.objects.filter(request_id=found.pk).order_by("at", "pk")
        ],
        "archived": archives.since(found.asked_at),
        "permalink": f"{settings.PUBLIC_URL}{path}",
    }
    return render(request, "requests_app/evidence.html", page)
