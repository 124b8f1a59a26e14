"""The end of a stage, and of a review: by time, or because somebody stops it.

Everything here locks the review first and reads it afresh, as answering does: what was answered before counts, and
nothing is answered afterwards.
"""

from datetime import datetime
from itertools import pairwise

from django.db import transaction
from django.db.models import F

from accounts.act import Act
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, refuse_if_any
from reviews import email
from reviews.events import ReviewFinished, ReviewStageEnded, ReviewStopped
from reviews.log import about, digest
from reviews.models import Review, ReviewedGrant, ReviewStage
from reviews.models.items import loses
from reviews.operations import applying
from reviews.operations.occurrences import ROWS, held_by, remark
from reviews.queries import tally
from reviews.queries.snapshot import given_since
from reviews.queries.standing import not_running
from reviews.terms import Holding, Outcome, Silence
from roles.queries.access import lacks

WHAT = ("item", "eligibility", "assignment", "member_since")


@transaction.atomic
def hand_on(act: Act, stage_id: int) -> None:
    """A stage is over: its lines go on to the next one, as its settings say. Harmless if it is not, or if they have.

    Whatever else of its review is over by now is done as well, in order.
    """
    stage = ReviewStage.objects.filter(pk=stage_id).first()
    if stage is not None:
        close(act, stage.review_id)


@transaction.atomic
def close(act: Act, review_id: int) -> None:
    """Do what time has brought to a review: stages hand on what goes on, and at its end the outcome is worked out.
    Harmless if nothing is due, or if it was done."""
    review = Review.objects.locked().filter(pk=review_id, closed_at=None, deleted_at=None).first()
    if review is not None:
        _go_on(act, review)


@transaction.atomic
def stop(act: Act, review: Review, *, because: str) -> None:
    """End a review at once, for good: what was answered until now counts."""
    fresh = Review.objects.locked().get(pk=review.pk)
    reason = [] if because.strip() else [Refusal("because", "Say why you stop it.", "because")]
    refuse_if_any(may_stop(act, fresh), reason)
    stopped = ReviewStopped(review=fresh.pk, name=fresh.name, old_ends_at=fresh.ends_at, because=because.strip())
    fresh.stages.filter(opens_at__gt=act.at).update(opens_at=act.at)
    fresh.stages.filter(closes_at__gt=act.at).update(closes_at=act.at)
    fresh.ends_at = fresh.stopped_at = act.at
    fresh.stopped_by = act.actor
    fresh.save(update_fields=["ends_at", "stopped_at", "stopped_by"])
    record(act, stopped, about=about(fresh.series))
    _work_out(act, fresh, because=because.strip())


@transaction.atomic
def stop_stage(act: Act, stage: ReviewStage) -> None:
    """End a stage at once: those that follow begin and end so much earlier. The last one ends the review."""
    review = Review.objects.locked().get(pk=stage.review_id)
    refuse_if_any(may_stop(act, review))
    _go_on(act, review)
    fresh = review.stages.get(pk=stage.pk)
    refuse_if_any(may_stop_stage(act, fresh))
    old_closes_at, fresh.closes_at = fresh.closes_at, act.at
    fresh.save(update_fields=["closes_at"])
    earlier = old_closes_at - act.at
    review.stages.filter(number__gt=fresh.number).update(
        opens_at=F("opens_at") - earlier,
        remind_at=F("remind_at") - earlier,
        closes_at=F("closes_at") - earlier,
    )
    review.ends_at -= earlier
    review.save(update_fields=["ends_at"])
    _end_stage(act, fresh, review.stages.filter(number=fresh.number + 1).first(), old_closes_at=old_closes_at)
    _go_on(act, review)


def may_stop(act: Act, review: Review) -> list[Refusal]:
    """Why this review, or a stage of it, cannot be stopped now."""
    return [*lacks(act, Power.REVIEWS_MANAGE), *not_running(review, act.at)]


def may_stop_stage(act: Act, stage: ReviewStage) -> list[Refusal]:
    """Why this stage cannot be stopped now."""
    return may_stop(act, stage.review) or ([] if stage.is_open(act.at) else [_not_open(act, stage)])


def _not_open(act: Act, stage: ReviewStage) -> Refusal:
    when = "has not begun" if act.at < stage.opens_at else "has ended already"
    return Refusal("stage", f"Stage {stage.number} {when}.", is_conflict=True)


def _go_on(act: Act, review: Review) -> None:
    """Pass through all stages that are over. Needs a transaction in which the review is locked."""
    stages = list(review.stages.all())
    for stage, following in pairwise(stages):
        if stage.handed_on_at is None and stage.closes_at <= act.at:
            _end_stage(act, stage, following)
    if review.ends_at <= act.at:
        _work_out(act, review)


def _end_stage(
    act: Act, stage: ReviewStage, following: ReviewStage | None, *, old_closes_at: datetime | None = None
) -> None:
    """Hand the lines on whose answer goes on; the others stay where they are."""
    review, moved_on = stage.review, 0
    if following is not None:
        moved_on = stage.items.moving_on(stage).update(stage=following)
        stage.handed_on_at = act.at
        stage.save(update_fields=["handed_on_at"])
        remark(following, act.at)
    ended = ReviewStageEnded(
        review=review.pk, name=review.name, stage=stage.number, moved_on=moved_on, old_closes_at=old_closes_at
    )
    record(act, ended, about=about(review.series))
    if following is not None:
        email.started(act, following)


def _work_out(act: Act, review: Review, *, because: str = "") -> None:
    """What becomes of each line. Where nothing is to be taken away, that is all there is to do."""
    review.items.update(outcome=Outcome.KEEP)
    review.items.filter(loses(Silence(review.if_silent))).update(outcome=Outcome.REMOVE)
    _add_what_came_meanwhile(act, review)
    review.closed_at = act.at
    review.save(update_fields=["closed_at"])
    counts = tally.answers(review)
    answers = digest(review.items.order_by().values_list("user_id", "group_id", "verdict"))
    finished = ReviewFinished(review=review.pk, name=review.name, counts=counts, answers_digest=answers)
    record(act, finished, about=about(review.series))
    email.finished(act, review, counts, because=because)
    if review.applies_itself or not counts["to_remove"]:
        # Whoever stopped it did not ask for that.
        applying.begin(Act(None, act.at), review)


def _add_what_came_meanwhile(act: Act, review: Review) -> None:
    """What was renewed, given or taken up again while the review ran is lost with the rest: nobody escapes a denial by
    letting go of what is reviewed."""
    subject, holding = review.series.subject, Holding(review.holding)
    came = {line.holder: line for line in given_since(subject, holding=holding, since=review.start_at, at=act.at)}
    if not came:
        return
    losing = review.items.filter(outcome=Outcome.REMOVE).select_related("user", "group")
    rows = [row for item in losing if item.holder in came for row in held_by(item, came[item.holder])]
    known = set(ReviewedGrant.objects.filter(item__in=losing).values_list(*WHAT))
    fresh = [row for row in rows if (row.item_id, row.eligibility_id, row.assignment_id, row.member_since) not in known]
    ReviewedGrant.objects.bulk_create(fresh, batch_size=ROWS)
