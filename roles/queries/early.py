"""What was told by a clock that was ahead: starts, ends and warnings whose moment is still to come.

`docs/decisions/0026-clocks-put-right.md` says what becomes of them.
"""

from datetime import datetime

from django.db.models import F, Q

from kernel.period import SECOND
from roles.models import Assignment, AssignmentQuerySet, Eligibility, G, GrantQuerySet

SLACK = 2 * SECOND
"""By no more than this do the clocks of several workers differ; what was told so little too early is told."""


def ends(grants: GrantQuerySet[G], at: datetime) -> GrantQuerySet[G]:
    """Those whose end was told, and is still ahead. What somebody ended is over, whatever its period says."""
    return grants.filter(end_at__gt=at + SLACK, end_told_at__isnull=False, removed_at=None)


def starts(assignments: AssignmentQuerySet, at: datetime) -> AssignmentQuerySet:
    """Activations whose start was told as come, and is still ahead."""
    ahead = assignments.filter(start_at__gt=at + SLACK, removed_at=None).exclude(activated_from=None)
    return ahead.filter(start_told_at__gte=F("start_at"))


def warnings(grants: GrantQuerySet[G], at: datetime) -> GrantQuerySet[G]:
    """Those whose holder was told of a coming end at a moment that is still to come."""
    return grants.filter(warned_at__gt=at + SLACK, removed_at=None)


def told_too_early(at: datetime) -> dict[str, list[int]]:
    """All of these, by the task that takes it back."""
    assignments, eligibilities = Assignment.objects.all(), Eligibility.objects.all()
    of_assignments = Q(pk__in=ends(assignments, at).values("pk")) | Q(pk__in=starts(assignments, at).values("pk"))
    of_eligibilities = Q(pk__in=ends(eligibilities, at).values("pk"))
    return {
        "take_back_assignment": _ids(assignments.filter(of_assignments | Q(pk__in=warnings(assignments, at)))),
        "take_back_eligibility": _ids(eligibilities.filter(of_eligibilities | Q(pk__in=warnings(eligibilities, at)))),
    }


def _ids(grants: GrantQuerySet[G]) -> list[int]:
    return list(grants.order_by("pk").values_list("pk", flat=True))
