"""Ends that time brought, many in one transaction: written down, and told.

Nobody is waited for: what somebody else has locked is left, so there is no order of locks to keep. Whoever calls these
takes up what was left one by one (`activation.tell_assignment_end`), and may do so twice.
"""

from django.db import transaction

from accounts.act import Act
from audit.events import Event
from audit.log import record_all
from roles.email import grants as email
from roles.events import ActivationEnded, AssignmentEnded, EligibilityEnded
from roles.log import about_grant
from roles.models import Assignment, Eligibility, GrantQuerySet
from roles.queries.endings import ended_at

NAMED = ("role__policy", "scope", "user", "group")
"""What is read along with a grant to tell of it."""


@transaction.atomic
def tell_assignments(act: Act, ids: list[int]) -> list[int]:
    """Tell the ends of those of these assignments that are over and nobody else is at; return which."""
    return _tell(act, Assignment.objects.filter(pk__in=ids))


@transaction.atomic
def tell_eligibilities(act: Act, ids: list[int]) -> list[int]:
    """Tell the ends of those of these eligibilities that are over and nobody else is at; return which."""
    return _tell(act, Eligibility.objects.filter(pk__in=ids))


def _tell(act: Act, grants: GrantQuerySet[Eligibility] | GrantQuerySet[Assignment]) -> list[int]:
    untold = grants.over(act.at).filter(end_told_at=None, end_at__lte=act.at).select_related(*NAMED)
    taken: list[Eligibility | Assignment] = [*untold.select_for_update(skip_locked=True, of=("self",)).order_by("pk")]
    ids = [grant.pk for grant in taken]
    grants.filter(pk__in=ids).update(end_told_at=act.at)
    note(act, *taken)
    return ids


def note(act: Act, *grants: Eligibility | Assignment) -> None:
    """Write down that these are over, and tell. Needs a transaction in which they were marked as told."""
    record_all(act, [(_event(act, grant), about_grant(grant)) for grant in grants])
    activations = [grant for grant in grants if isinstance(grant, Assignment) and grant.activated_from_id]
    email.ended(act, *activations, because="its time is over")
    email.ran_out(act, *(grant for grant in grants if grant not in activations))


def _event(act: Act, grant: Eligibility | Assignment) -> Event:
    moment = ended_at(grant, act.at)
    if isinstance(grant, Eligibility):
        return EligibilityEnded(ended_at=moment)
    return AssignmentEnded(ended_at=moment) if grant.activated_from_id is None else ActivationEnded(ended_at=moment)
