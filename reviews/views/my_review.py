"""The lines of one review that are mine to answer: one by one, or the ticked ones together."""

from collections import Counter

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from kernel.refusal import Refused, show_on
from reviews.forms.answers import AnswersForm, LinesForm
from reviews.lifecycle import ANSWERS, BADGES, state_of
from reviews.models import Review
from reviews.operations import answers
from reviews.queries import lines, mine
from reviews.terms import Silence
from roles.queries.endings import clock_words


@require_http_methods(["GET", "HEAD", "POST"])
def my_review(request: PortalRequest, review_id: int) -> HttpResponse:
    """Show a page of my lines; save what was said about them, all or nothing."""
    review = mine_or_404(request, review_id)
    form = AnswersForm(request.POST if request.method == "POST" else None, needs_reason=review.needs_reason)
    status = 400 if form.errors else 200
    if form.is_valid():
        try:
            said = answers.answer_each(request.act, review, form.marks())
        except Refused as refused:
            show_on(form, refused)
            status = refused.status
        else:
            return answered(request, review, said)
    return _show(request, review, form, status)


def mine_or_404(request: PortalRequest, review_id: int) -> Review:
    """A review in which I answer, answered, or will: to others it is not here."""
    review: Review = get_object_or_404(Review.objects.shown().with_names(), pk=review_id)
    if not mine.is_of(request.user, review, request.act.at):
        raise Http404
    return review


def answered(request: PortalRequest, review: Review, said: Counter[str]) -> HttpResponse:
    """Back to the same page of the same lines, with what was saved."""
    left = mine.work_in(request.user, review, request.act.at)
    done = "" if left is None or left.open else f" All done: you can change your answers until {_end(request, left)}."
    messages.success(request, _sentence(said) + done)
    query = request.GET.urlencode()
    return redirect(reverse("my_review", args=[review.pk]) + (f"?{query}" if query else ""))


def _end(request: PortalRequest, work: mine.Work) -> str:
    return clock_words(work.stage.closes_at, request.act.at)


def _sentence(said: Counter[str]) -> str:
    if not said:
        return "Nothing changed: that is what you had answered."
    return f"Saved: {', '.join(f'{said[one]} {ANSWERS[one].label.lower()}' for one in ANSWERS if said[one])}."


def _show(request: PortalRequest, review: Review, form: AnswersForm, status: int) -> HttpResponse:
    user, at = request.user, request.act.at
    work, filters = mine.work_in(user, review, at), LinesForm(request.GET)
    how, number = filters.narrowing(), request.GET.get("page")
    if work is None:
        page = lines.answered_by(user, review, number)
    elif form.is_bound and form.shown():
        page = lines.page_again(user, work.stage, form.shown(), at)
    else:
        page = lines.page_of(user, work.stage, how, number, at)
    shown = {
        "review": review,
        "work": work,
        "state": BADGES[state_of(review, at)],
        "has_ended": review.ends_at <= at,
        "silence": Silence(review.if_silent),
        "page": page,
        "lines": [(line, form.verdict_of(line.item.pk), form.because_of(line.item.pk))
                  for line in lines.lines(page, review, lines.seen_by(user, review, work.stage if work else None))],
        "ticked": form.ticked(),
        "filters": filters if work and work.total > 1 else None,
        "how": how,
        "form": form,
        "open_here": lines.open_ones(user, review, how, at).count() if work else 0,
    }  # fmt: skip
    return render(request, "reviews/my_review.html", shown, status=status)
