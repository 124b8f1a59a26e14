"""What the pages of one review have in common: who may see them, their head, their tabs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.act import PortalRequest
from kernel.powers import Power
from kernel.refusal import Refusal, Refused
from reviews.forms.acts import ReasonForm
from reviews.models import Review, Series
from reviews.queries.listing import badge_of

reads_reviews = permission_required(Power.ROLES_READ, raise_exception=True)
manages_reviews = permission_required(Power.REVIEWS_MANAGE, raise_exception=True)

TABS = (
    ("review", "Overview"),
    ("review_results", "Results"),
    ("review_reviewers", "Reviewers"),
    ("review_settings", "Settings"),
    ("review_history", "History"),
)


def found(review_id: int) -> Review:
    """A review, deleted or not: who may restore it has to see it."""
    return get_object_or_404(Review.objects.with_names().select_related("stopped_by", "apply_asked_by"), pk=review_id)


def found_series(series_id: int) -> Series:
    """A series, deleted or not."""
    return get_object_or_404(Series.objects.with_names(), pk=series_id)


def framed(request: PortalRequest, review: Review, here: str) -> dict[str, Any]:
    """What the head of each tab shows."""
    return {
        "review": review,
        "series": review.series,
        "badge": badge_of(review.series, review, request.act.at),
        "review_tabs": TABS,
        "tab": here,
        "may_manage": request.user.has_perm(Power.REVIEWS_MANAGE),
    }


# --- asking first


@dataclass(frozen=True, kw_only=True)
class Question:
    """A page that asks before something is done: what will happen, and why it cannot, if so."""

    series: Series
    title: str
    button: str
    told: list[str]
    refusals: list[Refusal]
    review: Review | None = None
    needs_reason: bool = False
    is_danger: bool = True

    @property
    def leads_back_to(self) -> str:
        """The page of what it is about."""
        if self.review is None:
            return reverse("review_series", args=[self.series.pk])
        return reverse("review", args=[self.review.pk])


def ask_first(request: PortalRequest, question: Question, do: Callable[[str], object], done: str) -> HttpResponse:
    """Say what will happen; once that is confirmed, do it and go back. `do` takes the reason, if one is asked for."""
    form = ReasonForm(request.POST or None) if question.needs_reason else None
    refusals, status = question.refusals, 200
    if request.method == "POST":
        status = 400
        if form is None or form.is_valid():
            try:
                do(form.cleaned_data["because"] if form else "")
            except Refused as refused:
                refusals, status = list(refused.refusals), refused.status
            else:
                messages.success(request, done)
                return redirect(question.leads_back_to)
    page = {"question": question, "form": form, "refusals": refusals}
    return render(request, "reviews/confirm.html", page, status=status)
