"""People, for administrators."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import queries
from accounts.act import PortalRequest
from accounts.forms import InviteForm
from accounts.models import User
from accounts.operations import people as operations
from kernel.powers import Power
from kernel.refusal import Refused, show_on

manages_people = permission_required(Power.PEOPLE_MANAGE, raise_exception=True)


@require_safe
@manages_people
def people(request: PortalRequest) -> HttpResponse:
    """Everybody, by name."""
    text = request.GET.get("q", "").replace("\x00", "").strip()
    return render(request, "accounts/people.html", {"page": queries.people(text, request.GET.get("page")), "q": text})


@require_http_methods(["GET", "HEAD", "POST"])
@manages_people
def invite(request: PortalRequest) -> HttpResponse:
    """Add somebody by email."""
    form = InviteForm(request.POST or None)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            user, _secret = operations.invite(
                request.act, address=typed["email"], name=typed["name"], job_title=typed["job_title"]
            )
        except Refused as refused:
            show_on(form, refused)
        else:
            messages.success(request, f"{user.name} is invited. The link in the email works for 7 days.")
            return redirect("person", user.pk)
    return render(request, "accounts/invite.html", {"form": form}, status=400 if form.errors else 200)


@require_safe
@manages_people
def person(request: PortalRequest, user_id: int) -> HttpResponse:
    """One person, and what an administrator can do for them."""
    found = get_object_or_404(User.objects.select_related("manager"), pk=user_id)
    page = {"person": found, "devices": queries.devices_of(found), "groups": found.portal_groups.all()}
    return render(request, "accounts/person.html", page)


@never_cache
@require_POST
@manages_people
def issue_enrolment_code(request: PortalRequest, user_id: int) -> HttpResponse:
    """Show a new enrolment code, this one time."""
    found = get_object_or_404(User, pk=user_id)
    try:
        secret = operations.issue_enrolment_code(request.act, found)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("person", found.pk)
    return render(request, "accounts/issue_enrolment_code.html", {"person": found, "secret": secret})
