"""Is it alive, is it ready? For load balancers and watchers; and for administrators, all that is known about it."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required, permission_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

import pimportal.health
from accounts.act import PortalRequest
from kernel.period import seconds
from kernel.powers import Power
from pimportal import duties


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The web process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers and is migrated. What decisions do not need is told and does not count: worker,
    emails, and the history's seals and streams."""
    at = request.act.at  # type: ignore[attr-defined]
    try:
        if not pimportal.health.is_migrated():
            return JsonResponse({"database": "ok", "migrations": "missing"}, status=503)
        facts = _facts(pimportal.health.look(at))
    except DatabaseError:
        return JsonResponse({"database": "unreachable"}, status=503)
    return JsonResponse({"database": "ok", "migrations": "ok", **facts})


def _facts(health: pimportal.health.Health) -> dict[str, Any]:
    alarms = health.alarms
    return {
        "worker": "silent" if alarms.worker_is_silent else "ok",
        "worker_seen_at": alarms.worker_seen_at.isoformat() if alarms.worker_seen_at else None,
        "ends_late_seconds": seconds(health.ends.worst_lateness),
        "queue": health.queue_length,
        "oldest_unsent_email_seconds": seconds(alarms.email_age),
        "clocks": "apart" if health.clocks.are_apart else "ok",
        "history": "contradicted" if alarms.history_contradicted_at else "late" if health.history.is_late else "ok",
        "history_unsealed_seconds": seconds(health.history.lag),
        "streams_behind_seconds": {stream.name: seconds(stream.lag) for stream in health.streams},
    }


@require_safe
@permission_required(Power.SETTINGS_MANAGE, raise_exception=True)
def health(request: PortalRequest) -> HttpResponse:
    """How the portal is, and everything it does by itself, with when it was last done and when it comes next."""
    at = request.act.at
    page = {
        "health": pimportal.health.look(at),
        "database": connection.display_name,
        "is_migrated": pimportal.health.is_migrated(),
        "contradiction": pimportal.health.contradiction(),
        "is_kept_outside": bool(settings.HISTORY_CHECKPOINT_FILE),
        "compared_at": pimportal.health.compared_at(),
        "retention": pimportal.health.retention(at),
        "duties": duties.table(at),
    }
    return render(request, "pimportal/health.html", page)
