"""A series: when its reviews come, and those that have begun."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.act import Act, PortalRequest
from kernel.powers import Power
from reviews.models import Series
from reviews.operations import whole_series
from reviews.queries import rules
from reviews.queries.listing import badge_of, badge_of_series
from reviews.queries.outcome import Progress, progress_of
from reviews.views.frame import found_series, reads_reviews
from reviews.views.review import Button

PAGE_LENGTH = 25


@require_safe
@reads_reviews
def review_series(request: PortalRequest, series_id: int) -> HttpResponse:
    """Its rhythm, its rules for what is to come, and its reviews, newest first."""
    series, at = found_series(series_id), request.act.at
    page = Paginator(series.reviews.order_by("-number"), PAGE_LENGTH).get_page(request.GET.get("page"))
    progress = progress_of([one.pk for one in page])
    may_manage = request.user.has_perm(Power.REVIEWS_MANAGE)
    context = {
        "series": series,
        "badge": badge_of_series(series),
        "rhythm": rules.rhythm(series.rhythm()),
        "hour": rules.hour(series.rhythm()),
        "parts": rules.parts(series),
        "page": page,
        "rows": [(one, badge_of(series, one, at), progress.get(one.pk, Progress())) for one in page],
        "may_manage": may_manage,
        "buttons": _buttons(request.act, series) if may_manage else [],
    }
    return render(request, "reviews/review_series.html", context)


def _buttons(act: Act, series: Series) -> list[Button]:
    def leads_to(name: str) -> str:
        return reverse(name, args=[series.pk])

    if series.deleted_at is not None:
        what = "It comes back with the reviews that were hidden along with it."
        return [Button("Restore", what, leads_to("restore_series"), whole_series.may_restore(act, series))]
    may_end, may_delete = whole_series.may_end(act, series), whole_series.may_delete(act, series)
    hides = "Hides it with all its reviews. It can be restored."
    return [
        Button("End series", "No further review begins.", leads_to("end_series"), may_end),
        Button("Delete series", hides, leads_to("delete_series"), may_delete, is_danger=True),
    ]
