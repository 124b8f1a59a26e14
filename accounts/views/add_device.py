"""Adding an authenticator app."""

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import queries
from accounts.act import PortalRequest
from accounts.forms import EnrolmentCodeForm, NewDeviceForm
from accounts.middleware import remember_proof
from accounts.models import OneTimeCode
from accounts.operations import second_factor
from accounts.policy import PROOF_WINDOW
from kernel.refusal import Refused, show_on

PERMIT = "enrolment"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_device(request: PortalRequest) -> HttpResponse:
    """A password alone adds nothing: an enrolment code, an invitation or a fresh proof comes first."""
    proof = request.act.proof
    is_proven = proof is not None and proof.is_fresh(request.act.at, PROOF_WINDOW)
    permit = None if is_proven else _permit(request)
    if permit is None and not is_proven:
        return _ask_for_permit(request)
    device = second_factor.propose(request.act, name="Authenticator app")
    form = NewDeviceForm(request.POST if "code" in request.POST else None)
    if form.is_valid():
        try:
            proof = second_factor.add(request.act, device, permit=permit, **form.cleaned_data)
        except Refused as refused:
            show_on(form, refused)
        else:
            request.session.pop(PERMIT, None)
            remember_proof(request, proof)
            messages.success(request, f"{proof.device} is now your second factor. Make recovery codes next.")
            return redirect("security")
    page = {"form": form, "qr": qr_of(device), "secret": queries.secret_in_base32(device)}
    return render(request, "accounts/add_device.html", page, status=400 if form.errors else 200)


def qr_of(device: TOTPDevice) -> SafeString:
    """The secret as a QR code in SVG, dark on light in every theme."""
    svg = segno.make(device.config_url, error="m").svg_inline(scale=4, border=2, dark="#000", light="#fff")
    return SafeString(svg)


def _permit(request: PortalRequest) -> OneTimeCode | None:
    """What lets them add a device: an invitation they accepted, or an enrolment code that still counts."""
    noted = OneTimeCode.objects.filter(pk=request.session.get(PERMIT) or 0, user=request.user)
    return (noted.usable(request.act.at) | noted.filter(purpose=OneTimeCode.Purpose.INVITATION)).first()


def _ask_for_permit(request: PortalRequest) -> HttpResponse:
    form = EnrolmentCodeForm(request.POST if "enrolment_code" in request.POST else None)
    if form.is_valid():
        permit = second_factor.take_permit(request.act, code=form.cleaned_data["enrolment_code"])
        if permit:
            request.session[PERMIT] = permit.pk
            return redirect("add_device")
        form.add_error(
            "enrolment_code",
            "This code is not right or has run out. Check it, or ask an administrator for a new one.",
        )
    page = {"form": form, "has_devices": bool(queries.devices_of(request.user))}
    return render(request, "accounts/enrolment_code.html", page, status=400 if form.errors else 200)
