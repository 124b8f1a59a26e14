"""Requests that nobody can decide any more, and those that somebody can decide again."""

from collections import defaultdict
from datetime import datetime

from requests_app.models import RoleRequest
from requests_app.queries.deciding import approval_terms, turn_under
from roles.queries.absences import away
from roles.queries.deciders import escalation_panel, panels


def stranded(at: datetime) -> tuple[list[int], list[int]]:
    """Those to tell of, and those whose mark has to go. The people of a role are read once, however many wait for it.

    No clock tells when that happens: somebody is disabled, leaves a group, goes away, or settings change.
    """
    by_role: dict[int, list[RoleRequest]] = defaultdict(list)
    waiting = RoleRequest.objects.undecided(at).standing(at).select_related("user__manager").order_by("role", "pk")
    for role_request in waiting.prefetch_related("decisions__approver", "decisions__deputy_for"):
        by_role[role_request.role_id].append(role_request)
    to_tell, to_clear, absent = [], [], away(at)
    for role_id, requests in by_role.items():
        terms = approval_terms(role_id)
        stages, as_well = panels(terms, at, absent), escalation_panel(terms, at, absent)
        for role_request in requests:
            can = turn_under(terms, stages, as_well, role_request, at, list(role_request.decisions.all())).can_be_met()
            if not can and role_request.stranded_told_at is None:
                to_tell.append(role_request.pk)
            elif can and role_request.stranded_told_at is not None:
                to_clear.append(role_request.pk)
    return to_tell, to_clear
