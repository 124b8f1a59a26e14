"""Activations: begun from an eligibility, ended by their holder, or by time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.act import Act
from accounts.models import User
from audit.log import record
from kernel.refusal import Refusal, refuse_if_any
from roles.email import grants as email
from roles.events import (
    ActivationCalledOff,
    ActivationEnded,
    ActivationRevoked,
    ActivationStarted,
    RoleDeactivated,
)
from roles.log import about_grant
from roles.models import Assignment, Eligibility, Resource, Role
from roles.operations import endings
from roles.operations.guard import administrators_stay, lock_administrators, only_active
from roles.policy import SHORTEST_ASSIGNMENT
from roles.powers import ADMINISTRATORS
from roles.queries.endings import ended_already


def begin(
    act: Act,
    eligibility: Eligibility,
    *,
    for_: User,
    start_at: datetime,
    end_at: datetime,
    because: str,
    request_number: int,
    on: Resource,
) -> Assignment:
    """Make somebody active from an eligibility, at its scope or below. The caller asked the rules, and tells the
    history and the people."""
    return Assignment.objects.create(
        role=eligibility.role,
        scope=on,
        user=for_,
        start_at=start_at,
        end_at=end_at,
        made_at=act.at,
        justification=because,
        activated_from=eligibility,
        request_number=request_number,
        start_told_at=act.at if start_at <= act.at else None,
    )


def prolong(assignment: Assignment, *, to: datetime) -> None:
    """Move the end of an activation that runs, never to an earlier moment. The caller locked it, asked the rules, and
    tells the history and the people."""
    assignment.end_at = max(filter(None, (assignment.end_at, to)))
    assignment.save(update_fields=["end_at"])


def end_now(act: Act, grant: Eligibility | Assignment) -> None:
    """Move an end to now, or to the start if it has not begun; nothing is left to announce.

    Where it made somebody a member of a group, what they activated through that membership ends with it.
    """
    grant.end_at = max(grant.start_at, act.at)
    grant.removed_at = grant.end_told_at = act.at
    grant.removed_by = act.actor
    grant.save(update_fields=["end_at", "removed_at", "removed_by", "end_told_at"])
    if isinstance(grant, Assignment) and grant.user and makes_member(grant.role):
        end_what_is_lost(act, grant.user, because=f"{grant.role} has ended")


def makes_member(role: Role) -> bool:
    """Whether whoever is active in this role is in a group for that time."""
    return role.membership == Role.Membership.MEMBER


def end_what_is_lost(act: Act, user: User, *, because: str) -> None:
    """End what a person activated from eligibilities that are no longer theirs, running or scheduled.

    Access ended with the eligibility already; this keeps it from coming back with it. Needs a transaction. Lock the
    person before: see `lock_people`.
    """
    theirs = Eligibility.objects.of(user, act.at).in_force(act.at)
    activated = Assignment.objects.to_be_ended(act.at).filter(user=user).exclude(activated_from=None)
    lost = activated.exclude(activated_from__in=theirs).order_by("pk")
    # One by one, each read afresh: ending a membership may have ended some of the others.
    while assignment := lost.select_for_update(of=("self",)).select_related("role", "scope", "user").first():
        old_end_at = assignment.end_at
        assert old_end_at is not None  # noqa: S101 - the database checks it
        end_now(act, assignment)
        record(act, ActivationRevoked(old_end_at=old_end_at, because=because), about=about_grant(assignment))
        email.ended(act, assignment, because=because)


@contextmanager
def ending_membership(act: Act, role: Role, *people: int) -> Iterator[None]:
    """Around the end of what may make people members of a group: the administrators stay, and the people are locked.

    In this order, as in `departures`; and before anything else is locked.
    """
    if not makes_member(role):
        yield
        return
    with administrators_stay(act):
        lock_people(*people)
        yield


def lock_people(*people: int) -> None:
    """Lock people, so that none of them activates anything while what they hold is taken from them."""
    # "No key" as in asking to activate: others may go on naming them in rows of theirs.
    list(User.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))


@transaction.atomic
def deactivate(act: Act, assignment: Assignment) -> None:
    """End one's own activation early; not in its first 5 minutes. One that has not begun is called off."""
    with ending_membership(act, assignment.role, act.person.pk):
        if str(assignment.role.template_id) in ADMINISTRATORS:
            lock_administrators()
        locked = Assignment.objects.select_for_update(of=("self",))
        fresh = locked.select_related("role__policy", "scope", "user").get(pk=assignment.pk)
        refuse_if_any(may_deactivate(act, fresh))
        old_end_at = fresh.end_at
        assert old_end_at is not None  # noqa: S101 - the database checks it
        end_now(act, fresh)
    record(act, RoleDeactivated(old_end_at=old_end_at), about=about_grant(fresh))
    email.ended(act, fresh, because="you deactivated it", for_others=f"{fresh.holder} deactivated it")


