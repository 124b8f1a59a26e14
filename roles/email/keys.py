"""Keys of emails that a clock put right has told again, so the moment of telling is in them.

That each is told once, however many workers look, is seen to by the mark on the grant.
"""

from accounts.act import Act
from notifications.models import Email
from notifications.operations import silence
from roles.models import Assignment, Eligibility

TOO_EARLY = "Withdrawn: a clock that was ahead told it too early."


def activated(act: Act, assignment: Assignment) -> str:
    """An activation began."""
    return f"{_begun(assignment)}{act.at.isoformat()}"


def ends_soon(act: Act, assignment: Assignment) -> str:
    """It is about to end."""
    return f"ends_soon:{assignment.pk}:{act.at.isoformat()}"


def ended(act: Act, grant: Eligibility | Assignment) -> str:
    """What somebody held is over."""
    return f"{_over(grant)}{act.at.isoformat()}"


def withdraw_start(act: Act, assignment: Assignment) -> None:
    """Send nothing of what was promised about its start and has not left."""
    _withdraw(act, _begun(assignment))


def withdraw_end(act: Act, grant: Eligibility | Assignment) -> None:
    """Send nothing of what was promised about its end and has not left."""
    _withdraw(act, _over(grant))


def _withdraw(act: Act, begins: str) -> None:
    silence.withdraw(Email.objects.filter(key__startswith=begins), at=act.at, because=TOO_EARLY)


def _begun(assignment: Assignment) -> str:
    return f"activated:{assignment.pk}:"


def _over(grant: Eligibility | Assignment) -> str:
    return f"ended:{grant.kind}:{grant.pk}:"
