"""Is it alive, is it ready? For load balancers and watchers."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from pimportal.models import Heartbeat

WORKER_SILENT_AFTER = timedelta(seconds=30)


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The web process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers and is migrated. The worker is told about, but decisions do not need it."""
    try:
        executor = MigrationExecutor(connection)
        migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        seen = Heartbeat.objects.filter(pk="worker").values_list("seen_at", flat=True).first()
    except DatabaseError:
        return JsonResponse({"database": "unreachable"}, status=503)
    now = request.act.at  # type: ignore[attr-defined]
    worker = "ok" if seen and now - seen < WORKER_SILENT_AFTER else "silent"
    facts = {"database": "ok", "migrations": "ok" if migrated else "missing", "worker": worker}
    return JsonResponse(facts, status=200 if migrated else 503)
