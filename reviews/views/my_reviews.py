"""What waits for my review."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from reviews.queries import mine


@require_safe
def my_reviews(request: PortalRequest) -> HttpResponse:
    """Reviews with open lines, those whose answers can still be changed, and the last ones that are over."""
    user, at = request.user, request.act.at
    work = mine.work(user, at)
    page = {
        "waiting": [one for one in work if one.open],
        "answered": [one for one in work if not one.open],
        "finished": mine.finished(user, at),
    }
    return render(request, "reviews/my_reviews.html", page)
