"""What ends soon or has ended and was not told yet: the work of the worker."""

from datetime import datetime
from typing import Any

from django.db.models import F, Min, Q, QuerySet

from kernel.period import DAY, earliest
from roles.models import Assignment, Eligibility, G, GrantQuerySet

MOST_AT_ONCE = 2000
REMIND_BEFORE = (14 * DAY, DAY)
"""So long before the end of what was assigned its holder is reminded."""


Moments = dict[str, tuple[QuerySet[Any], str]]
"""By task: whom it concerns, and the column with the moment at which it does."""


def moments() -> Moments:
    """What comes at a moment: ends and warnings. Reminders days before an end can wait for the sweep of each minute."""
    untold = Assignment.objects.filter(end_told_at=None)
    return {
        "warn": (untold.with_warning(), "warns_at"),
        "tell_assignment_end": (untold, "end_at"),
        "tell_eligibility_end": (Eligibility.objects.filter(end_told_at=None), "end_at"),
    }


def nexts(of: Moments, after: datetime) -> dict[str, datetime | None]:
    """When each task comes next."""
    # The smallest, not the first in order: where the moment is computed, nothing has to be sorted.
    return {
        task: rows.filter(**{f"{at}__gt": after}).aggregate(next=Min(at))["next"] for task, (rows, at) in of.items()
    }


def come(of: Moments, after: datetime, until: datetime) -> dict[str, list[int]]:
    """Whom each task concerns that came after one moment, until the other one; in the order in which it came."""
    found = {
        task: rows.filter(**{f"{at}__gt": after, f"{at}__lte": until}).order_by(at, "pk")
        for task, (rows, at) in of.items()
    }
    return {task: list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE]) for task, rows in found.items()}


def next_due(after: datetime) -> datetime | None:
    """When the next untold end or warning comes."""
    return earliest(*nexts(moments(), after).values())


def expiring(grants: GrantQuerySet[G], at: datetime) -> GrantQuerySet[G]:
    """Those whose end is so near that their holders are to be told, and were not. What was given for no longer than
    that needs no reminder."""
    near = Q()
    for before in REMIND_BEFORE:
        untold = Q(warned_at=None) | Q(warned_at__lt=F("end_at") - before)
        near |= Q(end_at__lte=at + before, start_at__lt=F("end_at") - before) & untold
    return grants.filter(near, end_at__gt=at, removed_at=None)


def due(at: datetime) -> dict[str, list[int]]:
    """What ends soon, has ended or lapsed and was not told yet, by the task that tells it."""
    untold = Assignment.objects.filter(end_told_at=None)
    return {
        "warn": _ids(Assignment.objects.filter(end_told_at=None).ending_soon(at).unwarned()),
        "tell_assignment_end": _ids(untold.over(at).filter(end_at__lte=at)),
        "tell_eligibility_end": _ids(Eligibility.objects.over(at).filter(end_told_at=None, end_at__lte=at)),
        "remind_assignment": _ids(expiring(Assignment.objects.filter(activated_from=None), at)),
        "remind_eligibility": _ids(expiring(Eligibility.objects.all(), at)),
        "end_lapsed": lapsed(at),
    }


def lapsed(at: datetime) -> list[int]:
    """Activations, begun or still ahead, that have lost what they stand on. No clock tells when that happens."""
    activations = Assignment.objects.filter(end_told_at=None).exclude(activated_from=None).not_over(at)
    return _ids(activations.exclude(pk__in=activations.standing(at).values("pk")))


def _ids(grants: GrantQuerySet[G]) -> list[int]:
    return list(grants.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
