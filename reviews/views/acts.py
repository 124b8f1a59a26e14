"""What can be done to a review as a whole. Each page says first what will happen, in numbers."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from reviews.operations import applying, closing, deleting, resetting
from reviews.queries import consequences, reviewing
from reviews.views.frame import Question, ask_first, found, manages_reviews

GET_OR_POST = ["GET", "HEAD", "POST"]


@require_http_methods(GET_OR_POST)
@manages_reviews
def stop_review(request: PortalRequest, review_id: int) -> HttpResponse:
    """End it now, for good."""
    review = found(review_id)
    question = Question(
        review=review,
        series=review.series,
        title="Stop the review",
        button="Stop",
        told=consequences.of_stopping(review),
        refusals=closing.may_stop(request.act, review),
        needs_reason=True,
    )
    done = "The review is stopped."
    return ask_first(request, question, lambda because: closing.stop(request.act, review, because=because), done)


@require_http_methods(GET_OR_POST)
@manages_reviews
def stop_review_stage(request: PortalRequest, review_id: int, number: int) -> HttpResponse:
    """End a stage that is open, so that the next one begins."""
    review = found(review_id)
    stage = get_object_or_404(reviewing.stages_to_stop(review), number=number)
    question = Question(
        review=review,
        series=review.series,
        title=f"Stop stage {stage.number}",
        button="Stop stage",
        told=consequences.of_stopping_stage(stage),
        refusals=closing.may_stop_stage(request.act, stage),
    )
    done = f"Stage {stage.number} is stopped, and stage {stage.number + 1} has begun."
    return ask_first(request, question, lambda _because: closing.stop_stage(request.act, stage), done)


@require_http_methods(GET_OR_POST)
@manages_reviews
def reset_review(request: PortalRequest, review_id: int) -> HttpResponse:
    """Take all answers back."""
    review = found(review_id)
    question = Question(
        review=review,
        series=review.series,
        title="Reset the review",
        button="Reset",
        told=consequences.of_resetting(review, review.stages.open(request.act.at).first()),
        refusals=resetting.may_reset(request.act, review),
        needs_reason=True,
    )
    done = "All answers are taken back."
    return ask_first(request, question, lambda because: resetting.reset(request.act, review, because=because), done)


@require_http_methods(GET_OR_POST)
@manages_reviews
def apply_review(request: PortalRequest, review_id: int) -> HttpResponse:
    """Take away what was denied."""
    review = found(review_id)
    question = Question(
        review=review,
        series=review.series,
        title="Apply the results",
        button="Apply",
        told=consequences.of_applying(review),
        refusals=applying.may_ask(request.act, review),
    )
    done = "What was denied is being removed now. Load this page again to follow it."
    return ask_first(request, question, lambda _because: applying.ask(request.act, review), done)


@require_http_methods(GET_OR_POST)
@manages_reviews
def apply_review_again(request: PortalRequest, review_id: int) -> HttpResponse:
    """Try once more what could not be removed."""
    review = found(review_id)
    question = Question(
        review=review,
        series=review.series,
        title="Try again what could not be removed",
        button="Try again",
        told=consequences.of_applying_again(review),
        refusals=applying.may_try_again(request.act, review),
    )
    done = "It is tried again now. Load this page again to follow it."
    return ask_first(request, question, lambda _because: applying.again(request.act, review), done)


@require_http_methods(GET_OR_POST)
@manages_reviews
def delete_review(request: PortalRequest, review_id: int) -> HttpResponse:
    """Hide it."""
    review = found(review_id)
    question = Question(
        review=review,
        series=review.series,
        title="Delete the review",
        button="Delete",
        told=consequences.of_deleting(review, request.act.at),
        refusals=deleting.may_delete(request.act, review),
    )
    done = "The review is deleted. You can restore it on this page."
    return ask_first(request, question, lambda _because: deleting.delete(request.act, review), done)


@require_http_methods(GET_OR_POST)
@manages_reviews
def restore_review(request: PortalRequest, review_id: int) -> HttpResponse:
    """Bring it back."""
    review = found(review_id)
    question = Question(
        review=review,
        series=review.series,
        title="Restore the review",
        button="Restore",
        told=consequences.of_restoring(review, request.act.at),
        refusals=deleting.may_restore(request.act, review),
        is_danger=False,
    )
    done = "The review is restored."
    return ask_first(request, question, lambda _because: deleting.restore(request.act, review), done)
