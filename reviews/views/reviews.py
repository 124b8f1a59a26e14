"""The list of all access reviews."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from kernel.powers import Power
from reviews.forms.filters import SeriesFilterForm
from reviews.models import Series
from reviews.queries import listing
from reviews.views.frame import reads_reviews

PAGE_LENGTH = 25


@require_safe
@reads_reviews
def reviews(request: PortalRequest) -> HttpResponse:
    """Each series, with the review that runs or ran last."""
    form = SeriesFilterForm(request.GET)
    series = listing.found(form.filters()) if form.is_valid() else Series.objects.none()
    page = Paginator(series, PAGE_LENGTH).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": listing.rows(page, request.act.at),
        "narrows": any(request.GET.get(name) for name in form.fields),
        "may_manage": request.user.has_perm(Power.REVIEWS_MANAGE),
    }
    return render(request, "reviews/reviews.html", context, status=400 if form.errors else 200)
