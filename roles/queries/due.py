"""What ends soon or has ended and was not told yet: the work of the worker."""

from datetime import datetime

from django.db.models import F, Q

from kernel.period import DAY, earliest
from roles.models import Assignment, Eligibility, G, GrantQuerySet

MOST_AT_ONCE = 2000
REMIND_BEFORE = (14 * DAY, DAY)
"""So long before the end of what was assigned its holder is reminded."""


def next_due(after: datetime) -> datetime | None:
    """When the next untold end or warning comes. Reminders days before an end can wait for the sweep of each minute."""
    ends = (
        model.objects.filter(end_told_at=None, end_at__gt=after).order_by("end_at").values_list("end_at", flat=True)
        for model in (Assignment, Eligibility)
    )
    ahead = Assignment.objects.filter(end_told_at=None, end_at__gt=after)
    return earliest(ahead.next_warning(after), *(moments.first() for moments in ends))


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
