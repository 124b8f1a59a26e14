"""Telling the history who came in, who did not, and who left."""

from django.db import transaction

from accounts.act import Act
from accounts.events import SignedIn, SignedOut, SignInFailed
from accounts.log import about
from accounts.models import User
from audit.events import About
from audit.log import record


@transaction.atomic
def succeeded(act: Act) -> None:
    """The actor came in."""
    record(act, SignedIn(), about=about(act.person))


@transaction.atomic
def failed(act: Act, *, address: str) -> None:
    """Somebody tried this email with a wrong password, or an email nobody has."""
    tried = address.strip()[:254]
    user = User.objects.filter(email=tried.lower()).first()
    record(act, SignInFailed(email=tried, outcome="refused"), about=about(user) if user else About())


@transaction.atomic
def ended(act: Act) -> None:
    """The actor left."""
    record(act, SignedOut(), about=about(act.person))
