"""The clock begins a review: who holds the role now, line by line, with the evidence as it stands."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction

from accounts.act import Act
from audit.log import record
from reviews import email
from reviews.events import ReviewSkipped, ReviewStarted
from reviews.log import MOST_NAMES, about, digest
from reviews.models import Review, ReviewedGrant, ReviewItem, ReviewStage, Series, StageReviewer
from reviews.policy import following
from reviews.queries.panels import Panel, panel_of
from reviews.queries.snapshot import Line, lines
from reviews.terms import Holding
from roles.models import Assignment, Eligibility

ROWS = 500
"""How many lines one statement writes."""
MARKED = ("pk", "user_id", "group_id", "manager_id", "is_for_fallback", "has_nobody")
"""What of a line says who can answer it, and what was worked out of that."""


@transaction.atomic
def begin(act: Act, series_id: int) -> Review | None:
    """Begin the occurrence that is due. None where nothing is: it has begun already, or the series ended.

    Of several that came while nobody looked, the last one begins; those before it are told as skipped.
    """
    series = Series.objects.select_for_update(of=("self",)).with_names().filter(pk=series_id).first()
    if series is None or series.deleted_at is not None or series.next_at is None or series.next_at > act.at:
        return None
    number, start_at = series.next_number, series.next_at
    after = following(number, series.rhythm())
    while after is not None and after <= act.at:
        skipped = ReviewSkipped(series=series.pk, name=series.name, number=number, start_at=start_at)
        record(act, skipped, about=about(series))
        number, start_at = number + 1, after
        after = following(number, series.rhythm())
    Series.objects.filter(pk=series.pk).update(next_number=number + 1, next_at=after)
    return _begin(act, series, number)


def _begin(act: Act, series: Series, number: int) -> Review:
    duration = sum((stage.duration for stage in series.stages.all()), timedelta())
    ends_at = act.at + duration
    review = Review.objects.create(series=series, number=number, start_at=act.at, ends_at=ends_at, **series.rules())
    stages = _open_stages(review, series)
    found = lines(series.subject, holding=Holding(series.holding), inactive_days=series.inactive_days, at=act.at)
    _write_lines(review, stages[0], found, panel_of(stages[0], act.at))
    record(act, _started(review, found), about=about(series))
    email.started(act, stages[0])
    return review


def _started(review: Review, found: list[Line]) -> ReviewStarted:
    return ReviewStarted(
        series=review.series_id,
        review=review.pk,
        name=review.name,
        number=review.number,
        lines=len(found),
        names=[line.holder.name for line in found[:MOST_NAMES]],
        lines_digest=digest((line.user_id, line.group_id, line.recommendation.verdict) for line in found),
        ends_at=review.ends_at,
    )


def _open_stages(review: Review, series: Series) -> list[ReviewStage]:
    opens_at, made = review.start_at, []
    for planned in series.stages.prefetch_related("named"):
        closes_at = opens_at + planned.duration
        stage = ReviewStage.objects.create(
            review=review,
            opens_at=opens_at,
            remind_at=opens_at + planned.duration / 2,
            closes_at=closes_at,
            **planned.rules(),
        )
        StageReviewer.objects.bulk_create(
            StageReviewer(stage=stage, user_id=one.user_id, group_id=one.group_id, is_fallback=one.is_fallback)
            for one in planned.named.all()
        )
        made.append(stage)
        opens_at = closes_at
    return made


def _write_lines(review: Review, stage: ReviewStage, found: list[Line], who: Panel) -> None:
    items = [_item(review, stage, line) for line in found]
    for item in items:
        item.is_for_fallback, item.has_nobody = who.misses(item)
    ReviewItem.objects.bulk_create(items, batch_size=ROWS)
    held = [row for item, line in zip(items, found, strict=True) for row in held_by(item, line)]
    ReviewedGrant.objects.bulk_create(held, batch_size=ROWS)


def _item(review: Review, stage: ReviewStage, line: Line) -> ReviewItem:
    known, advice = line.evidence, line.recommendation
    return ReviewItem(
        review=review,
        stage=stage,
        user=line.user,
        group=line.group,
        name=line.holder.name,
        manager_id=line.user.manager_id if line.user else None,
        last_sign_in_at=known.last_sign_in_at,
        last_used_at=known.last_used_at,
        uses=known.uses,
        granted_at=known.granted_at,
        granted_by_name=line.granted_by_name,
        through=line.through[:500],
        size=line.size,
        peers=known.peers,
        peers_holding=known.peers_holding,
        recommendation=advice.verdict,
        recommended_because=advice.because,
    )


def held_by(item: ReviewItem, line: Line) -> list[ReviewedGrant]:
    """What a line loses if it is denied, not saved yet."""
    rows = [
        ReviewedGrant(
            item=item,
            eligibility=grant if isinstance(grant, Eligibility) else None,
            assignment=grant if isinstance(grant, Assignment) else None,
        )
        for grant in line.grants
    ]
    return [*rows, ReviewedGrant(item=item, member_since=line.member_since)] if line.member_since else rows


def remark(stage: ReviewStage, at: datetime) -> bool:
    """Work out anew which lines only the fallback reviewers can answer, and which nobody: the stage opens, its
    reviewers changed, or one of them left. True if it is others than before."""
    who = panel_of(stage, at)
    wrong: dict[tuple[bool, bool], list[int]] = defaultdict(list)
    for line in stage.items.values_list(*MARKED, named=True):
        missing = who.misses(line)
        if missing != (line.is_for_fallback, line.has_nobody):
            wrong[missing].append(line.pk)
    for (is_for_fallback, has_nobody), items in wrong.items():
        for first in range(0, len(items), ROWS):
            some = ReviewItem.objects.filter(pk__in=items[first : first + ROWS])
            some.update(is_for_fallback=is_for_fallback, has_nobody=has_nobody)
    return bool(wrong)
