"""What was denied is taken away, line by line, because somebody asks for it or by itself.

Each line has a transaction of its own, and says in it what became of it. So it can be interrupted anywhere, goes on
where it was, and several workers can share it.
"""

import logging
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django_q.tasks import async_task

from accounts.act import Act
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, Refused, refuse_if_any
from reviews import email
from reviews.events import ReviewApplied, ReviewApplyAsked, ReviewItemApplied
from reviews.lifecycle import State, state_of
from reviews.log import about, about_item
from reviews.models import Review, ReviewItem
from reviews.operations import taking
from reviews.queries import tally
from reviews.queries.standing import DELETED
from reviews.terms import Applied
from roles.queries.access import lacks

logger = logging.getLogger(__name__)

BITE = 50
"""How many lines one call applies: a task is over within seconds, so that others have their turn."""
APPLY = "reviews.tasks.apply"
FAILED = "The portal failed at it. Apply it once more, or remove it by hand; the log of the worker says more."


# --- asking for it


@transaction.atomic
def ask(act: Act, review: Review) -> None:
    """Have the results of a review that has ended applied."""
    fresh = Review.objects.locked().get(pk=review.pk)
    refuse_if_any(may_ask(act, fresh))
    begin(act, fresh)


@transaction.atomic
def again(act: Act, review: Review) -> None:
    """Have what could not be removed tried once more."""
    fresh = Review.objects.locked().get(pk=review.pk)
    refused = fresh.items.filter(applied=Applied.REFUSED)
    refuse_if_any(may_try_again(act, fresh))
    refused.update(applied="", applied_note="", applied_at=None, applied_by=None)
    fresh.applied_at = None
    fresh.save(update_fields=["applied_at"])
    begin(act, fresh)


def begin(act: Act, review: Review) -> None:
    """From now on what was denied is taken away. Needs a transaction in which the review is locked."""
    review.apply_asked_at, review.apply_asked_by = act.at, act.actor
    review.save(update_fields=["apply_asked_at", "apply_asked_by"])
    if review.items.to_apply().exists():
        record(act, ReviewApplyAsked(review=review.pk, name=review.name), about=about(review.series))
        async_task(APPLY, review.pk)
    else:
        _end(act, review)


def may_ask(act: Act, review: Review) -> list[Refusal]:
    """Why the results cannot be applied now."""
    return [*lacks(act, Power.REVIEWS_MANAGE), *_not_to_apply(review, act.at)]


def _not_to_apply(review: Review, at: datetime) -> list[Refusal]:
    if review.deleted_at is not None:
        return [DELETED]
    state = state_of(review, at)
    if state in (State.APPLYING, State.APPLIED):
        return [Refusal("asked", "Its results are being applied already, or were.", is_conflict=True)]
    if state != State.COMPLETED:
        return [Refusal("running", "The review has not ended. Wait for its end, or stop it.")]
    return []


def may_try_again(act: Act, review: Review) -> list[Refusal]:
    """Why what could not be removed cannot be tried again now."""
    is_any = review.items.filter(applied=Applied.REFUSED).exists()
    return [*lacks(act, Power.REVIEWS_MANAGE), *_nothing_refused(review, is_any=is_any)]


def _nothing_refused(review: Review, *, is_any: bool) -> list[Refusal]:
    if review.deleted_at is not None:
        return [DELETED]
    if review.applied_at is None:
        return [Refusal("not_applied", "Its results were not applied yet. Wait until they are.", is_conflict=True)]
    return [] if is_any else [Refusal("nothing", "Nothing is left that could not be removed.", is_conflict=True)]


# --- doing it


def apply(act: Act, review_id: int) -> bool:
    """Take away what the next lines lose, and end it after the last one. False where nothing is left for a next call.

    Lines that somebody else is at are left to them.
    """
    review = Review.objects.to_apply().with_names().filter(pk=review_id).first()
    if review is None:
        return False
    lines = _next(review)
    _apply_lines(act, lines[:BITE])
    if len(lines) > BITE:
        return True
    _end_if_done(act, review_id)
    return False


def _next(review: Review) -> list[ReviewItem]:
    """The lines of this bite, and one more if any is left. What each of them loses stands since the review ended."""
    named = review.items.to_apply().select_related("user", "group", "decided_by")
    lines = named.prefetch_related("held__eligibility__role", "held__assignment__role")
    return list(lines.order_by("pk")[: BITE + 1])


def _apply_lines(act: Act, lines: list[ReviewItem]) -> None:
    """One by one; what somebody is in the way of stops no other, and is raised at the end."""
    errors = []
    for item in lines:
        try:
            _apply_line(act, item)
        except OperationalError as error:
            errors.append(error)
    if errors:
        raise ExceptionGroup(f"{len(errors)} of {len(lines)} lines could not be applied now", errors)


def _apply_line(act: Act, item: ReviewItem) -> None:
    try:
        with transaction.atomic():
            if _lock(item):
                _note(act, item, taking.take_all(act, item))
    except Refused as refused:
        _refuse(act, item, str(refused))
    except (OperationalError, InterfaceError):
        # The database is away, or somebody was in the way: nothing is wrong with this line, it is taken up again.
        raise
    except Exception:
        logger.exception("Line %s of a review could not be applied.", item.pk)
        _refuse(act, item, FAILED)


def _lock(item: ReviewItem) -> bool:
    """Lock the line, if it is still to be applied and nobody else is at it."""
    locked = ReviewItem.objects.to_apply().select_for_update(skip_locked=True, of=("self",))
    return bool(locked.filter(pk=item.pk).order_by().values_list("pk"))


def _refuse(act: Act, item: ReviewItem, note: str) -> None:
    with transaction.atomic():
        if _lock(item):
            _note(act, item, Applied.REFUSED, note)


def _note(act: Act, item: ReviewItem, result: Applied, note: str = "") -> None:
    """Write down what became of a line. Needs a transaction in which it is locked."""
    item.applied, item.applied_note, item.applied_at = result, note, act.at
    item.applied_by_id = item.review.apply_asked_by_id
    item.save(update_fields=["applied", "applied_note", "applied_at", "applied_by"])
    applied = ReviewItemApplied(review=item.review_id, name=item.review.name, result=result, because=note)
    record(act, applied, about=about_item(item))


@transaction.atomic
def _end_if_done(act: Act, review_id: int) -> None:
    review = Review.objects.to_apply().locked().filter(pk=review_id).first()
    if review is not None and not review.items.to_apply().exists():
        _end(act, review)


def _end(act: Act, review: Review) -> None:
    """All is done. Needs a transaction in which the review is locked."""
    counts = tally.results(review)
    review.applied_at = act.at
    review.save(update_fields=["applied_at"])
    record(act, ReviewApplied(review=review.pk, name=review.name, counts=counts), about=about(review.series))
    if any(counts.values()):
        email.applied(act, review, counts)
