"""Every email of the outbox: what became of it, and sending it again. What it said is for its reader alone."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.act import PortalRequest
from kernel.powers import Power
from kernel.refusal import Refused
from notifications import queries as outbox
from notifications.email import message_id
from notifications.models import Email
from roles.forms.emails import EmailFilterForm
from roles.operations import emails as operations
from roles.queries import emails as queries
from roles.queries.emails import EmailsPage

reads_history = permission_required(Power.AUDIT_READ, raise_exception=True)
manages_people = permission_required(Power.PEOPLE_MANAGE, raise_exception=True)


@require_safe
@reads_history
def emails(request: PortalRequest) -> HttpResponse:
    """All of them, newest first."""
    form = EmailFilterForm(request.GET)
    found = EmailsPage([], None)
    if form.is_valid():
        found = queries.page(form.filters(), request.GET.get("before", ""))
    page = {
        "form": form,
        "emails": found.emails,
        "next_key": found.next_key,
        "oldest_waiting": outbox.oldest_waiting(request.act.at),
        "may_send": request.user.has_perm(Power.PEOPLE_MANAGE),
    }
    return render(request, "roles/emails.html", page, status=400 if form.errors else 200)


@require_safe
@reads_history
def email(request: PortalRequest, email_id: int) -> HttpResponse:
    """One of them."""
    found = get_object_or_404(Email, pk=email_id)
    page = {
        "email": found,
        "message_id": message_id(found),
        "may_send": request.user.has_perm(Power.PEOPLE_MANAGE),
    }
    return render(request, "roles/email.html", page)


@require_POST
@manages_people
def send_again(request: PortalRequest, email_id: int) -> HttpResponse:
    """Try it once more, or send a copy."""
    found = get_object_or_404(Email, pk=email_id)
    try:
        sent = operations.send_again(request.act, found)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("email", found.pk)
    if sent.pk != found.pk:
        messages.success(request, "A copy is on its way. This is the copy; the first one stays as it is.")
    else:
        messages.success(request, "It is tried again at once, and from now on for three days.")
    return redirect("email", sent.pk)


@require_POST
@manages_people
def send_test_email(request: PortalRequest) -> HttpResponse:
    """Write to oneself."""
    try:
        sent = operations.send_test(request.act)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("emails")
    messages.success(request, f"A test email to {sent.to_address} is on its way. Load this page again to follow it.")
    return redirect("email", sent.pk)
