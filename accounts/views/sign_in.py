"""Signing in and out."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.act import Act, PortalRequest
from accounts.forms import SignInForm
from accounts.models import User
from accounts.operations import sign_in as told


def next_page(request: HttpRequest) -> str:
    """Where to go on; only within this portal."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    inside = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if inside else "/"


def begin_session(request: PortalRequest, user: User) -> None:
    """Sign somebody in, for 12 hours and not longer, whatever they do meanwhile."""
    login(request, user, backend="accounts.backends.PasswordBackend")
    request.session.set_expiry(request.act.at + timedelta(seconds=settings.SESSION_COOKIE_AGE))


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: PortalRequest) -> HttpResponse:
    """Ask for email and password; throttling happens before a password is hashed."""
    if request.act.actor and request.method != "POST":
        return HttpResponseRedirect(next_page(request))
    form = SignInForm(request.POST or None)
    if form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if isinstance(user, User):
            begin_session(request, user)
            told.succeeded(Act(user, request.act.at, request.act.ip))
            return HttpResponseRedirect(next_page(request))
        if not getattr(request, "axes_locked_out", False):
            told.failed(request.act, address=form.cleaned_data["username"])
        # Later tries are not looked at, so nothing happens that would be worth a line of history.
        elif getattr(request, "axes_failures_since_start", 0) == settings.AXES_FAILURE_LIMIT:
            told.blocked(request.act, address=form.cleaned_data["username"])
        form.add_error(None, "Email or password is not right. Check both and try again.")
    status = 401 if form.is_bound else 200
    return render(request, "accounts/sign_in.html", {"form": form, "next": next_page(request)}, status=status)


@require_POST
def sign_out(request: PortalRequest) -> HttpResponse:
    """End the session."""
    told.ended(request.act)
    logout(request)
    return redirect("sign_in")
