"""What came of asking for several roles at once."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from requests_app.models import RoleRequest
from requests_app.queries import lists
from requests_app.views.basket import REFUSED


@require_safe
def basket_outcome(request: PortalRequest, basket_id: UUID) -> HttpResponse:
    """An outcome for each role, for whoever asked; what was refused, as long as nothing else was sent after it."""
    asked = RoleRequest.objects.with_names().filter(user=request.user, basket=basket_id)
    found = lists.badges(asked.order_by("pk"), at=request.act.at)
    if not found:
        raise Http404
    kept = request.session.get(REFUSED, {})
    refused = kept if kept.get("basket") == str(basket_id) else {}
    return render(request, "requests_app/basket_outcome.html", {"requests": found, "refused": refused})
