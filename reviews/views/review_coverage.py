"""Which roles were never reviewed, or not for a year."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from kernel.powers import Power
from reviews.queries import coverage


@require_safe
@permission_required(Power.ROLES_READ, raise_exception=True)
def review_coverage(request: PortalRequest) -> HttpResponse:
    """Every role in use, privileged ones first, and when it was reviewed last."""
    at, which = request.act.at, request.GET.get("show", "")
    counted = coverage.counts(at)
    shown = coverage.page_of(which, request.GET.get("page"), at)
    page = {
        "page": shown,
        "rows": [(role, coverage.BADGES[role.covered]) for role in shown],
        "which": which,
        "ways": [(way, badge, counted[way]) for way, badge in coverage.BADGES.items()],
        "total": sum(counted.values()),
        "may_manage": request.user.has_perm(Power.REVIEWS_MANAGE),
    }
    return render(request, "reviews/review_coverage.html", page)
