"""Offering a role first."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.act import PortalRequest
from kernel.refusal import Refused
from requests_app.operations import offers
from requests_app.queries.offers import picked


@require_POST
def favourite(request: PortalRequest, eligibility_id: int) -> HttpResponse:
    """Mark it, or take the mark away; sent twice it is the same as once."""
    try:
        (eligibility,) = picked(request.user, [eligibility_id], at=request.act.at)
        offers.mark(request.act, eligibility, is_favourite=request.POST.get("is_favourite") == "yes")
    except (Refused, ValueError, OverflowError) as error:
        raise Http404 from error
    return redirect("my_roles")
