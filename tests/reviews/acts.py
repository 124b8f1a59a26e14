"""Reviews on their way: answered, handed on, over."""

from datetime import datetime

from accounts.models import User
from reviews.models import Review, ReviewItem
from reviews.operations import answers, deleting
from reviews.operations.occurrences import remark
from reviews.terms import Verdict
from tests import make
from tests.make import NINE


def answered(
    review: Review, *, by: User | None = None, at: datetime = NINE, because: str = "Said so", **verdicts: str
) -> None:
    """These people's lines are answered so, by somebody who may."""
    for name, verdict in verdicts.items():
        item = ReviewItem.objects.select_related("stage").get(review=review, name=name)
        reviewer = by or User.objects.get(pk=item.stage.named.get(is_fallback=False).user_id)
        answers.answer(make.act(by=reviewer, at=at), review, [item.pk], Verdict(verdict), because=because)


def handed_on(review: Review, at: datetime) -> None:
    """The stage that is over hands on."""
    first, second = review.stages.all()
    first.items.moving_on(first).update(stage=second)
    review.stages.filter(pk=first.pk).update(handed_on_at=at)
    remark(second, at)


def deleted(review: Review, at: datetime = NINE) -> None:
    """Somebody deletes it."""
    deleting.delete(make.act(at=at), review)
