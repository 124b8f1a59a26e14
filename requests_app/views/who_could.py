"""Who could do this at that time: what was held at a moment in the past, through which group, and why."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from audit.queries import archives
from kernel.powers import Power
from requests_app.forms.past import PastForm
from requests_app.queries import past

reads_history = permission_required(Power.AUDIT_READ, raise_exception=True)


@require_safe
@reads_history
def who_could(request: PortalRequest) -> HttpResponse:
    """Asked by GET, so that the answer is a link."""
    form = PastForm(request.GET, at=request.act.at, zone=timezone.get_current_timezone_name())
    page: dict[str, Any] = {"form": form, "most": past.MOST}
    if form.is_valid():
        chosen = form.cleaned_data
        page["found"] = past.held_at(chosen["moment"], role=chosen["role"], person=chosen["person"])
        page["moment"] = chosen["moment"]
        page["archived"] = archives.since(chosen["moment"])
        page["permalink"] = f"{settings.PUBLIC_URL}{request.path}?{_link(form)}"
    return render(request, "requests_app/who_could.html", page, status=400 if form.errors else 200)


def _link(form: PastForm) -> str:
    """The query that means the same to everybody: the moment with its zone."""
    query, chosen = QueryDict(mutable=True), form.cleaned_data
    if chosen["role"]:
        query["role"] = str(chosen["role"].pk)
    if chosen["person"]:
        query["person"] = chosen["person"].email
    query["moment"] = chosen["moment"].isoformat()
    return query.urlencode()
