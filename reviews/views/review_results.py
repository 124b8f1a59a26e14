"""The results of a review, line by line."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from audit.queries import archives
from reviews.forms.filters import ResultsFilterForm
from reviews.models import ReviewItem
from reviews.queries import line_by_line as queries
from reviews.views.frame import found, framed, reads_reviews

PAGE_LENGTH = 50


@require_safe
@reads_reviews
def review_results(request: PortalRequest, review_id: int) -> HttpResponse:
    """Who was answered how, by whom and why, and what was done about it."""
    shown = found(review_id)
    form = ResultsFilterForm(request.GET)
    lines = queries.found(shown, form.filters()) if form.is_valid() else ReviewItem.objects.none()
    page = Paginator(lines, PAGE_LENGTH).get_page(request.GET.get("page"))
    context = {
        **framed(request, shown, "review_results"),
        "form": form,
        "page": page,
        "rows": queries.rows(shown, page),
        "narrows": any(request.GET.get(name) for name in form.fields),
        # What is shown of the history: when answers were taken back, by whom and why.
        "archived": archives.since(shown.start_at) if shown.reset_at else None,
    }
    return render(request, "reviews/review_results.html", context, status=400 if form.errors else 200)
