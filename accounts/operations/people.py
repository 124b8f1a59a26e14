"""Letting people in, and keeping them out."""

from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import email
from accounts.act import Act
from accounts.events import (
    EnrolmentCodeIssued,
    InvitationAccepted,
    PersonAdded,
    PersonDisabled,
    PersonEnabled,
    PersonInvited,
)
from accounts.log import about
from accounts.models import OneTimeCode, User
from accounts.operations import codes
from accounts.operations.sign_in import note_emergency
from audit.log import record
from kernel.refusal import Refusal, Refused
from notifications.operations.silence import silence, speak_again

LINK_IS_DEAD = Refusal(
    "invitation", "This invitation was used already or has run out. Ask an administrator for a new one."
)


@transaction.atomic
def add(
    act: Act, *, address: str, name: str, job_title: str = "", is_demo: bool = False, is_break_glass: bool = False
) -> User:
    """Add a person who cannot sign in yet."""
    address = address.strip().lower()
    try:
        validate_email(address)
        MaxLengthValidator(254)(address)
        with transaction.atomic():
            user = User(email=address, display_name=name.strip(), job_title=job_title, created_at=act.at)
            user.is_demo, user.is_break_glass = is_demo, is_break_glass
            user.time_zone = settings.TIME_ZONE
            user.set_unusable_password()
            user.save()
    except ValidationError as error:
        raise Refused(Refusal("email", "Enter an email address like name@example.com.", "email")) from error
    except IntegrityError as error:
        raise Refused(Refusal("taken", f"There is a person with {address} already.", "email")) from error
    record(act, PersonAdded(email=address), about=about(user))
    return user


@transaction.atomic
def invite(act: Act, *, address: str, name: str, job_title: str = "", is_break_glass: bool = False) -> tuple[User, str]:
    """Add a person and write them an invitation. Returns the person and the secret of the link."""
    user = add(act, address=address, name=name, job_title=job_title, is_break_glass=is_break_glass)
    return user, _send_invitation(act, user)


@transaction.atomic
def invite_again(act: Act, user: User) -> str:
    """Write a new invitation; the old one no longer works."""
    if user.has_usable_password():
        raise Refused(Refusal("accepted", f"{user.name} has accepted an invitation already."))
    return _send_invitation(act, user)


def _send_invitation(act: Act, user: User) -> str:
    code, secret = codes.issue(act, user, purpose=OneTimeCode.Purpose.INVITATION)
    record(act, PersonInvited(email=user.email), about=about(user))
    email.invited(act, code, token=secret)
    return secret


@transaction.atomic
def accept_invitation(act: Act, *, secret: str, password: str) -> User:
    """Set the first password of whoever holds the link. The link works once."""
    code = codes.find_invitation(secret, at=act.at)
    if code is None:
        raise Refused(LINK_IS_DEAD)
    try:
        validate_password(password, code.user)
    except ValidationError as error:
        raise Refused(*(Refusal("password", sentence, "password") for sentence in error.messages)) from error
    if not codes.use(code, at=act.at):
        raise Refused(LINK_IS_DEAD)
    code.user.set_password(password)
    code.user.save(update_fields=["password"])
    record(Act(code.user, act.at, act.ip), InvitationAccepted(), about=about(code.user))
    note_emergency(act, code.user)
    return code.user


@transaction.atomic
def issue_enrolment_code(act: Act, user: User) -> str:
    """A code with which the person may add a second factor once, within a day. Not for oneself."""
    if act.actor == user:
        raise Refused(
            Refusal("oneself", "You cannot issue a code to yourself. Ask another administrator, or add a device.")
        )
    if not user.is_enabled:
        raise Refused(Refusal("disabled", f"{user.name} is disabled. Enable them first."))
    _code, secret = codes.issue(act, user, purpose=OneTimeCode.Purpose.ENROLMENT)
    record(act, EnrolmentCodeIssued(), about=about(user))
    return secret


@transaction.atomic
def disable(act: Act, user: User) -> None:
    """Keep a person out at once: sessions, assignments and approvals of theirs no longer count, and what was not sent
    to them yet is withdrawn."""
    if act.actor == user:
        raise Refused(Refusal("oneself", "You cannot disable yourself. Ask another administrator."))
    found = User.objects.enabled().filter(pk=user.pk)
    if not found.update(is_enabled=False, session_epoch=F("session_epoch") + 1):
        raise Refused(Refusal("disabled", f"{user.name} is disabled already."))
    silence(user.pk, at=act.at)
    record(act, PersonDisabled(), about=about(user))


@transaction.atomic
def enable(act: Act, user: User) -> None:
    """Let a disabled person in again."""
    if not User.objects.filter(pk=user.pk, is_enabled=False).update(is_enabled=True):
        raise Refused(Refusal("enabled", f"{user.name} is enabled already."))
    speak_again(user.pk)
    record(act, PersonEnabled(), about=about(user))


def choose_time_zone(act: Act, *, time_zone: str) -> None:
    """Show times to the actor in this zone of the IANA database."""
    if time_zone not in available_timezones():
        raise Refused(Refusal("time_zone", "Choose a time zone from the list.", "time_zone"))
    User.objects.filter(pk=act.person.pk).update(time_zone=time_zone)
