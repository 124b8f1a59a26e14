"""One-time codes: made, shown once, used once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import F

from accounts.act import Act
from accounts.models import OneTimeCode, User

# No letters or digits that look alike: codes are read out and typed.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
INVITATION_DURATION = timedelta(days=7)
ENROLMENT_DURATION = timedelta(hours=24)


def issue(act: Act, user: User, *, purpose: OneTimeCode.Purpose) -> tuple[OneTimeCode, str]:
    """Make a code; older ones of its purpose no longer work. The secret exists only in what is returned."""
    OneTimeCode.objects.usable(act.at).filter(user=user, purpose=purpose).update(expires_at=act.at)
    is_invitation = purpose == OneTimeCode.Purpose.INVITATION
    secret = secrets.token_urlsafe(32) if is_invitation else _readable()
    code = OneTimeCode.objects.create(
        user=user,
        purpose=purpose,
        digest=digest(secret),
        issued_by=act.actor,
        issued_at=act.at,
        expires_at=act.at + (INVITATION_DURATION if is_invitation else ENROLMENT_DURATION),
    )
    return code, secret


def find_invitation(secret: str, *, at: datetime) -> OneTimeCode | None:
    """The usable invitation with this secret; looking changes nothing."""
    invitations = OneTimeCode.objects.usable(at).filter(purpose=OneTimeCode.Purpose.INVITATION)
    return invitations.select_related("user").filter(digest=digest(secret), user__is_enabled=True).first()


def use(code: OneTimeCode, *, at: datetime) -> bool:
    """Use the code up; False if somebody was faster."""
    return bool(OneTimeCode.objects.usable(at).filter(pk=code.pk).update(used_at=at))


def check_enrolment(act: Act, secret: str) -> OneTimeCode | None:
    """The actor's enrolment code if this is it. A wrong guess counts against it."""
    codes = OneTimeCode.objects.usable(act.at).filter(user=act.person, purpose=OneTimeCode.Purpose.ENROLMENT)
    normal = secret.upper().replace(" ", "").replace("-", "")
    found = codes.filter(digest=digest(f"{normal[:5]}-{normal[5:]}")).first()
    if found is None:
        codes.update(tries=F("tries") + 1)
    return found


def digest(secret: str) -> str:
    """SHA-256; the secrets are random and short-lived, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _readable() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"
