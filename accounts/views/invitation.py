"""The first visit, from the link in an invitation."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from accounts.forms import NewPasswordForm
from accounts.operations import codes, people
from accounts.views.add_device import PERMIT
from accounts.views.sign_in import begin_session
from kernel.refusal import Refused, show_on


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: PortalRequest, secret: str) -> HttpResponse:
    """Opening the link changes nothing; choosing a password uses it up and leads on to the second factor."""
    invitation = codes.find_invitation(secret, at=request.act.at)
    if invitation is None:
        return render(request, "accounts/invitation_dead.html", status=410)
    form = NewPasswordForm(request.POST or None)
    if form.is_valid():
        try:
            user = people.accept_invitation(request.act, secret=secret, password=form.cleaned_data["password"])
        except Refused as refused:
            show_on(form, refused)
        else:
            begin_session(request, user)
            request.session[PERMIT] = invitation.pk
            return redirect("add_device")
    page = {"form": form, "person": invitation.user}
    return render(request, "accounts/accept_invitation.html", page, status=400 if form.errors else 200)
