"""What django-q2 calls. Each reads the clock and calls one operation for each number; each may run twice."""

from datetime import datetime

from django.utils import timezone

from requests_app.operations import activation, renewals, starting, waiting
from requests_app.queries.due import due, lapsed, lapsed_renewals, moments, unchecked
from requests_app.queries.stranded import stranded
from roles.queries.due import come
from roles.tasks import for_each, in_chunks, together


def time_out(ids: list[int]) -> None:
    """Pending requests have run out of time."""
    for_each(activation.time_out, ids)


def remind(ids: list[int]) -> None:
    """Half of the time to decide is over."""
    for_each(waiting.remind, ids)


def escalate(ids: list[int]) -> None:
    """Others may decide as well."""
    for_each(waiting.escalate, ids)


def lapse(ids: list[int]) -> None:
    """Pending requests are no longer possible."""
    for_each(waiting.lapse, ids)


def hand_over(ids: list[int]) -> None:
    """Absences have begun."""
    for_each(waiting.hand_over, ids)


def look_for_stranded() -> None:
    """Requests that nobody can decide any more are told of; those that somebody can again, may be told of anew."""
    to_tell, to_clear = stranded(timezone.now())
    for_each(waiting.tell_stranded, to_tell)
    for_each(waiting.note_decidable, to_clear)


def time_out_renewal(ids: list[int]) -> None:
    """Nobody decided these extensions and renewals in time."""
    for_each(renewals.time_out, ids)


def lapse_renewal(ids: list[int]) -> None:
    """Pending extensions and renewals are no longer possible."""
    for_each(renewals.lapse, ids)


def start(ids: list[int]) -> None:
    """Scheduled activations begin."""
    together(starting.start_many, starting.start, ids)


def check(ids: list[int]) -> None:
    """The settings of roles were changed, for which activations are scheduled."""
    for_each(starting.check, ids)


def enqueue_due() -> None:
    """Enqueue each request about which something has become due."""
    for task, ids in due(timezone.now()).items():
        in_chunks(f"requests_app.tasks.{task}", ids)


def enqueue_come(after: datetime, until: datetime) -> None:
    """Enqueue each request about which something became due between two moments."""
    for task, ids in come(moments(), after, until).items():
        in_chunks(f"requests_app.tasks.{task}", ids)


def enqueue_lapsed() -> None:
    """Enqueue what no clock announces."""
    in_chunks("requests_app.tasks.lapse", lapsed(timezone.now()))
    in_chunks("requests_app.tasks.lapse_renewal", lapsed_renewals(timezone.now()))
    in_chunks("requests_app.tasks.check", unchecked(timezone.now()))
