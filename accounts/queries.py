"""Reads of people and their second factors."""

import base64
from datetime import datetime

from django.core.paginator import Page, Paginator
from django_otp import devices_for_user
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from accounts.policy import morning
from notifications.queries import held_since


def devices_of(user: User) -> list[Device]:
    """What the person can show, authenticator apps first."""
    devices = list(devices_for_user(user, confirmed=True))
    usable = [device for device in devices if isinstance(device, TOTPDevice) or device.token_set.exists()]
    return sorted(usable, key=lambda device: not isinstance(device, TOTPDevice))


def secret_in_base32(device: TOTPDevice) -> str:
    """The secret as authenticator apps want it typed, in groups of four."""
    secret = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def next_code(device: TOTPDevice, at: datetime) -> str | None:
    """The first code of this device that would be accepted now and was not used yet; for the demo's page."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = at.timestamp()
    now = totp.t()
    for step in (now, now + 1):
        if step > device.last_t:
            totp.time = device.t0 + (step - device.drift) * device.step
            return f"{totp.token():0{device.digits}d}"
    return None


def people(text: str, page_number: str | None) -> Page[User]:
    """A page of people by name."""
    found = User.objects.named(text) if text else User.objects.all()
    return Paginator(found, 50).get_page(page_number)


def waiting_for_digest(at: datetime) -> list[int]:
    """Those for whom something was held back before their last morning, and whom nobody has told of it."""
    since = held_since()
    people = User.objects.filter(pk__in=since).order_by("pk").only("pk", "time_zone")
    return [person.pk for person in people if since[person.pk] < morning(person.time_zone, at)]
