"""Activations: begun from an eligibility, ended by their holder, or by time."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.act import Act
from accounts.models import User
from audit.log import record
from kernel.refusal import Refusal, refuse_if_any
from roles import email
from roles.events import (
    ActivationEnded,
    ActivationStarted,
    AssignmentEnded,
    EligibilityEnded,
    RoleDeactivated,
)
from roles.log import about_grant
from roles.models import Assignment, Eligibility
from roles.policy import SHORTEST_ASSIGNMENT


def begin(
    act: Act,
    eligibility: Eligibility,
    *,
    for_: User,
    start_at: datetime,
    end_at: datetime,
    because: str,
    request_number: int,
) -> Assignment:
    """Make somebody active from an eligibility. The caller asked the rules, and tells the history and the people."""
    return Assignment.objects.create(
        role=eligibility.role,
        scope=eligibility.scope,
        user=for_,
        start_at=start_at,
        end_at=end_at,
        made_at=act.at,
        justification=because,
        activated_from=eligibility,
        request_number=request_number,
        start_told_at=act.at if start_at <= act.at else None,
    )


def end_now(act: Act, grant: Eligibility | Assignment) -> None:
    """Move an end to now, or to the start if it has not begun; nothing is left to announce."""
    grant.end_at = max(grant.start_at, act.at)
    grant.end_told_at = act.at
    grant.save(update_fields=["end_at", "end_told_at"])


@transaction.atomic
def deactivate(act: Act, assignment: Assignment) -> None:
    """End one's own activation early; not in its first 5 minutes. One that has not begun is called off."""
    fresh = (
        Assignment.objects.select_for_update(of=("self",)).select_related("role", "scope", "user").get(pk=assignment.pk)
    )
    refuse_if_any(may_deactivate(act, fresh))
    old_end_at = fresh.end_at
    assert old_end_at is not None  # noqa: S101 - the database checks it
    end_now(act, fresh)
    record(act, RoleDeactivated(old_end_at=old_end_at), about=about_grant(fresh))
    email.ended(act, fresh, because="you deactivated it")


def may_deactivate(act: Act, assignment: Assignment) -> list[Refusal]:
    """Why the actor may not end this activation at this moment."""
    if assignment.activated_from_id is None or assignment.user != act.person:
        return [Refusal("not_yours", "Only the person who activated a role can deactivate it.")]
    if assignment.is_over(act.at):
        return [Refusal("over", "This activation has ended already.")]
    if assignment.start_at <= act.at < assignment.start_at + SHORTEST_ASSIGNMENT:
        then = timezone.localtime(assignment.start_at + SHORTEST_ASSIGNMENT)
        sentence = "A role can be deactivated 5 minutes after it was activated"
        return [Refusal("too_early", f"{sentence}: from {then:%H:%M:%S} {then.tzname()} on.")]
    return []


@transaction.atomic
def tell_start(act: Act, assignment_id: int) -> None:
    """Check a scheduled activation once more at its start; tell that it began, or end it and tell why."""
    if not Assignment.objects.filter(pk=assignment_id, start_told_at=None, start_at__lte=act.at).update(
        start_told_at=act.at
    ):
        return
    assignment = Assignment.objects.select_related("role", "scope", "user").get(pk=assignment_id)
    if assignment.end_at is None or assignment.is_over(act.at):
        return
    if Assignment.objects.in_force(assignment.start_at).filter(pk=assignment_id).exists():
        record(
            act,
            ActivationStarted(end_at=assignment.end_at, because=assignment.justification),
            about=about_grant(assignment),
        )
        email.activated(act, assignment)
    else:
        end_lapsed(act, assignment_id)


@transaction.atomic
def end_lapsed(act: Act, assignment_id: int) -> None:
    """Write down the end of an activation whose eligibility no longer stands; access ended with it already."""
    assignment = (
        Assignment.objects.select_for_update(of=("self",)).select_related("role", "scope", "user").get(pk=assignment_id)
    )
    if assignment.end_told_at or assignment.is_over(act.at):
        return
    if Assignment.objects.in_force(act.at).filter(pk=assignment_id).exists():
        return
    end_now(act, assignment)
    because = "what it stood on has ended: the eligibility, the membership in a group, or the account"
    record(act, ActivationEnded(ended_at=act.at, because=because), about=about_grant(assignment))
    email.ended(act, assignment, because=because)


@transaction.atomic
def tell_assignment_end(act: Act, assignment_id: int) -> None:
    """Write down that an assignment is over, and tell its holder. Access itself ended by the clock."""
    if not Assignment.objects.filter(pk=assignment_id, end_told_at=None, end_at__lte=act.at).update(end_told_at=act.at):
        return
    assignment = Assignment.objects.select_related("role", "scope", "user", "group").get(pk=assignment_id)
    ended_at = assignment.end_at or act.at
    event = ActivationEnded(ended_at=ended_at) if assignment.activated_from_id else AssignmentEnded(ended_at=ended_at)
    record(act, event, about=about_grant(assignment))
    email.ended(act, assignment, because="its time is over")


@transaction.atomic
def tell_eligibility_end(act: Act, eligibility_id: int) -> None:
    """Write down that an eligibility is over, and tell its holder."""
    if not Eligibility.objects.filter(pk=eligibility_id, end_told_at=None, end_at__lte=act.at).update(
        end_told_at=act.at
    ):
        return
    eligibility = Eligibility.objects.select_related("role", "scope", "user", "group").get(pk=eligibility_id)
    record(act, EligibilityEnded(ended_at=eligibility.end_at or act.at), about=about_grant(eligibility))
    email.ended(act, eligibility, because="its time is over")