def may_deactivate(act: Act, assignment: Assignment) -> list[Refusal]:
    """Why the actor may not end this activation at this moment."""
    if assignment.activated_from_id is None or assignment.user != act.person:
        return [Refusal("not_yours", "Only the person who activated a role can deactivate it.")]
    if assignment.is_over(act.at):
        return [ended_already(act, assignment)]
    if assignment.start_at <= act.at < assignment.start_at + SHORTEST_ASSIGNMENT:
        then = timezone.localtime(assignment.start_at + SHORTEST_ASSIGNMENT)
        sentence = "A role can be deactivated 5 minutes after it was activated"
        return [Refusal("too_early", f"{sentence}: from {then:%H:%M:%S} {then.tzname()} on.")]
    return only_active(act, assignment)


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
        _end_if_lapsed(act, assignment_id, has_begun=False)


@transaction.atomic
def warn(act: Act, assignment_id: int) -> None:
    """Tell the holder that an activation ends soon, once for each end. Harmless if it does not."""
    soon = Assignment.objects.ending_soon(act.at).unwarned()
    assignment = soon.select_related("role__policy", "scope", "user", "group").filter(pk=assignment_id).first()
    if assignment is None:
        return
    untold = Assignment.objects.filter(pk=assignment_id, warned_at=assignment.warned_at, end_at=assignment.end_at)
    if untold.filter(removed_at=None).update(warned_at=act.at):
        email.ends_soon(act, assignment)


def call_off(act: Act, assignment: Assignment, *, because: str) -> None:
    """End a scheduled activation that may not begin, at its start, and tell whose it was. Needs a transaction in which
    it is locked."""
    assignment.end_at = assignment.start_at
    assignment.removed_at = assignment.end_told_at = assignment.start_told_at = act.at
    assignment.removed_by = act.actor
    assignment.save(update_fields=["end_at", "removed_at", "removed_by", "end_told_at", "start_told_at"])
    record(act, ActivationCalledOff(start_at=assignment.start_at, because=because), about=about_grant(assignment))
    email.did_not_start(act, assignment, because=because)
    if assignment.user and makes_member(assignment.role):
        end_what_is_lost(act, assignment.user, because=f"{assignment.role} did not start")


@transaction.atomic
def end_lapsed(act: Act, assignment_id: int) -> None:
    """Write down the end of an activation whose eligibility no longer stands, begun or still ahead; access ended
    with it already."""
    ahead = Assignment.objects.filter(pk=assignment_id, start_at__gt=act.at)
    _end_if_lapsed(act, assignment_id, has_begun=not ahead.exists())


def _end_if_lapsed(act: Act, assignment_id: int, *, has_begun: bool) -> None:
    assignment = (
        Assignment.objects.select_for_update(of=("self",)).select_related("role", "scope", "user").get(pk=assignment_id)
    )
    if assignment.end_told_at or assignment.is_over(act.at):
        return
    if Assignment.objects.standing(act.at).filter(pk=assignment_id).exists():
        return
    because = "what it stood on has ended: the eligibility, the membership in a group, or the account"
    if not has_begun:
        call_off(act, assignment, because=because)
        return
    end_now(act, assignment)
    record(act, ActivationEnded(ended_at=act.at, because=because), about=about_grant(assignment))
    email.ended(act, assignment, because=because)


@transaction.atomic
def tell_assignment_end(act: Act, assignment_id: int) -> None:
    """Write down that an assignment is over, and tell its holder; where it was assigned, the administrators as well.
    Access itself ended by the clock."""
    untold = Assignment.objects.filter(pk=assignment_id, end_told_at=None)
    if not untold.over(act.at).filter(end_at__lte=act.at).update(end_told_at=act.at):
        return
    endings.note(act, Assignment.objects.select_related(*endings.NAMED).get(pk=assignment_id))


@transaction.atomic
def tell_eligibility_end(act: Act, eligibility_id: int) -> None:
    """Write down that an eligibility is over, and tell its holder and the administrators."""
    untold = Eligibility.objects.filter(pk=eligibility_id, end_told_at=None)
    if not untold.over(act.at).filter(end_at__lte=act.at).update(end_told_at=act.at):
        return
    endings.note(act, Eligibility.objects.select_related(*endings.NAMED).get(pk=eligibility_id))
