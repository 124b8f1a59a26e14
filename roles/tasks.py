"""What django-q2 calls. Each reads the clock and calls one operation for each number; each may run twice."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone
from django_q.tasks import async_task

from accounts.act import Act
from accounts.operations import mail
from accounts.queries import waiting_for_digest
from roles.operations import activation, administrators, endings, reminders, retractions, weekly
from roles.queries import emergency
from roles.queries.due import come, due, lapsed, moments
from roles.queries.early import told_too_early

logger = logging.getLogger(__name__)

CHUNK = 100
"""How many one task takes: few enough to be done in a fraction of a second."""


def for_each(operation: Callable[[Act, int], None], ids: list[int]) -> None:
    """Do one thing to many, each in its own transaction; what fails stops nothing else, and is raised at the end."""
    errors = []
    for pk in ids:
        try:
            operation(Act(None, timezone.now()), pk)
        except Exception as error:
            errors.append(error)
    if errors:
        raise ExceptionGroup(f"{len(errors)} of {len(ids)} failed", errors)


def together(many: Callable[[Act, list[int]], list[int]], one: Callable[[Act, int], None], ids: list[int]) -> None:
    """Do one thing to many in one transaction, then one by one what that left: somebody is at it, or it fails."""
    try:
        done = many(Act(None, timezone.now()), ids)
    except Exception:
        logger.warning("Together it failed, so it is done one by one.", exc_info=True)
        done = []
    for_each(one, [pk for pk in ids if pk not in done])


def warn(ids: list[int]) -> None:
    """Activations end soon."""
    for_each(activation.warn, ids)


def tell_assignment_end(ids: list[int]) -> None:
    """Active assignments are over."""
    together(endings.tell_assignments, activation.tell_assignment_end, ids)


def tell_eligibility_end(ids: list[int]) -> None:
    """Eligibilities are over."""
    together(endings.tell_eligibilities, activation.tell_eligibility_end, ids)


def remind_assignment(ids: list[int]) -> None:
    """Active assignments end soon."""
    for_each(reminders.remind_assignment, ids)


def remind_eligibility(ids: list[int]) -> None:
    """Eligibilities end soon."""
    for_each(reminders.remind_eligibility, ids)


def end_lapsed(ids: list[int]) -> None:
    """Activations have lost what they stood on."""
    for_each(activation.end_lapsed, ids)


def take_back_assignment(ids: list[int]) -> None:
    """A clock that was ahead told starts, ends and warnings of assignments that are still to come."""
    for_each(retractions.take_back_assignment, ids)


def take_back_eligibility(ids: list[int]) -> None:
    """A clock that was ahead told ends and reminders of eligibilities that are still to come."""
    for_each(retractions.take_back_eligibility, ids)


def alarm_break_glass(ids: list[int]) -> None:
    """Break-glass accounts have signed in."""
    for_each(administrators.alarm, ids)


def remind_of_drills() -> None:
    """Break-glass accounts want to be tested now and then."""
    administrators.remind_of_drills(Act(None, timezone.now()))


def send_daily_digests(ids: list[int]) -> None:
    """These people want what only informs them in one email a day, and it is their morning."""
    for_each(mail.send_daily_digest, ids)


def enqueue_digests() -> None:
    """Enqueue the daily digests that are due."""
    in_chunks("roles.tasks.send_daily_digests", waiting_for_digest(timezone.now()))


def send_weekly_digest() -> None:
    """Once a week, to administrators."""
    weekly.send(Act(None, timezone.now()))


def enqueue_due() -> None:
    """Enqueue each end and warning that has come and was not told yet, and each alarm."""
    enqueue_alarms()
    for task, ids in due(timezone.now()).items():
        in_chunks(f"roles.tasks.{task}", ids)


def enqueue_come(after: datetime, until: datetime) -> None:
    """Enqueue each end and warning that came between two moments."""
    for task, ids in come(moments(), after, until).items():
        in_chunks(f"roles.tasks.{task}", ids)


def enqueue_alarms() -> None:
    """Enqueue the alarm about each break-glass account that signed in and was not told of yet."""
    if alarms := emergency.unalarmed():
        async_task("roles.tasks.alarm_break_glass", alarms)


def enqueue_taken_back(at: datetime) -> None:
    """Enqueue whatever a clock that was ahead has told, and is still to come."""
    for task, ids in told_too_early(at).items():
        if ids:
            logger.warning("Told too early by a clock that was ahead, and told again in time: %d roles.", len(ids))
        in_chunks(f"roles.tasks.{task}", ids)


def enqueue_lapsed() -> None:
    """Enqueue what no clock announces."""
    in_chunks("roles.tasks.end_lapsed", lapsed(timezone.now()))


def in_chunks(task: str, ids: list[int]) -> None:
    """Enqueue a task for many, so many at a time."""
    for begin in range(0, len(ids), CHUNK):
        async_task(task, ids[begin : begin + CHUNK])
