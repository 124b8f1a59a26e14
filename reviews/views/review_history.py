"""What happened to a review."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from audit.events import label_of
from audit.queries import archives, pages
from reviews.queries import history
from reviews.views.frame import found, framed, reads_reviews


@require_safe
@reads_reviews
def review_history(request: PortalRequest, review_id: int) -> HttpResponse:
    """Its events and those of its series, newest first."""
    shown, asked = found(review_id), request.GET
    events = pages.page(
        [history.entries(shown)], before=asked.get("before", ""), after=asked.get("after", ""), oldest="oldest" in asked
    )
    page = {
        **framed(request, shown, "review_history"),
        "page": events,
        "rows": [(entry, label_of(entry.kind), history.told(entry.kind, entry.facts)) for entry in events.entries],
        "archived": archives.since(shown.series.made_at),
    }
    return render(request, "reviews/review_history.html", page)
