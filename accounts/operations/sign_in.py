"""Telling the history who came in, who did not, and who left."""

from django.db import transaction

from accounts.act import Act
from accounts.events import SignedIn, SignedOut, SignInBlocked, SignInFailed
from accounts.log import about
from accounts.models import EmergencyUse, User
from audit.events import About
from audit.log import record


@transaction.atomic
def succeeded(act: Act) -> None:
    """The actor came in."""
    record(act, SignedIn(), about=about(act.person))
    note_emergency(act, act.person)


def note_emergency(act: Act, user: User) -> None:
    """A session of a break-glass account begins: leave a row from which the worker alarms the administrators."""
    if user.is_break_glass:
        EmergencyUse.objects.create(user=user, signed_in_at=act.at, ip=act.ip)


@transaction.atomic
def failed(act: Act, *, address: str) -> None:
    """Somebody tried this email with a wrong password, or an email nobody has."""
    _tell(act, SignInFailed, address)


@transaction.atomic
def blocked(act: Act, *, address: str) -> None:
    """The same, once too often: for some minutes no password is looked at any more."""
    _tell(act, SignInFailed, address)
    _tell(act, SignInBlocked, address)


def _tell(act: Act, event: type[SignInFailed] | type[SignInBlocked], address: str) -> None:
    tried = address.strip()[:254]
    user = User.objects.filter(email=tried.lower()).first()
    record(act, event(email=tried, outcome="refused"), about=about(user) if user else About())


@transaction.atomic
def ended(act: Act) -> None:
    """The actor left."""
    record(act, SignedOut(), about=about(act.person))
