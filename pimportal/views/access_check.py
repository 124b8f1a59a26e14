"""Is this person active in this role now? For reverse proxies."""

from urllib.parse import quote

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from roles.queries import access
from roles.queries.access import Access


@login_not_required
@never_cache
@require_safe
def access_check(request: PortalRequest) -> HttpResponse:
    """204 active, 403 not active, 401 not signed in; 400 without a role, 404 for one that does not exist, or for a
    scope the role cannot be held on. Without a scope it is asked where the role belongs.

    The person and the end stand in the headers X-Pim-User, X-Pim-Name (percent-encoded) and X-Pim-Until
    (ISO 8601 in UTC, or "permanent").
    """
    if request.act.actor is None:
        return HttpResponse("Sign in first.", status=401, content_type="text/plain")
    said = request.GET.get("role", "").strip()
    if not said:
        return HttpResponse("Name a role: ?role=Teams Administrator", status=400, content_type="text/plain")
    role = access.find_role(said)
    if role is None:
        return HttpResponse("There is no such role.", status=404, content_type="text/plain")
    below = request.GET.get("scope", "").strip()
    scope = access.find_below(below, role.resource) if below else role.resource
    if scope is None:
        sentence = f"There is no such scope. {role.name} can be held on {role.resource.name}, or on something below it."
        return HttpResponse(sentence, status=404, content_type="text/plain")
    found = access.access(request.user, role, at=request.act.at, on=scope)
    if found is None:
        where = f" on {scope.name}" if scope != role.resource else ""
        return HttpResponse(f"Not active as {role.name}{where}.", status=403, content_type="text/plain")
    return _let_through(found)


def _let_through(found: Access) -> HttpResponse:
    response = HttpResponse(status=204)
    response.headers["X-Pim-User"] = found.user.email
    response.headers["X-Pim-Name"] = quote(found.user.name)
    response.headers["X-Pim-Until"] = found.until.isoformat() if found.until else "permanent"
    return response
