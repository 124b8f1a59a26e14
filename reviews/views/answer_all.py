"""All open lines answered in one go: how many they are, and what is recommended, is said before."""

from collections import Counter

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from kernel.refusal import Refusal, Refused, refuse_if_any, show_on
from reviews.forms.answers import FOLLOW, AnswerAllForm, LinesForm
from reviews.models import Review
from reviews.models.items import ItemQuerySet
from reviews.operations import answers
from reviews.queries import lines, mine
from reviews.queries.answerable import over
from reviews.terms import Verdict
from reviews.views.my_review import answered, mine_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def answer_all(request: PortalRequest, review_id: int) -> HttpResponse:
    """Say what would be answered; then answer it, if it is still as many lines."""
    review = mine_or_404(request, review_id)
    open_ones = lines.open_ones(request.user, review, LinesForm(request.GET).narrowing(), request.act.at)
    form = AnswerAllForm(request.POST if request.method == "POST" else None, needs_reason=review.needs_reason)
    status = 400 if form.errors else 200
    if form.is_valid():
        try:
            said = _answer(request, review, open_ones, form)
        except Refused as refused:
            show_on(form, refused)
            status = refused.status
        else:
            return answered(request, review, said)
    return _show(request, review, open_ones, form, status)


def _answer(request: PortalRequest, review: Review, open_ones: ItemQuerySet, form: AnswerAllForm) -> Counter[str]:
    chosen, typed = list(open_ones.values_list("pk", flat=True)), form.cleaned_data
    otherwise = [] if len(chosen) == typed["count"] else [_otherwise(len(chosen))]
    refuse_if_any(over(review, request.act.at) or otherwise)
    if typed["how"] == FOLLOW:
        return answers.follow_recommendations(request.act, review, chosen)
    return answers.answer(request.act, review, chosen, Verdict(typed["how"]), because=typed["because"], only_open=True)


def _otherwise(count: int) -> Refusal:
    now = "1 line is" if count == 1 else f"{count} lines are"
    sentence = f"Meanwhile lines were answered, or came to you: now {now} open. Nothing was saved; look again."
    return Refusal("otherwise", sentence, is_conflict=True)


def _show(
    request: PortalRequest, review: Review, open_ones: ItemQuerySet, form: AnswerAllForm, status: int
) -> HttpResponse:
    work = mine.work_in(request.user, review, request.act.at)
    rows = open_ones.order_by().values_list("recommendation").annotate(Count("pk"))
    advice = dict(rows)
    count = sum(advice.values())
    if not count:
        for error in form.non_field_errors():
            messages.error(request, str(error))
        return redirect("my_review", review.pk)
    shown = {
        "review": review,
        "work": work,
        "form": form,
        "count": count,
        "approved": advice.get(Verdict.APPROVE, 0),
        "denied": advice.get(Verdict.DENY, 0),
        "is_part": work is not None and count < work.open,
    }
    return render(request, "reviews/answer_all.html", shown, status=status)
