"""What a series was set up to be, as the value it was made of; and series that forms made."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from reviews.models import NamedReviewer, PlannedStage, Series
from reviews.terms import Holding, Plan, Recurrence, Reviewers, Rhythm, Silence, StagePlan
from roles.terms import ApproverKind, Named


def plan_of(series: Series) -> Plan:
    """The plan of the reviews to come. `start_at` is when the next one starts; None where none does."""
    stages = series.stages.prefetch_related("named__user", "named__group")
    rules: dict[str, Any] = series.rules()
    return Plan(
        **rules
        | {
            "holding": Holding(series.holding),
            "if_silent": Silence(series.if_silent),
            "told_addresses": tuple(series.told_addresses),
        },
        stages=tuple(_stage(stage) for stage in stages),
        start_at=series.next_at,
        time_zone=series.time_zone,
        recurrence=Recurrence(series.recurrence),
        last_day=series.last_day,
        occurrences=series.occurrences,
    )


def is_in_step(series: Series, plan: Plan) -> bool:
    """Whether the reviews to come would go on as those before them were counted: same next start, same recurrence."""
    return (plan.start_at, plan.recurrence) == (series.next_at, series.recurrence)


def rhythm_of(plan: Plan, at: datetime, series: Series | None = None) -> Rhythm:
    """When the reviews of a plan would come, those of a series from its next one on."""
    first_at, first_number = max(plan.start_at or at, at), series.next_number if series else 1
    if series and is_in_step(series, plan):
        # Counted from where it began: the last day of February is followed by that of March.
        first_at, first_number = series.first_at, series.first_number
    return Rhythm(first_at, plan.time_zone, plan.recurrence, plan.last_day, plan.occurrences, first_number)


def _stage(stage: PlannedStage) -> StagePlan:
    named = list(stage.named.all())
    return StagePlan(
        reviewers=Reviewers(stage.reviewers),
        chosen=_names(one for one in named if not one.is_fallback),
        fallback=_names(one for one in named if one.is_fallback),
        duration=stage.duration,
        moves_on=stage.moves(),
        shows_earlier=stage.shows_earlier,
    )


def _names(named: Iterable[NamedReviewer]) -> tuple[Named, ...]:
    return tuple(
        sorted(
            Named(ApproverKind.USER, one.user.email) if one.user else Named(ApproverKind.GROUP, str(one.group))
            for one in named
        )
    )


def sent_already(keys: Iterable[UUID]) -> dict[UUID, Series]:
    """The series that these forms made, by the key of the form; those deleted since, too."""
    made: QuerySet[Series] = Series.objects.with_names().filter(form_key__in=list(keys))
    return {series.form_key: series for series in made if series.form_key}


def to_edit() -> QuerySet[Series]:
    """Series that can be set: those nobody deleted."""
    return Series.objects.shown().with_names().select_related("changed_by")
