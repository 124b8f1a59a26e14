"""Reviewers who have not answered yet are written to once more: by the clock at half time, or because somebody asks."""

from datetime import datetime

from django.db import transaction

from accounts.act import Act
from audit.log import record
from kernel.period import HOUR
from kernel.powers import Power
from kernel.refusal import Refusal, Refused, refuse_if_any
from reviews import email
from reviews.events import ReviewReminded
from reviews.log import about
from reviews.models import Review, ReviewStage
from reviews.operations.occurrences import remark
from roles.queries.access import lacks
from roles.queries.endings import clock_words

REST = HOUR
"""How long reviewers are left alone after they were written to."""


@transaction.atomic
def remind(act: Act, stage_id: int) -> None:
    """Write to each reviewer of an open stage who has lines nobody answered. The portal does so once, at half time, and
    it is harmless if that is not now; people may once an hour."""
    review = Review.objects.locked().get(stages=stage_id)
    stage = review.stages.get(pk=stage_id)
    if act.actor is None:
        if review.stages.reminding(act.at).filter(pk=stage_id).exists():
            _write(act, stage)
        return
    refuse_if_any(may_remind(act, stage))
    if not _write(act, stage):
        raise Refused(Refusal("nobody", "Nobody is left to be reminded: whoever can answer has.", is_conflict=True))


def may_remind(act: Act, stage: ReviewStage) -> list[Refusal]:
    """Why the reviewers of this stage cannot be reminded now."""
    return [*lacks(act, Power.REVIEWS_MANAGE), *_not_open(act, stage), *_too_soon(act, stage)]


def reminded_at(stage: ReviewStage) -> datetime | None:
    """When the reviewers of a stage were last written to; None if they never were."""
    return max(filter(None, (stage.told_at, stage.reminded_at)), default=None)


def _write(act: Act, stage: ReviewStage) -> bool:
    """Remind those who have not answered; False if there are none."""
    # Lines that lost their reviewers meanwhile go to the fallback.
    remark(stage, act.at)
    ReviewStage.objects.filter(pk=stage.pk).update(reminded_at=act.at)
    told = [person.name for person in email.reminder(act, stage)]
    review = stage.review
    if told:
        reminded = ReviewReminded(review=review.pk, name=review.name, stage=stage.number, reminded=told)
        record(act, reminded, about=about(review.series))
    return bool(told)


def _not_open(act: Act, stage: ReviewStage) -> list[Refusal]:
    if stage.is_open(act.at) and stage.review.closed_at is None and stage.review.deleted_at is None:
        return []
    return [Refusal("stage", "Nobody can answer in this stage at the moment.", is_conflict=True)]


def _too_soon(act: Act, stage: ReviewStage) -> list[Refusal]:
    last_at = reminded_at(stage)
    if last_at is None or last_at <= act.at - REST:
        return []
    said = f"They were written to at {clock_words(last_at, act.at)}"
    sentence = f"{said}. Remind them again from {clock_words(last_at + REST, act.at)} on."
    return [Refusal("too_soon", sentence, is_conflict=True)]
