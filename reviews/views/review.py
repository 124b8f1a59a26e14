"""One review as a whole: where it stands, what happens next, what can be done."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.act import Act, PortalRequest
from kernel.plot import strip
from kernel.refusal import Refusal
from reviews.lifecycle import BADGES, state_of
from reviews.models import Review
from reviews.operations import applying, closing, deleting, resetting, whole_series
from reviews.queries import outcome, reviewing, rules
from reviews.terms import Recurrence
from reviews.views.frame import found, framed, reads_reviews

MOST_OTHERS = 5


@dataclass(frozen=True)
class Button:
    """Something that can be done and what it does, or why it cannot be."""

    label: str
    what: str
    leads_to: str
    refusals: list[Refusal]
    is_danger: bool = False


@require_safe
@reads_reviews
def review(request: PortalRequest, review_id: int) -> HttpResponse:
    """The overview."""
    shown, at = found(review_id), request.act.at
    frame = framed(request, shown, "review")
    answers = outcome.answers_of(shown)
    lines = sum(count for _badge, count in answers)
    others = shown.series.reviews.exclude(pk=shown.pk).order_by("-number")
    page = {
        **frame,
        "answers": answers,
        "lines": lines,
        "answered": lines - answers[-1][1],
        "strip": [
            (badge.tone, *place)
            for (badge, _n), place in zip(answers, strip([count for _badge, count in answers]), strict=True)
        ],
        "stuck": reviewing.stuck(shown, at),
        "next_step": outcome.next_step(shown, at),
        "rounds": reviewing.rounds(shown, at),
        "rhythm": rules.rhythm(shown.series.rhythm()),
        "others": [(one, BADGES[state_of(one, at)]) for one in others[:MOST_OTHERS]],
        "buttons": list(_buttons(request.act, shown)) if frame["may_manage"] else [],
    }
    return render(request, "reviews/review.html", page)


def _buttons(act: Act, review: Review) -> Iterator[Button]:
    def leads_to(name: str) -> str:
        return reverse(name, args=[review.pk])

    if review.deleted_at is not None:
        what = "It comes back as it was."
        yield Button("Restore", what, leads_to("restore_review"), deleting.may_restore(act, review))
        return
    if review.closed_at is None:
        yield from _while_it_runs(act, review, leads_to)
    elif not review.applies_itself:
        what = "What was denied, or lost because nobody answered, is removed now."
        yield Button("Apply", what, leads_to("apply_review"), applying.may_ask(act, review), is_danger=True)
    if not (why_not := applying.may_try_again(act, review)):
        what = "What could not be removed is tried once more."
        yield Button("Try again", what, leads_to("apply_review_again"), why_not)
    if review.series.recurrence != Recurrence.ONCE:
        may_end = whole_series.may_end(act, review.series)
        what = "No further review begins. What has begun goes on."
        yield Button("End series", what, reverse("end_series", args=[review.series_id]), may_end)
    what = "Hides it. Nobody can answer it, nothing is applied, and it can be restored."
    yield Button("Delete", what, leads_to("delete_review"), deleting.may_delete(act, review), is_danger=True)


def _while_it_runs(act: Act, review: Review, leads_to: Callable[[str], str]) -> Iterator[Button]:
    may_stop = closing.may_stop(act, review)
    what = "Ends it now, for good. What was answered until now counts."
    yield Button("Stop", what, leads_to("stop_review"), may_stop, is_danger=True)
    for stage in reviewing.stages_to_stop(review).open(act.at):
        what = f"Ends stage {stage.number} now, so that stage {stage.number + 1} begins."
        where = reverse("stop_review_stage", args=[review.pk, stage.number])
        yield Button(f"Stop stage {stage.number}", what, where, may_stop)
    what = "Takes all answers back, so that everybody is looked at again."
    yield Button("Reset", what, leads_to("reset_review"), resetting.may_reset(act, review))
