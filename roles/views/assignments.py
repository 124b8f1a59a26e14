"""Assignments: who may have, has, or had a role; and adding one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.act import PortalRequest
from kernel.csv import lines
from kernel.period import DAY
from kernel.powers import Power
from kernel.refusal import Refused, show_on
from roles.forms.filters import GrantFilterForm
from roles.forms.grants import GrantForm, default_end
from roles.models import Assignment, Eligibility
from roles.operations import grants
from roles.policy import Kind
from roles.queries import access
from roles.queries import assignments as queries
from roles.queries.giving import key_of, terms_of

reads_roles = permission_required(Power.ROLES_READ, raise_exception=True)
manages_roles = permission_required(Power.ROLES_MANAGE, raise_exception=True)
TABS = (("eligible", "Eligible"), ("active", "Active"), ("expired", "Expired"))


@require_safe
@reads_roles
def assignments(request: PortalRequest) -> HttpResponse:
    """Three tabs: eligible, active, and what ended in the last 30 days; searched, filtered, sorted."""
    tab, form = _asked_for(request)
    # Filters that make no sense show nothing, so that nobody takes everything for what they asked for.
    found = queries.found(tab, form.filters(), at=request.act.at) if form.is_valid() else []
    page = {
        "page": Paginator(found, 50).get_page(request.GET.get("page")),
        "tab": tab,
        "tabs": TABS,
        "form": form,
        "heads": form.heads(),
    }
    return render(request, "roles/assignments.html", page, status=400 if form.errors else 200)


@require_safe
@reads_roles
def assignments_export(request: PortalRequest) -> StreamingHttpResponse:
    """The same, filtered and sorted the same way, as CSV."""
    tab, form = _asked_for(request)
    if not form.is_valid():
        raise BadRequest("the filters make no sense")
    found = queries.found(tab, form.filters(), at=request.act.at)
    rows = queries.rows(queries.streamed(found))
    response = StreamingHttpResponse(lines(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="assignments-{tab}.csv"'
    return response


def _asked_for(request: PortalRequest) -> tuple[str, GrantFilterForm]:
    said = request.GET.get("tab", "")
    tab = said if said in dict(TABS) else "eligible"
    return tab, GrantFilterForm(request.GET, tab=tab)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_roles
def add_assignment(request: PortalRequest) -> HttpResponse:
    """Make a person or group eligible or active."""
    form = GrantForm(request.POST or None, initial=_offered(request))
    if form.is_valid():
        typed, ask, holder = form.cleaned_data, form.ask(request.act.at), form.chosen_holder()
        kind = Kind(typed["kind"])
        give = grants.make_eligible if kind is Kind.ELIGIBLE else grants.assign
        try:
            give(request.act, typed["role"], ask, to=holder, on=typed["scope"])
        except Refused as refused:
            show_on(form, refused)
        else:
            sentence = f"{holder} is now {kind} for {typed['role']}. They and the administrators get an email."
            messages.success(request, sentence)
            return redirect(f"{reverse('assignments')}?tab={kind}")
    return render(request, "roles/add_assignment.html", {"form": form}, status=400 if form.errors else 200)


def _offered(request: PortalRequest) -> dict[str, Any]:
    """What the form begins with: a role, or all that somebody had, to be renewed."""
    at = request.act.at
    if old := _to_renew(request.GET.get("renew", "")):
        renewed = {"role": old.role, "scope": old.scope, "holder": key_of(old.holder), "kind": old.kind.value}
        longest = terms_of(old.role, old.kind).max_duration
        return {**renewed, "end_at": default_end(at, longest), "justification": old.justification}
    chosen = access.find_role(request.GET.get("role", ""))
    longest = chosen.policy.settings().eligible.max_duration if chosen else 365 * DAY
    return {"role": chosen, "end_at": default_end(at, longest)}


def _to_renew(said: str) -> Eligibility | Assignment | None:
    kind, _, number = said.partition("-")
    if not number.isdecimal() or len(number) > 9:
        return None
    names = ("role__policy", "role__resource", "scope", "user", "group")
    if kind == "eligible":
        return Eligibility.objects.select_related(*names).filter(pk=int(number)).first()
    if kind == "active":
        return Assignment.objects.select_related(*names).filter(pk=int(number), activated_from=None).first()
    return None
