"""Taking back what a clock that was ahead told too early, so that it is told again at its time.

Access needs none of this: it goes by the period. See `docs/decisions/0026-clocks-put-right.md`.
"""

from django.db import transaction

from accounts.act import Act
from audit.log import record
from roles.email import keys
from roles.events import ToldTooEarly
from roles.log import about_grant
from roles.models import Assignment, Eligibility
from roles.operations.endings import NAMED
from roles.queries import early

BECAUSE = "the clock was ahead"


@transaction.atomic
def take_back_assignment(act: Act, assignment_id: int) -> None:
    """Take back start, end and warning of an assignment that are still ahead. Harmless if none of them was told."""
    told = Assignment.objects.filter(pk=assignment_id)
    has_started = early.starts(told, act.at).update(start_told_at=None)
    has_ended = early.ends(told, act.at).update(end_told_at=None)
    early.warnings(told, act.at).update(warned_at=None)
    if not (has_started or has_ended):
        return
    assignment = told.select_related(*NAMED).get()
    if has_started:
        keys.withdraw_start(act, assignment)
    if has_ended:
        keys.withdraw_end(act, assignment)
    event = ToldTooEarly(
        start_at=assignment.start_at if has_started else None,
        end_at=assignment.end_at if has_ended else None,
        because=BECAUSE,
    )
    record(act, event, about=about_grant(assignment))


@transaction.atomic
def take_back_eligibility(act: Act, eligibility_id: int) -> None:
    """Take back end and reminder of an eligibility that are still ahead. Harmless if none of them was told."""
    told = Eligibility.objects.filter(pk=eligibility_id)
    has_ended = early.ends(told, act.at).update(end_told_at=None)
    early.warnings(told, act.at).update(warned_at=None)
    if has_ended:
        eligibility = told.select_related(*NAMED).get()
        keys.withdraw_end(act, eligibility)
        event = ToldTooEarly(start_at=None, end_at=eligibility.end_at, because=BECAUSE)
        record(act, event, about=about_grant(eligibility))
