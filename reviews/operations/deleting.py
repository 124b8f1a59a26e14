"""Hiding a review, and bringing it back. Nothing is ever erased."""

from django.db import transaction

from accounts.act import Act
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, refuse_if_any
from reviews.events import ReviewDeleted, ReviewRestored
from reviews.lifecycle import State, state_of
from reviews.log import about
from reviews.models import Review, Series
from roles.queries.access import lacks

DELETED_ALREADY = Refusal("deleted", "This review was deleted already.", is_conflict=True)
NOT_DELETED = Refusal("not_deleted", "This review is not deleted.", is_conflict=True)
SERIES_DELETED = Refusal("series_deleted", "Its whole series was deleted. Restore the series.")
APPLYING = Refusal("applying", "Its results are being applied. Delete it once that is done.")


@transaction.atomic
def delete(act: Act, review: Review) -> None:
    """Hide a review: nobody can answer it, and nothing of it is applied."""
    locked = Review.objects.select_for_update(of=("self",)).with_names().get(pk=review.pk)
    refuse_if_any(may_delete(act, locked))
    Review.objects.filter(pk=locked.pk).update(deleted_at=act.at)
    event = ReviewDeleted(series=locked.series_id, review=locked.pk, name=locked.name)
    record(act, event, about=about(locked.series))


def may_delete(act: Act, review: Review) -> list[Refusal]:
    """Why a review cannot be deleted now."""
    return [*lacks(act, Power.REVIEWS_MANAGE), *_keeps(act, review)]


def _keeps(act: Act, review: Review) -> list[Refusal]:
    if review.deleted_at is not None:
        return [DELETED_ALREADY]
    return [APPLYING] if state_of(review, act.at) == State.APPLYING else []


@transaction.atomic
def restore(act: Act, review: Review) -> None:
    """Bring a review back as it was. If its end has come meanwhile, it ends at once."""
    # The series first, as whoever deletes it does: else it could be deleted while this review comes back.
    Series.objects.select_for_update().get(pk=review.series_id)
    locked = Review.objects.select_for_update(of=("self",)).with_names().get(pk=review.pk)
    refuse_if_any(may_restore(act, locked))
    Review.objects.filter(pk=locked.pk).update(deleted_at=None)
    event = ReviewRestored(series=locked.series_id, review=locked.pk, name=locked.name)
    record(act, event, about=about(locked.series))


def may_restore(act: Act, review: Review) -> list[Refusal]:
    """Why a review cannot be brought back now."""
    return [*lacks(act, Power.REVIEWS_MANAGE), *_stays_away(review)]


def _stays_away(review: Review) -> list[Refusal]:
    if review.deleted_at is None:
        return [NOT_DELETED]
    return [] if review.series.deleted_at is None else [SERIES_DELETED]
