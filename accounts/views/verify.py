"""Step-up: showing a second factor."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import queries
from accounts.act import PortalRequest
from accounts.forms import CodeForm
from accounts.middleware import remember_proof
from accounts.operations import second_factor
from accounts.views.sign_in import next_page
from kernel.refusal import Refused, show_on


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: PortalRequest) -> HttpResponse:
    """Ask for a code, remember when it was shown, and go back to where it was needed."""
    devices = queries.devices_of(request.user)
    form = CodeForm(request.POST or None, devices=devices)
    if devices and form.is_valid():
        try:
            proof = second_factor.show(request.act, form.chosen, code=form.cleaned_data["code"])
        except Refused as refused:
            show_on(form, refused)
        else:
            remember_proof(request, proof)
            return HttpResponseRedirect(next_page(request))
    apps = [device for device in devices if isinstance(device, TOTPDevice)]
    shows_code = settings.DEMO and request.user.is_demo and apps
    page = {
        "form": form,
        "has_devices": bool(devices),
        "next": next_page(request),
        "in_demo": bool(shows_code),
        "demo_code": queries.next_code(apps[0], request.act.at) if shows_code else None,
    }
    return render(request, "accounts/verify.html", page, status=400 if form.errors else 200)
