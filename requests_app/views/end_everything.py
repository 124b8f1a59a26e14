"""Ending everything one has activated, in one press."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from requests_app.operations import ending
from requests_app.queries import lists
from roles.operations import activation


@require_http_methods(["GET", "HEAD", "POST"])
def end_everything(request: PortalRequest) -> HttpResponse:
    """Show what ends and what stays, then end it, and say of each what came of it."""
    if request.method != "POST":
        at = request.act.at
        running = lists.activated(request.user, at=at)
        page = {
            "running": [(grant, activation.may_deactivate(request.act, grant)) for grant in running],
            "scheduled": lists.scheduled(request.user, at=at),
        }
        return render(request, "requests_app/end_everything.html", page)
    outcomes = ending.end_everything(request.act)
    for assignment, refusals in outcomes:
        if refusals:
            sentences = " ".join(refusal.sentence for refusal in refusals)
            messages.error(request, f"{assignment.role} was not ended: {sentences}")
        else:
            messages.success(request, f"{assignment.role} is no longer active.")
    if not outcomes:
        messages.info(request, "Nothing was active that you could end.")
    return redirect(f"{reverse('my_roles')}?tab=active")
