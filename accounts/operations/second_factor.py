"""Second factors: shown, added, replaced."""

import secrets
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_otp import verify_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.act import Act, Proof
from accounts.events import DeviceAdded, EnrolmentCodeRefused, RecoveryCodesMade, SecondFactorRefused, SecondFactorShown
from accounts.log import about
from accounts.models import OneTimeCode, User
from accounts.operations import codes
from accounts.policy import PROOF_WINDOW
from audit.log import record
from kernel.refusal import Refusal, Refused

RECOVERY_CODES = 10
METHODS: dict[type[Any], str] = {TOTPDevice: "totp", StaticDevice: "recovery code"}
WRONG_CODE = Refusal(
    "code",
    "That code is not right, or was used already. Wait for the next one in your app and enter it.",
    "code",
)


WRONG_FIRST_CODE = Refusal(
    "code", "That code is not right. Check that the clock of your phone is right, and try the next.", "code"
)


def show(act: Act, device: Device, *, code: str) -> Proof:
    """Check a code against one device of the actor. A code counts once; failures make the next try wait."""
    refusal = _too_soon(device) or WRONG_CODE
    with transaction.atomic():
        # verify_token locks the device's row; the bare method of a device accepts one code many times over.
        if device.confirmed and verify_token(act.person, device.persistent_id, code.replace(" ", "").lower()):
            proof = Proof(method=METHODS.get(type(device), "second factor"), device=device.name, at=act.at)
            record(replace(act, proof=proof), SecondFactorShown(), about=about(act.person))
            return proof
        record(act, SecondFactorRefused(device=device.name, outcome="refused"), about=about(act.person))
    raise Refused(refusal)


def _too_soon(device: Device) -> Refusal | None:
    """Whether the device must wait after wrong codes, and until when."""
    allowed, facts = device.verify_is_allowed()
    if allowed or not facts or "locked_until" not in facts:
        return None
    until = timezone.localtime(facts["locked_until"])
    sentence = f"After a wrong code the next has to wait. Enter a new one from {until:%H:%M:%S} {until.tzname()} on."
    return Refusal("throttled", sentence, "code")


@transaction.atomic
def propose(act: Act, *, name: str) -> TOTPDevice:
    """A device that counts once its first code is shown. Reopening the page keeps the same secret."""
    User.objects.select_for_update(no_key=True).get(pk=act.person.pk)
    proposed = TOTPDevice.objects.filter(user=act.person, confirmed=False).first()
    return proposed or TOTPDevice.objects.create(user=act.person, confirmed=False, name=name)


@transaction.atomic
def take_permit(act: Act, *, code: str) -> OneTimeCode | None:
    """The actor's enrolment code if this is it. A wrong guess counts against it and is told.

    A new permit begins with a new secret: who saw an older proposal gains nothing.
    """
    permit = codes.check_enrolment(act, code)
    if permit is None:
        record(act, EnrolmentCodeRefused(outcome="refused"), about=about(act.person))
    else:
        TOTPDevice.objects.filter(user=act.person, confirmed=False).delete()
    return permit


def add(act: Act, device: TOTPDevice, *, code: str, name: str, permit: OneTimeCode | None) -> Proof:
    """Confirm a proposed device with its first code. Needs a permit, or a proof by an older device."""
    if permit is None and not _proof_is_fresh(act):
        raise Refused(Refusal("permit", "Enter an enrolment code from an administrator first."))
    with transaction.atomic():
        proposed = TOTPDevice.objects.select_for_update().filter(pk=device.pk, user=act.person, confirmed=False).first()
        if proposed is None:
            raise Refused(Refusal("proposal", "This device is no longer waiting to be added. Open the page again."))
        # The bare method is safe here: the row is locked, and a proposed device opens nothing.
        if proposed.verify_token(code.replace(" ", "")):
            if permit and not _still_permits(act, permit):
                raise Refused(Refusal("permit", "This enrolment code was used already. Ask for a new one."))
            proposed.name, proposed.confirmed = name.strip() or "Authenticator app", True
            proposed.save()
            proof = Proof(method=METHODS[TOTPDevice], device=proposed.name, at=act.at)
            record(replace(act, proof=proof), DeviceAdded(device=proposed.name), about=about(act.person))
            return proof
        record(act, SecondFactorRefused(device=proposed.name, outcome="refused"), about=about(act.person))
    raise Refused(WRONG_FIRST_CODE)


def _still_permits(act: Act, permit: OneTimeCode) -> bool:
    """An accepted invitation is for the first device only; an enrolment code is used up here."""
    if permit.user_id != act.person.pk:
        return False
    if permit.purpose == OneTimeCode.Purpose.INVITATION:
        return not TOTPDevice.objects.filter(user=act.person, confirmed=True).exists()
    return codes.use(permit, at=act.at)


def _proof_is_fresh(act: Act) -> bool:
    return act.proof is not None and act.proof.is_fresh(act.at, PROOF_WINDOW)


@transaction.atomic
def make_recovery_codes(act: Act) -> list[str]:
    """Ten new codes, each good once; the old ones no longer work. Shown this one time."""
    if not _proof_is_fresh(act):
        raise Refused(Refusal("proof", "Show your second factor first."))
    User.objects.select_for_update(no_key=True).get(pk=act.person.pk)
    StaticDevice.objects.filter(user=act.person).delete()
    device = StaticDevice.objects.create(user=act.person, name="Recovery code")
    made = [secrets.token_hex(4) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=token) for token in made)
    record(act, RecoveryCodesMade(count=len(made)), about=about(act.person))
    return [f"{token[:4]} {token[4:]}" for token in made]
