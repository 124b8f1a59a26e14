"""A series as a whole: no more reviews begin, or all of it is hidden, and brought back."""

from django.db import transaction

from accounts.act import Act
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, refuse_if_any
from reviews.events import ReviewDeleted, ReviewRestored, ReviewSeriesEnded
from reviews.log import about
from reviews.models import Review, Series
from roles.queries.access import lacks

DELETED = Refusal("deleted", "This series was deleted. Restore it first.")
DELETED_ALREADY = Refusal("deleted", "This series was deleted already.", is_conflict=True)
NOT_DELETED = Refusal("not_deleted", "This series is not deleted.", is_conflict=True)
NONE_TO_COME = Refusal("none_to_come", "No further review is planned in this series.")
APPLYING = Refusal("applying", "Results of one of its reviews are being applied. Delete it once that is done.")


@transaction.atomic
def end(act: Act, series: Series) -> None:
    """No more reviews begin. One that runs goes on to its end."""
    locked = _locked(series)
    refuse_if_any(may_end(act, locked))
    Series.objects.filter(pk=locked.pk).update(next_at=None)
    record(act, ReviewSeriesEnded(series=locked.pk, name=locked.name), about=about(locked))


def may_end(act: Act, series: Series) -> list[Refusal]:
    """Why the series cannot be ended now."""
    return [*lacks(act, Power.REVIEWS_MANAGE), *_nothing_to_end(series)]


def _nothing_to_end(series: Series) -> list[Refusal]:
    if series.deleted_at is not None:
        return [DELETED]
    return [] if series.next_at is not None else [NONE_TO_COME]


@transaction.atomic
def delete(act: Act, series: Series) -> None:
    """Hide a series with all its reviews: none begins, none can be answered, nothing is applied."""
    locked = _locked(series)
    list(locked.reviews.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    refuse_if_any(may_delete(act, locked))
    Series.objects.filter(pk=locked.pk).update(deleted_at=act.at)
    locked.reviews.shown().update(deleted_at=act.at)
    record(act, ReviewDeleted(series=locked.pk, review=None, name=locked.name), about=about(locked))


def may_delete(act: Act, series: Series) -> list[Refusal]:
    """Why the series cannot be deleted now."""
    return [*lacks(act, Power.REVIEWS_MANAGE), *_keeps(series)]


def _keeps(series: Series) -> list[Refusal]:
    if series.deleted_at is not None:
        return [DELETED_ALREADY]
    return [APPLYING] if series.reviews.to_apply().exists() else []


@transaction.atomic
def restore(act: Act, series: Series) -> None:
    """Bring a series back with the reviews that were hidden along with it, not with those deleted before."""
    locked = _locked(series)
    refuse_if_any(may_restore(act, locked))
    Review.objects.filter(series=locked, deleted_at=locked.deleted_at).update(deleted_at=None)
    Series.objects.filter(pk=locked.pk).update(deleted_at=None)
    record(act, ReviewRestored(series=locked.pk, review=None, name=locked.name), about=about(locked))


def may_restore(act: Act, series: Series) -> list[Refusal]:
    """Why the series cannot be brought back now."""
    return [*lacks(act, Power.REVIEWS_MANAGE), *([NOT_DELETED] if series.deleted_at is None else [])]


def _locked(series: Series) -> Series:
    return Series.objects.select_for_update(of=("self",)).with_names().get(pk=series.pk)
