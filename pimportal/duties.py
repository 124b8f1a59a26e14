"""Everything the portal does by itself, in one table: what it does in words, and which clock it goes by.

The worker reads its rounds from here, and the page about the portal's health shows all of it, with when each was last
done and when it comes next. When it was last done is noted where django-q2 or the worker's clock calls it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django_q.models import Schedule
from django_q.tasks import async_task

from audit import tasks as history_tasks
from kernel.period import MINUTE, SECOND, in_words
from notifications import tasks as mail_tasks
from notifications.queries import next_try
from pimportal.models import Heartbeat
from requests_app import tasks as request_tasks
from requests_app.queries.due import moments as moments_of_requests
from reviews.queries.due import moments as moments_of_reviews
from roles import tasks as role_tasks
from roles.queries.due import moments as moments_of_roles
from roles.queries.due import nexts


class Clock(StrEnum):
    """What a duty goes by."""

    MOMENT = "moment"
    """At the moment it is due: the worker's clock sleeps until then."""
    ROUND = "round"
    """Every so often, by the worker's clock."""
    SWEEP = "sweep"
    """Every minute by django-q2's schedule, for what the worker's clock missed."""
    FOUND = "found"
    """When a round finds that there is something to do."""


@dataclass(frozen=True)
class Duty:
    """Something the portal does by itself. `task` is what is called, and the name under which it is noted."""

    task: str
    does: str
    when: str
    clock: Clock
    every: timedelta | None = None
    # A round's own call, by the worker's clock. It enqueues, and does nothing that takes long.
    call: Callable[[], None] | None = None


def moment(task: str, does: str, when: str) -> Duty:
    """A duty that is done at the moment it is due."""
    return Duty(task, does, when, Clock.MOMENT)


def found(task: str, does: str, when: str) -> Duty:
    """A duty that is done when a round, or something somebody did, brings it."""
    return Duty(task, does, when, Clock.FOUND)


def every(span: timedelta, task: str, does: str, call: Callable[[], None] | None = None) -> Duty:
    """A round of the worker's clock: a call of its own, or else a task for django-q2."""
    return Duty(task, does, f"every {in_words(span)}", Clock.ROUND, span, call or _enqueue(task))


def sweep(task: str, does: str) -> Duty:
    """A duty of django-q2's schedule."""
    return Duty(task, does, "every minute", Clock.SWEEP, MINUTE)


def _enqueue(task: str) -> Callable[[], None]:
    def call() -> None:
        async_task(task, save=False)

    return call


WHEN_PUT_RIGHT = "when a clock that was ahead is put right, and when a worker starts"

