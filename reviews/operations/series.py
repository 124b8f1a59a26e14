"""Setting up reviews: each role, or the group, becomes a series of its own. What is changed waits for the next one."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import F
from django_q.tasks import async_task

from accounts.act import Act
from accounts.models import Group
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, Refused, refuse_if_any
from reviews.documents import changes
from reviews.events import ReviewChanged, ReviewPlanned
from reviews.log import about
from reviews.models import PlannedReviewer, PlannedStage, Series
from reviews.policy import problems
from reviews.queries.naming import Naming
from reviews.queries.plans import is_in_step, plan_of, sent_already
from reviews.terms import Plan, StagePlan
from roles.models import Role
from roles.queries.access import lacks

BEGIN = "reviews.tasks.begin"


@transaction.atomic
def plan(act: Act, subjects: Sequence[Role | Group], plan: Plan, *, form_key: UUID | None = None) -> list[Series]:
    """Set up one series for each role, or for the group. The clock begins its first review at once if that is due.

    The same form sent twice makes each of them once.
    """
    refuse_if_any(check(act, subjects, plan))
    naming = Naming(plan)
    keys = {subject: _key(form_key, subject, plan) for subject in subjects}
    sent = sent_already(key for key in keys.values() if key)
    return [_once(act, subject, plan, naming, key, sent) for subject, key in keys.items()]


def check(act: Act, subjects: Sequence[Role | Group], plan: Plan) -> list[Refusal]:
    """Why this cannot be set up. Sets up nothing."""
    return [
        *lacks(act, Power.REVIEWS_MANAGE),
        *([] if subjects else [Refusal("roles", "Choose at least one role.", "roles")]),
        *problems(plan, of_group=any(isinstance(subject, Group) for subject in subjects), at=act.at),
        *Naming(plan).refusals,
    ]


def _key(form_key: UUID | None, subject: Role | Group, plan: Plan) -> UUID | None:
    """The key of one subject in a form. A form that is found again with the back button, and changed, is another."""
    if form_key is None:
        return None
    typed = json.dumps(told(plan), cls=DjangoJSONEncoder, sort_keys=True)
    return uuid5(form_key, f"{type(subject).__name__}-{subject.pk}-{typed}")


def _once(
    act: Act, subject: Role | Group, plan: Plan, naming: Naming, key: UUID | None, sent: dict[UUID, Series]
) -> Series:
    made = sent.get(key) if key else None
    if made and made.deleted_at is None:
        return made
    try:
        with transaction.atomic():
            return _create(act, subject, plan, naming, None if made else key)
    except IntegrityError as error:
        sentence = "This form was sent at this moment already. Look at the list of access reviews."
        raise Refused(Refusal("sent", sentence, is_conflict=True)) from error


def _create(act: Act, subject: Role | Group, plan: Plan, naming: Naming, key: UUID | None) -> Series:
    first_at = max(plan.start_at or act.at, act.at)
    series = Series.objects.create(
        role=subject if isinstance(subject, Role) else None,
        group=subject if isinstance(subject, Group) else None,
        first_at=first_at,
        next_at=first_at,
        made_at=act.at,
        made_by=act.actor,
        form_key=key,
        **columns(plan),
    )
    _write_stages(series, plan, naming)
    record(act, ReviewPlanned(series=series.pk, name=plan.name, plan=told(plan)), about=about(series))
    if first_at <= act.at:
        async_task(BEGIN, series.pk)
    return series


def _write_stages(series: Series, plan: Plan, naming: Naming) -> None:
    for number, planned in enumerate(plan.stages, 1):
        stage = PlannedStage.objects.create(series=series, number=number, **stage_columns(planned))
        named = naming.reviewers(planned)
        for one in named:
            one.stage = stage
        PlannedReviewer.objects.bulk_create(named)


# --- changing what is to come


@transaction.atomic
def change(act: Act, series: Series, plan: Plan, *, stand: str) -> list[dict[str, str]]:
    """Set what the reviews to come are like. The one that runs keeps its rules.

    `plan.start_at` is when the next one starts, `stand` what the page had seen (`Series.stand`). Returns what changed,
    old and new in words.
    """
    fresh = Series.objects.select_for_update(of=("self",)).with_names().get(pk=series.pk)
    refuse_if_any(check_change(act, fresh, plan, stand=stand))
    before, naming = plan_of(fresh), Naming(plan)
    if before == plan:
        return []
    edited = {"version": F("version") + 1, "changed_at": act.at, "changed_by": act.actor}
    Series.objects.filter(pk=fresh.pk).update(**columns(plan), **_moved(act, fresh, plan), **edited)
    fresh.stages.all().delete()
    _write_stages(fresh, plan, naming)
    changed = changes(before, plan)
    record(act, ReviewChanged(series=fresh.pk, name=plan.name, changes=changed), about=about(fresh))
    return changed


def check_change(act: Act, series: Series, plan: Plan, *, stand: str) -> list[Refusal]:
    """Why this cannot be changed so, as the series stands. Changes nothing."""
    if in_the_way := [*lacks(act, Power.REVIEWS_MANAGE), *_in_the_way(series, stand)]:
        return in_the_way
    before = plan_of(series)
    return [
        *problems(_to_check(before, plan), of_group=series.group_id is not None, at=act.at),
        *_start(series, before, plan),
        *_too_few(series, plan),
        *Naming(plan).refusals,
    ]


def _in_the_way(fresh: Series, stand: str) -> list[Refusal]:
    if fresh.deleted_at is not None:
        return [Refusal("deleted", "This review was deleted. Restore it first.", is_conflict=True)]
    if fresh.stand == stand:
        return []
    if fresh.stand.partition("/")[0] != stand.partition("/")[0]:
        editor = fresh.changed_by.name if fresh.changed_by else "the portal"
        what = f"{editor} changed these settings"
    else:
        what = "A review began, or the series ended,"
    sentence = f"{what} while you were editing. Open them again and repeat your change."
    return [Refusal("changed", sentence, is_conflict=True)]


def _to_check(before: Plan, plan: Plan) -> Plan:
    """What is as it was does not have to be ahead: a start that is due this moment, the last day of what is over."""
    if plan.start_at is None and before.start_at is None:
        return replace(plan, last_day=None)
    return replace(plan, start_at=None) if plan.start_at == before.start_at else plan


def _start(fresh: Series, before: Plan, plan: Plan) -> list[Refusal]:
    if plan.start_at is None:
        sentence = "Say when the next review starts. If none shall, end the series instead."
        return [Refusal("start", sentence, "start_at")] if before.start_at else []
    if plan.last_day and plan.start_at.astimezone(ZoneInfo(plan.time_zone)).date() > plan.last_day:
        sentence = "The next review starts later than that. Choose a later day, or end the series instead."
        return [Refusal("last_day", sentence, "last_day")]
    # What was set before stays: a review that began a little late ends a little later than the next one starts.
    running = fresh.reviews.shown().filter(closed_at=None).order_by("-ends_at").first()
    if running and plan.start_at != before.start_at and plan.start_at < running.ends_at:
        sentence = "The next review cannot start before the one that runs has ended. Choose a later start."
        return [Refusal("overlap", sentence, "start_at")]
    return []


def _too_few(fresh: Series, plan: Plan) -> list[Refusal]:
    begun = fresh.next_number - 1
    if plan.start_at is None or plan.occurrences is None or plan.occurrences > begun:
        return []
    sentence = f"It has come {begun} {'time' if begun == 1 else 'times'} already. Choose more, or end the series."
    return [Refusal("occurrences", sentence, "occurrences")]


def _moved(act: Act, fresh: Series, plan: Plan) -> dict[str, Any]:
    """When the next one starts, and from where its followers are counted; nothing where that stays as it was."""
    if plan.start_at is None or is_in_step(fresh, plan):
        return {}
    first_at: datetime = max(plan.start_at, act.at)
    return {"first_at": first_at, "first_number": fresh.next_number, "next_at": first_at}


# --- a plan as it is kept, and as it is told


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
