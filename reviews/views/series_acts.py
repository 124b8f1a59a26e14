"""What can be done to a series as a whole. Each page says first what will happen, in numbers."""

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from reviews.operations import whole_series
from reviews.queries import consequences
from reviews.views.acts import GET_OR_POST
from reviews.views.frame import Question, ask_first, found_series, manages_reviews


@require_http_methods(GET_OR_POST)
@manages_reviews
def end_series(request: PortalRequest, series_id: int) -> HttpResponse:
    """No more reviews begin."""
    series = found_series(series_id)
    question = Question(
        series=series,
        title="End the series",
        button="End series",
        told=consequences.of_ending(series, request.act.at),
        refusals=whole_series.may_end(request.act, series),
    )
    done = "The series is ended. No further review begins."
    return ask_first(request, question, lambda _because: whole_series.end(request.act, series), done)


@require_http_methods(GET_OR_POST)
@manages_reviews
def delete_series(request: PortalRequest, series_id: int) -> HttpResponse:
    """Hide it with all its reviews."""
    series = found_series(series_id)
    question = Question(
        series=series,
        title="Delete the series",
        button="Delete series",
        told=consequences.of_deleting_series(series, request.act.at),
        refusals=whole_series.may_delete(request.act, series),
    )
    done = "The series is deleted. You can restore it on this page."
    return ask_first(request, question, lambda _because: whole_series.delete(request.act, series), done)


@require_http_methods(GET_OR_POST)
@manages_reviews
def restore_series(request: PortalRequest, series_id: int) -> HttpResponse:
    """Bring it back."""
    series = found_series(series_id)
    question = Question(
        series=series,
        title="Restore the series",
        button="Restore",
        told=consequences.of_restoring_series(series, request.act.at),
        refusals=whole_series.may_restore(request.act, series),
        is_danger=False,
    )
    done = "The series is restored."
    return ask_first(request, question, lambda _because: whole_series.restore(request.act, series), done)
