"""My second factors, my recovery codes, my time zone."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import queries
from accounts.act import PortalRequest
from accounts.forms import TimeZoneForm
from accounts.operations import people, second_factor
from accounts.policy import PROOF_WINDOW
from kernel.refusal import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def security(request: PortalRequest) -> HttpResponse:
    """What I can show, and in which zone I read times."""
    form = TimeZoneForm(request.POST or None, initial={"time_zone": request.user.time_zone})
    if form.is_valid():
        people.choose_time_zone(request.act, time_zone=form.cleaned_data["time_zone"])
        messages.success(request, f"Times are now shown in {form.cleaned_data['time_zone']}.")
        return redirect("security")
    devices = queries.devices_of(request.user)
    return render(
        request,
        "accounts/security.html",
        {"form": form, "devices": devices, "window": PROOF_WINDOW},
        status=400 if form.errors else 200,
    )


@never_cache
@require_POST
def recovery_codes(request: PortalRequest) -> HttpResponse:
    """Make ten recovery codes and show them this one time."""
    try:
        codes = second_factor.make_recovery_codes(request.act)
    except Refused:
        return redirect_to_login(resolve_url("security"), resolve_url("verify"))
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


def to_verify(path: str) -> str:
    """The address of the step-up page that leads back to `path`."""
    return f"{resolve_url('verify')}?{urlencode({'next': path})}"
