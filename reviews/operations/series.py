"""Setting up reviews: each role, or the group, becomes a series of its own."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django_q.tasks import async_task

from accounts.act import Act
from accounts.models import Group, User
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, refuse_if_any
from reviews.events import ReviewPlanned
from reviews.log import about
from reviews.models import PlannedReviewer, PlannedStage, Series
from reviews.policy import problems
from reviews.terms import Plan, StagePlan
from roles.models import Role
from roles.queries.access import lacks
from roles.terms import ApproverKind, Named

BEGIN = "reviews.tasks.begin"


@transaction.atomic
def plan(act: Act, subjects: Sequence[Role | Group], plan: Plan) -> list[Series]:
    """Set up one series for each role, or for the group. The clock begins its first review at once if that is due."""
    of_group = any(isinstance(subject, Group) for subject in subjects)
    named = _Named(plan)
    refuse_if_any(
        lacks(act, Power.REVIEWS_MANAGE),
        [] if subjects else [Refusal("roles", "Choose at least one role.", "roles")],
        problems(plan, of_group=of_group, at=act.at),
        named.refusals,
    )
    return [_create(act, subject, plan, named) for subject in subjects]


def _create(act: Act, subject: Role | Group, plan: Plan, named: "_Named") -> Series:
    first_at = max(plan.start_at or act.at, act.at)
    series = Series.objects.create(
        role=subject if isinstance(subject, Role) else None,
        group=subject if isinstance(subject, Group) else None,
        first_at=first_at,
        next_at=first_at,
        made_at=act.at,
        made_by=act.actor,
        **columns(plan),
    )
    for number, stage in enumerate(plan.stages, 1):
        named.write(PlannedStage.objects.create(series=series, number=number, **stage_columns(stage)), stage)
    record(act, ReviewPlanned(series=series.pk, name=plan.name, plan=told(plan)), about=about(series))
    if first_at <= act.at:
        async_task(BEGIN, series.pk)
    return series


def columns(plan: Plan) -> dict[str, Any]:
    """What a series keeps of a plan, but for its stages and its start."""
    return {
        "name": plan.name.strip(),
        "description": plan.description.strip(),
        "holding": plan.holding,
        "inactive_days": plan.inactive_days,
        "if_silent": plan.if_silent,
        "applies_itself": plan.applies_itself,
        "needs_reason": plan.needs_reason,
        "writes_emails": plan.writes_emails,
        "reminds": plan.reminds,
        "extra_text": plan.extra_text.strip(),
        "told_addresses": list(plan.told_addresses),
        "time_zone": plan.time_zone,
        "recurrence": plan.recurrence,
        "last_day": plan.last_day,
        "occurrences": plan.occurrences,
    }


def stage_columns(stage: StagePlan) -> dict[str, Any]:
    """What a stage keeps of its plan, but for who is named."""
    return {
        "reviewers": stage.reviewers,
        "duration": stage.duration,
        "moves_on": sorted(stage.moves_on),
        "shows_earlier": stage.shows_earlier,
    }


def told(plan: Plan) -> dict[str, Any]:
    """A plan as the history tells it."""
    stages = [
        {
            **stage_columns(stage),
            "duration": f"{stage.duration.days} days",
            "chosen": [one.name for one in stage.chosen],
            "fallback": [one.name for one in stage.fallback],
        }
        for stage in plan.stages
    ]
    return {**columns(plan), "start_at": plan.start_at, "stages": stages}


class _Named:
    """The people and groups a plan names, by email and by name."""

    def __init__(self, plan: Plan) -> None:
        wanted = {one for stage in plan.stages for one in (*stage.chosen, *stage.fallback)}
        emails = [one.name for one in wanted if one.kind is ApproverKind.USER]
        names = [one.name for one in wanted if one.kind is ApproverKind.GROUP]
        known = User.objects.enabled().filter(email__in=emails, is_break_glass=False)
        self.users = {user.email: user for user in known}
        self.groups = {group.name: group for group in Group.objects.filter(name__in=names)}
        self.refusals = [
            refusal
            for number, stage in enumerate(plan.stages, 1)
            for field, those in ((f"chosen_{number}", stage.chosen), (f"fallback_{number}", stage.fallback))
            for one in those
            if (refusal := self._unknown(one, field))
        ]

    def _unknown(self, one: Named, field: str) -> Refusal | None:
        if one.kind is ApproverKind.USER and one.name not in self.users:
            sentence = f"{one.name} is nobody who can review: not known, disabled, or break-glass. Name somebody else."
            return Refusal("reviewer", sentence, field)
        if one.kind is ApproverKind.GROUP and one.name not in self.groups:
            return Refusal("reviewer", f"There is no group called {one.name}. Name another one.", field)
        if one.kind is ApproverKind.MANAGER:
            sentence = "“manager” is a way to choose reviewers, not a name. Choose “The manager of each holder”."
            return Refusal("reviewer", sentence, field)
        return None

    def write(self, stage: PlannedStage, planned: StagePlan) -> None:
        """Make those named in the plan the reviewers of this stage."""
        PlannedReviewer.objects.bulk_create(
            PlannedReviewer(
                stage=stage, user=self.users.get(one.name), group=self.groups.get(one.name), is_fallback=is_fallback
            )
            for is_fallback, those in ((False, planned.chosen), (True, planned.fallback))
            for one in dict.fromkeys(those)
        )
