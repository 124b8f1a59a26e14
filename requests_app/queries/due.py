"""What has become due about requests and was not told yet: the work of the worker."""

from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.models import Absence
from kernel.period import earliest
from requests_app.lifecycle import Status
from requests_app.models import RenewalRequest, RoleRequest, RoleRequestQuerySet
from roles.models import Assignment
from roles.queries.due import Moments, nexts

MOST_AT_ONCE = 2000


def moments() -> Moments:
    """What comes at a moment: requests run out of time, are at half time, or escalate; absences and activations
    begin."""
    pending = RoleRequest.objects.filter(status=Status.PENDING).with_escalation()
    return {
        "time_out": (pending, "decide_until"),
        "remind": (pending.filter(role__policy__reminds_at_half_time=True, reminded_at=None), "remind_at"),
        "escalate": (pending.filter(escalated_at=None), "escalates_at"),
        "hand_over": (Absence.objects.filter(handed_over_at=None), "start_at"),
        "time_out_renewal": (RenewalRequest.objects.filter(status=Status.PENDING), "decide_until"),
        "start": (Assignment.objects.filter(start_told_at=None), "start_at"),
    }


def next_due(after: datetime) -> datetime | None:
    """When the next of these comes."""
    return earliest(*nexts(moments(), after).values())


def due(at: datetime) -> dict[str, list[int]]:
    """The requests about which something is to be done, by the task that does it."""
    reminding = RoleRequest.objects.reminding(at).filter(role__policy__reminds_at_half_time=True)
    escalating = RoleRequest.objects.undecided(at).filter(escalated_at=None).with_escalation()
    return {
        "time_out": _ids(RoleRequest.objects.overdue(at).order_by("decide_until")),
        "remind": _ids(reminding.order_by("remind_at")),
        "escalate": _ids(escalating.filter(Q(escalates_at__lte=at)).order_by("asked_at", "pk")),
        "lapse": lapsed(at),
        "hand_over": list(Absence.objects.to_hand_over(at).order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]),
        "time_out_renewal": list(RenewalRequest.objects.overdue(at).values_list("pk", flat=True)[:MOST_AT_ONCE]),
        "lapse_renewal": lapsed_renewals(at),
        "start": _started(at),
        "check": unchecked(at),
    }


def lapsed(at: datetime) -> list[int]:
    """Pending requests that are no longer possible. No clock tells when that happens."""
    return _ids(RoleRequest.objects.lapsed(at).order_by("pk"))


def lapsed_renewals(at: datetime) -> list[int]:
    """Pending extensions and renewals that are no longer possible."""
    pending = RenewalRequest.objects.undecided(at)
    gone = pending.exclude(pk__in=pending.possible().values("pk"))
    return list(gone.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


def _started(at: datetime) -> list[int]:
    """Scheduled activations whose start has come."""
    untold = Assignment.objects.filter(start_told_at=None, start_at__lte=at)
    return list(untold.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


def unchecked(at: datetime) -> list[int]:
    """Scheduled activations of roles whose settings were changed since they were granted, or last checked."""
    looked_at = Coalesce("role_request__checked_at", "role_request__closed_at")
    ahead = Assignment.objects.filter(start_told_at=None, start_at__gt=at).to_be_ended(at)
    changed = ahead.filter(role__policy__changed_at__gt=looked_at)
    return list(changed.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


def _ids(requests: RoleRequestQuerySet) -> list[int]:
    return list(requests.values_list("pk", flat=True)[:MOST_AT_ONCE])
