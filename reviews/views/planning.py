"""What the pages that set up reviews, and those that change them, have in common: going on typing, and checking."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from accounts.act import PortalRequest
from accounts.middleware import kept_typed
from accounts.models import Group
from kernel.powers import Power
from reviews import documents
from reviews.models import Series
from reviews.policy import upcoming
from reviews.queries import preview
from reviews.queries.plans import rhythm_of
from reviews.terms import Plan
from roles.models import Role

manages_reviews = permission_required(Power.REVIEWS_MANAGE, raise_exception=True)

STEERING = ("csrfmiddlewaretoken", "step", "find")
"""What a form sends beside what was typed."""
TOLD_ABOVE = ("Name", "Start of the next review")
"""What of the settings the page of the check says elsewhere."""
SHOWN_STARTS = 3


def is_typing(request: PortalRequest) -> bool:
    """Whether the form is to be shown as it was sent, nothing judged: going back to it, and finding roles."""
    return request.method == "POST" and request.POST.get("step") in ("edit", "find")


def is_saving(request: PortalRequest) -> bool:
    """Whether what was checked is to be saved."""
    return request.POST.get("step") == "save"


def typed_before(request: PortalRequest) -> QueryDict | None:
    """What to go on typing from: what was sent just now, or before the session ended."""
    return request.POST if is_typing(request) else kept_typed(request)


def show_check(
    request: PortalRequest, plan: Plan, subjects: Sequence[Role | Group], series: Series | None = None, **page: Any
) -> HttpResponse:
    """What was typed, and what it means: who would review whom, when, and what silence would take away."""
    at = request.act.at
    first_at = plan.start_at or at
    starts = upcoming(series.next_number if series else 1, rhythm_of(plan, at, series), SHOWN_STARTS + 1)
    page |= {
        "series": series,
        "plan": plan,
        "settings": {what: said for what, said in documents.lines(plan).items() if what not in TOLD_ABOVE},
        "first_at": first_at,
        "ends_at": first_at + plan.duration,
        "starts": starts[:SHOWN_STARTS],
        "goes_on": len(starts) > SHOWN_STARTS,
        "found": preview.of(plan, subjects, at),
        "typed": _typed(request.POST),
    }
    return render(request, "reviews/check_plan.html", page)


def _typed(sent: QueryDict) -> list[tuple[str, str]]:
    return [(name, str(value)) for name in sent if name not in STEERING for value in sent.getlist(name)]
