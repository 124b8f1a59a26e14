"""The rules a review began with."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from reviews.queries import reviewing, rules
from reviews.views.frame import found, framed, reads_reviews


@require_safe
@reads_reviews
def review_settings(request: PortalRequest, review_id: int) -> HttpResponse:
    """What is set, in words."""
    shown = found(review_id)
    page = {
        **framed(request, shown, "review_settings"),
        "parts": rules.parts(shown),
        "rounds": reviewing.rounds(shown, request.act.at),
    }
    return render(request, "reviews/review_settings.html", page)
