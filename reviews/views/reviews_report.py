"""The history of reviews over a span, as a file."""

from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from reviews.forms.report import ReportForm, last_quarter
from reviews.operations import exports
from reviews.queries import results
from reviews.views.exports import as_file, reads_reviews


@require_http_methods(["GET", "HEAD", "POST"])
@reads_reviews
def reviews_report(request: PortalRequest) -> HttpResponseBase:
    """Which reviews, which span; then the file."""
    form = ReportForm(request.POST or None, initial=last_quarter(request.act.at))
    if form.is_valid():
        exports.export(request.act, filters=form.link())
        return as_file(results.file(results.in_span(form.span()), request.act.at), "access-review-history")
    page = {"form": form, "columns": results.COLUMNS}
    return render(request, "reviews/reviews_report.html", page, status=400 if form.errors else 200)
