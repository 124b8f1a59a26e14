"""Results of reviews as files. Sent by POST, because that somebody took them away is told, too."""

from collections.abc import Iterator

from django.contrib.auth.decorators import permission_required
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from accounts.act import PortalRequest
from kernel.powers import Power
from reviews.models import Review
from reviews.operations import exports
from reviews.queries import results

reads_reviews = permission_required(Power.ROLES_READ, raise_exception=True)


@require_POST
@reads_reviews
def review_export(request: PortalRequest, review_id: int) -> StreamingHttpResponse:
    """The results of one review, as they stand."""
    review = get_object_or_404(Review.objects.shown().with_names(), pk=review_id)
    exports.export(request.act, review)
    return as_file(results.file(results.of_review(review), request.act.at), f"access-review-{review.pk}")


def as_file(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    """Lines of CSV, sent as they come."""
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
