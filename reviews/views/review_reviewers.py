"""Who reviews, stage by stage; somebody more, or somebody else."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.act import PortalRequest
from kernel.refusal import Refused, show_on
from reviews.forms.reviewers import ReviewersForm
from reviews.models import Review, ReviewStage
from reviews.operations import reminding
from reviews.operations import reviewers as operations
from reviews.queries import reviewing
from reviews.views.frame import found, framed, manages_reviews, reads_reviews

PAGE_LENGTH = 50


@require_safe
@reads_reviews
def review_reviewers(request: PortalRequest, review_id: int) -> HttpResponse:
    """Each stage with who is named, and of the open one how far each person has come."""
    shown, at = found(review_id), request.act.at
    frame = framed(request, shown, "review_reviewers")
    stage = _open_stage(shown, request).first()
    page = {
        **frame,
        "rounds": reviewing.rounds(shown, at),
        "open_stage": stage,
        **(_who(request, stage) if stage else {}),
    }
    return render(request, "reviews/review_reviewers.html", page)


def _who(request: PortalRequest, stage: ReviewStage) -> dict[str, Any]:
    shares = reviewing.shares(stage, request.act.at)
    page = Paginator(reviewing.in_order(stage, shares), PAGE_LENGTH).get_page(request.GET.get("page"))
    return {
        "page": page,
        "people": reviewing.reviewers(stage, list(page), shares),
        "nobody": reviewing.nobody(shares),
        "keeps_from_reminding": reminding.may_remind(request.act, stage),
    }


@require_POST
@manages_reviews
def remind_reviewers(request: PortalRequest, review_id: int) -> HttpResponse:
    """Write to whoever has lines that are open."""
    stage = get_object_or_404(_open_stage(found(review_id), request))
    try:
        reminding.remind(request.act, stage.pk)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Everybody with open lines gets an email now.")
    return redirect("review_reviewers", review_id)


def _open_stage(review: Review, request: PortalRequest) -> QuerySet[ReviewStage]:
    return review.stages.select_related("review__series__role", "review__series__group").open(request.act.at)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_reviews
def change_reviewers(request: PortalRequest, review_id: int, number: int) -> HttpResponse:
    """Add and remove reviewers of one stage."""
    shown = found(review_id)
    stage = get_object_or_404(shown.stages.select_related("review"), number=number)
    form = ReviewersForm(request.POST or None, stage=stage)
    if form.is_valid():
        try:
            operations.change(request.act, stage, form.wanted())
        except Refused as refused:
            show_on(form, refused)
        else:
            messages.success(request, f"The reviewers of stage {number} are changed. Answers given already stand.")
            return redirect("review_reviewers", shown.pk)
    page = {
        **framed(request, shown, "review_reviewers"),
        "form": form,
        "stage": stage,
        "refusals": operations.may_change(request.act, stage),
    }
    return render(request, "reviews/change_reviewers.html", page, status=400 if form.errors else 200)
