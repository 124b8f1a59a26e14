"""Taking back all answers of a review that runs, so that everybody is looked at again."""

from django.db import transaction

from accounts.act import Act
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, refuse_if_any
from reviews import email
from reviews.events import ReviewReset
from reviews.log import about
from reviews.models import Review, ReviewStage
from reviews.operations.occurrences import remark
from reviews.queries.standing import not_running
from roles.queries.access import lacks

NOTHING_ANSWERED = Refusal("nothing_answered", "Nobody has answered yet, so there is nothing to reset.")
HANDING_ON = Refusal(
    "handing_on", "A stage has just ended, and its lines are being handed on. Try again in a minute.", is_conflict=True
)
NO_REASON = Refusal("because", "Say why the answers are taken back.", "because")


@transaction.atomic
def reset(act: Act, review: Review, *, because: str) -> int:
    """Clear what stands on each line, and tell how many answers that were. What was answered stays to be read.

    The stage that is open stays open. Lines that earlier stages kept come back into it: nobody could answer them
    where they are.
    """
    locked = Review.objects.select_for_update(of=("self",)).with_names().get(pk=review.pk)
    refuse_if_any(may_reset(act, locked), [] if because.strip() else [NO_REASON])

    stage = locked.stages.open(act.at).get()
    cleared = {"verdict": "", "reason": "", "decided_by": None, "decided_at": None, "decided_in": None}
    count = locked.items.exclude(verdict="").update(**cleared)
    locked.items.exclude(stage=stage).update(stage=stage)
    remark(stage, act.at)
    locked.reset_at = act.at
    locked.save(update_fields=["reset_at"])
    _begin_anew(act, stage)

    event = ReviewReset(review=locked.pk, name=locked.name, answers=count, because=because.strip())
    record(act, event, about=about(locked.series))
    return count


def _begin_anew(act: Act, stage: ReviewStage) -> None:
    """Whoever reviews is written to as at the start, and reminded when half of the time that is left is over."""
    stage.told_at = stage.reminded_at = None
    stage.remind_at = act.at + (stage.closes_at - act.at) / 2
    stage.save(update_fields=["told_at", "reminded_at", "remind_at"])
    email.started(act, stage)


def may_reset(act: Act, review: Review) -> list[Refusal]:
    """Why the answers cannot be taken back now."""
    return [*lacks(act, Power.REVIEWS_MANAGE), *(not_running(review, act.at) or _too_early(act, review))]


def _too_early(act: Act, review: Review) -> list[Refusal]:
    # Whoever hands a stage on may have been faster, and act at a later moment: then none is open yet at this one.
    is_between = review.stages.filter(closes_at__lte=act.at, handed_on_at=None).exists()
    if is_between or not review.stages.open(act.at).exists():
        return [HANDING_ON]
    return [] if review.items.exclude(verdict="").exists() else [NOTHING_ANSWERED]