DUTIES: tuple[Duty, ...] = (
    moment("roles.tasks.tell_assignment_end", "Write down that active roles have ended, and tell", "at their end"),
    moment("roles.tasks.tell_eligibility_end", "Write down that eligibilities have ended, and tell", "at their end"),
    moment("roles.tasks.warn", "Warn holders that their role ends soon", "so long before the end as the role says"),
    moment("requests_app.tasks.start", "Let scheduled activations begin, and tell", "at their start"),
    moment("requests_app.tasks.time_out", "Close requests that nobody decided in time", "when their time is over"),
    moment("requests_app.tasks.remind", "Remind approvers of requests", "at half time"),
    moment("requests_app.tasks.escalate", "Let others decide requests as well", "after the time the role says"),
    moment("requests_app.tasks.hand_over", "Tell deputies what waits for them", "when an absence begins"),
    moment(
        "requests_app.tasks.time_out_renewal", "Close extensions and renewals nobody decided", "when their time is over"
    ),
    moment("reviews.tasks.begin", "Begin access reviews, and tell the reviewers", "at their start"),
    moment("reviews.tasks.hand_on", "Hand lines on to the next stage of a review", "when a stage is over"),
    moment("reviews.tasks.close", "Work out what came of an access review, and tell", "at its end"),
    moment("reviews.tasks.remind", "Remind reviewers who have not answered", "at half time of a stage"),
    moment("roles.tasks.alarm_break_glass", "Alarm administrators of a break-glass sign-in", "at the sign-in"),
    found("notifications.tasks.deliver", "Send emails", "when promised; after a failure ever more slowly"),
    found("roles.tasks.remind_assignment", "Remind holders that an assignment ends", "14 days and 1 day before"),
    found("roles.tasks.remind_eligibility", "Remind holders that they lose eligibility", "14 days and 1 day before"),
    found("roles.tasks.send_daily_digests", "Send daily digests", "in the morning of whoever wants one"),
    found("roles.tasks.end_lapsed", "End activations that have lost what they stood on", "within seconds"),
    found("roles.tasks.take_back_assignment", "Take back starts and ends of roles told too early", WHEN_PUT_RIGHT),
    found("roles.tasks.take_back_eligibility", "Take back ends of eligibilities told too early", WHEN_PUT_RIGHT),
    found("requests_app.tasks.lapse", "Close requests that are no longer possible", "within seconds"),
    found("requests_app.tasks.lapse_renewal", "Close extensions and renewals no longer possible", "within seconds"),
    found("requests_app.tasks.check", "Hold scheduled activations against changed settings", "within seconds"),
    found("reviews.tasks.apply", "Take away what an access review denied", "at its end, or when asked for; in steps"),
    found("reviews.tasks.fall_back", "Let fallback reviewers answer where nobody else is left to", "within a minute"),
    found("audit.tasks.stream", "Stream the history to those set up for it", "within seconds; after a failure later"),
    every(SECOND, "audit.tasks.seal", "Seal what was written into the history", history_tasks.seal),
    every(
        2 * SECOND, "audit.tasks.enqueue_streams", "Look for streams of the history that are behind",
        history_tasks.enqueue_streams,
    ),
    every(3 * SECOND, "notifications.tasks.sweep", "Take up emails that were missed or failed", mail_tasks.sweep),
    every(3 * SECOND, "roles.tasks.enqueue_lapsed", "Look for activations without a ground", role_tasks.enqueue_lapsed),
    every(
        3 * SECOND, "requests_app.tasks.enqueue_lapsed", "Look for requests without a ground, and for changed settings",
        request_tasks.enqueue_lapsed,
    ),
    every(15 * SECOND, "requests_app.tasks.look_for_stranded", "Look for requests nobody is left to decide, and tell"),
    sweep("audit.tasks.checkpoint", "Once an hour, sign how far the history has come"),
    sweep("pimportal.tasks.compare_history", "Hold the history against the checkpoints kept outside the database"),
    sweep("audit.tasks.archive", "Once a day, move events that are older than the limit into archives"),
    sweep("roles.tasks.enqueue_due", "Take up ends and warnings that were missed; remind holders days before an end"),
    sweep("requests_app.tasks.enqueue_due", "Take up what was missed about requests"),
    sweep("reviews.tasks.enqueue_due", "Take up what was missed about access reviews"),
    sweep("roles.tasks.enqueue_digests", "Look whose morning it is, for the daily digests"),
    sweep("roles.tasks.send_weekly_digest", "Once a week, send the week's numbers to administrators"),
    sweep("roles.tasks.remind_of_drills", "Remind administrators to test break-glass accounts"),
)  # fmt: skip

BY_TASK = {duty.task: duty for duty in DUTIES}
ROUNDS = tuple(duty for duty in DUTIES if duty.clock == Clock.ROUND)
SWEEPS = tuple(duty for duty in DUTIES if duty.clock == Clock.SWEEP)


@dataclass(frozen=True)
class Row:
    """A duty with when it was last done and when it comes next; None where that is not known, or not yet."""

    duty: Duty
    last_at: datetime | None
    next_at: datetime | None


def table(at: datetime) -> list[Row]:
    """Every duty, in the order of the table."""
    last = dict(Heartbeat.objects.values_list("name", "seen_at"))
    planned = dict(Schedule.objects.values_list("func", "next_run"))
    ahead = next_moments(at)
    rows = []
    for duty in DUTIES:
        seen_at = last.get(duty.task)
        after = seen_at + duty.every if seen_at and duty.clock == Clock.ROUND and duty.every else None
        rows.append(Row(duty, seen_at, ahead.get(duty.task) or planned.get(duty.task) or after))
    return rows


def next_moments(after: datetime) -> dict[str, datetime | None]:
    """When what comes at a moment comes next, by task."""
    moments = {"roles": moments_of_roles(), "requests_app": moments_of_requests(), "reviews": moments_of_reviews()}
    return {
        **{f"{app}.tasks.{task}": at for app, of in moments.items() for task, at in nexts(of, after).items()},
        "notifications.tasks.deliver": next_try(),
    }
