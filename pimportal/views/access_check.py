"""Is this person active in this role now? For reverse proxies."""

from urllib.parse import quote

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from roles import queries


@login_not_required
@never_cache
@require_safe
def access_check(request: PortalRequest) -> HttpResponse:
    """204 active, 403 not active, 401 not signed in; 400 without a role, 404 for one that does not exist.

    The person and the end stand in the headers X-Pim-User, X-Pim-Name (percent-encoded) and X-Pim-Until
    (ISO 8601 in UTC, or "permanent").
    """
    if request.act.actor is None:
        return HttpResponse("Sign in first.", status=401, content_type="text/plain")
    said = request.GET.get("role", "").strip()
    if not said:
        return HttpResponse("Name a role: ?role=Teams Administrator", status=400, content_type="text/plain")
    role = queries.find_role(said)
    if role is None:
        return HttpResponse("There is no such role.", status=404, content_type="text/plain")
    access = queries.access(request.user, role, at=request.act.at)
    if access is None:
        return HttpResponse(f"Not active as {role.name}.", status=403, content_type="text/plain")
    response = HttpResponse(status=204)
    response.headers["X-Pim-User"] = access.user.email
    response.headers["X-Pim-Name"] = quote(access.user.name)
    response.headers["X-Pim-Until"] = access.until.isoformat() if access.until else "permanent"
    return response
