"""My roles: what I can activate, what I have, what I had; and ending it early."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.act import PortalRequest
from kernel.refusal import Refused
from requests_app.queries import lists, offers, renewals
from roles.models import Assignment
from roles.operations import activation
from roles.queries.lists import KEPT_IN_SIGHT

TABS = (("eligible", "Eligible"), ("active", "Active"), ("expired", "Expired"))


@require_safe
def my_roles(request: PortalRequest) -> HttpResponse:
    """Three tabs, as in the navigation of the roles themselves."""
    user, at = request.user, request.act.at
    tab = request.GET.get("tab", "eligible")
    page: dict[str, object] = {"tabs": TABS, "tab": tab if tab in dict(TABS) else "eligible"}
    if page["tab"] == "active":
        page |= {"active": lists.active(user, at=at), "scheduled": lists.scheduled(user, at=at)}
    elif page["tab"] == "expired":
        page["expired"] = lists.expired(user, since=at - KEPT_IN_SIGHT, at=at)
    else:
        offered = offers.offers(user, at=at)
        page |= {"eligible": offered, "sets": offers.sets(user, offered)}
    page["keep"] = renewals.offers(user, str(page["tab"]), at=at)
    return render(request, "requests_app/my_roles.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def deactivate(request: PortalRequest, assignment_id: int) -> HttpResponse:
    """Ask once more, then end my activation."""
    mine = Assignment.objects.filter(user=request.user).exclude(activated_from=None)
    assignment = get_object_or_404(mine.select_related("role", "scope"), pk=assignment_id)
    if request.method != "POST":
        page = {"assignment": assignment, "refusals": activation.may_deactivate(request.act, assignment)}
        return render(request, "requests_app/deactivate.html", page)
    try:
        activation.deactivate(request.act, assignment)
    except Refused as refused:
        page = {"assignment": assignment, "refusals": refused.refusals}
        return render(request, "requests_app/deactivate.html", page, status=409)
    messages.success(request, f"{assignment.role} is no longer active.")
    return redirect(f"{reverse('my_roles')}?tab=active")
