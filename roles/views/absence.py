"""Being away: who decides in my place meanwhile; and the same for somebody else, by administrators."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.act import PortalRequest
from accounts.models import Absence, User
from kernel.powers import Power
from kernel.refusal import Refused, show_on
from roles.forms.absence import AbsenceForm
from roles.operations import absences
from roles.queries.absences import absences_of, standing_in

manages_people = permission_required(Power.PEOPLE_MANAGE, raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
def absence(request: PortalRequest) -> HttpResponse:
    """My absences, and for whom I stand in."""
    return _announce(request, request.user)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_people
def absence_of(request: PortalRequest, user_id: int) -> HttpResponse:
    """The absences of somebody who cannot say so themself."""
    return _announce(request, get_object_or_404(User, pk=user_id))


def _announce(request: PortalRequest, user: User) -> HttpResponse:
    at, form = request.act.at, AbsenceForm(request.POST or None)
    status = 400 if form.errors else 200
    if form.is_valid():
        start_at, end_at = form.period(at)
        try:
            made = absences.announce(
                request.act, user, deputy=form.cleaned_data["deputy"], start_at=start_at, end_at=end_at
            )
        except Refused as refused:
            show_on(form, refused)
            status = refused.status
        else:
            whose = "your" if user == request.user else f"{user}’s"
            messages.success(request, f"Saved. {made.deputy} decides in {whose} place then, and gets an email.")
            return redirect(_page_of(request, user))
    page = {
        "form": form,
        "person": user,
        "is_mine": user == request.user,
        "absences": [(one, _state(one, request)) for one in absences_of(user)],
        "standing_in": standing_in(user, at),
    }
    return render(request, "roles/absence.html", page, status=status)


def _state(one: Absence, request: PortalRequest) -> str:
    at = request.act.at
    if one.end_at <= at or one.end_at == one.start_at:
        return "over"
    return "ahead" if one.start_at > at else "on"


def _page_of(request: PortalRequest, user: User) -> str:
    return reverse("absence") if user == request.user else reverse("absence_of", args=[user.pk])


@require_POST
def end_absence(request: PortalRequest, absence_id: int) -> HttpResponse:
    """Back again."""
    found = get_object_or_404(Absence.objects.select_related("user"), pk=absence_id)
    if found.user != request.user and not request.user.has_perm(Power.PEOPLE_MANAGE):
        raise Http404
    try:
        absences.end(request.act, found)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Saved. The deputy is told.")
    return redirect(_page_of(request, found.user))
