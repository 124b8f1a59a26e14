"""Telling holders that what was assigned to them ends soon: 14 days before the end, and 1 day."""

from datetime import timedelta

from django.db import transaction

from accounts.act import Act
from roles.email import grants as email
from roles.models import Assignment, Eligibility, GrantQuerySet
from roles.queries.due import expiring


@transaction.atomic
def remind_eligibility(act: Act, eligibility_id: int) -> None:
    """Tell once, however many workers look. Harmless if its end is not near."""
    _remind(act, expiring(Eligibility.objects.filter(pk=eligibility_id), act.at))


@transaction.atomic
def remind_assignment(act: Act, assignment_id: int) -> None:
    """Tell once, however many workers look. Harmless if its end is not near, or if it was activated."""
    _remind(act, expiring(Assignment.objects.filter(pk=assignment_id, activated_from=None), act.at))


def _remind(act: Act, due: GrantQuerySet[Eligibility] | GrantQuerySet[Assignment]) -> None:
    grant = due.select_related("role__policy", "scope", "user", "group").first()
    # Asked once more in the update itself, so that only one worker tells.
    if grant is None or not due.update(warned_at=act.at):
        return
    left: timedelta = grant.end_at - act.at if grant.end_at else timedelta()
    email.expiring(act, grant, left=left)
