"""Scheduled activations are checked once more at their start, and whenever the settings of their role change:
`docs/decisions/0014-scheduled-activations-are-checked-again.md`. Each is done once, however many workers look."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.act import Act
from audit.log import record_all
from requests_app.models import Decision, RoleRequest
from requests_app.operations.granting import asked_by, lock
from requests_app.policy import assess_again, is_complete
from requests_app.queries.allowing import allowed
from roles.email import grants as email
from roles.events import ActivationStarted
from roles.log import about_grant
from roles.models import Assignment, AssignmentQuerySet, Role, RolePolicy
from roles.operations import activation, endings
from roles.operations.guard import lock_administrators
from roles.terms import ActivationTerms


@transaction.atomic
def start(act: Act, assignment_id: int) -> None:
    """Let a scheduled activation begin and tell, or call it off and tell why. Harmless if it was told already."""
    with _locked(assignment_id) as assignment:
        if assignment.start_told_at or assignment.start_at > act.at:
            return
        if not _called_off(act, assignment):
            activation.tell_start(act, assignment_id)


@transaction.atomic
def start_many(act: Act, ids: list[int]) -> list[int]:
    """Let those of these scheduled activations begin about which nothing is left to ask, and tell; return which.

    Nothing is left to ask where the role's settings did not change since somebody last held them against the
    activation. Nobody is waited for: what somebody else has locked is left to `start`, so there is no order of locks.
    """
    ready = _ready(act, Assignment.objects.filter(pk__in=ids)).select_related(*endings.NAMED).order_by("pk")
    begun = list(ready.select_for_update(skip_locked=True, of=("self",)))
    told = [assignment.pk for assignment in begun]
    Assignment.objects.filter(pk__in=told).update(start_told_at=act.at)
    record_all(act, [(_started(assignment), about_grant(assignment)) for assignment in begun])
    email.activated(act, *begun)
    return told


def _ready(act: Act, planned: AssignmentQuerySet) -> AssignmentQuerySet:
    steady = _steady(RolePolicy.objects.filter(role__in=planned.values("role")))
    looked_at = Coalesce("role_request__checked_at", "role_request__closed_at")
    unchanged = Q(role__policy__changed_at=None) | Q(role__policy__changed_at__lte=looked_at)
    # What makes somebody a member of a group locks the administrators first.
    plain = planned.exclude(role__membership=Role.Membership.MEMBER).exclude(activated_from=None)
    begun = plain.filter(unchanged, role__policy__in=steady, start_told_at=None, start_at__lte=act.at, removed_at=None)
    return begun.in_force(act.at)


def _steady(policies: "QuerySet[RolePolicy]") -> list[int]:
    """Those of these settings that nobody is changing; nobody can, until all is written.

    Shared: where many activations of one role begin, each hundred locks the same settings. Were they to keep each other
    out, all but the first would be left to be begun one by one. SQLite has one writer at a time.
    """
    statement, values = policies.order_by("pk").values_list("pk").query.sql_with_params()
    sharing = " FOR SHARE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    with connection.cursor() as cursor:
        cursor.execute(statement + sharing, values)
        return [pk for (pk,) in cursor.fetchall()]


def _started(assignment: Assignment) -> ActivationStarted:
    assert assignment.end_at is not None  # noqa: S101 - the database checks it
    return ActivationStarted(end_at=assignment.end_at, because=assignment.justification)


@transaction.atomic
def check(act: Act, assignment_id: int) -> None:
    """Hold a scheduled activation against changed settings, and call it off if they no longer allow it."""
    with _locked(assignment_id) as assignment:
        if assignment.start_told_at or not _called_off(act, assignment):
            RoleRequest.objects.filter(assignment=assignment).update(checked_at=act.at)


@contextmanager
def _locked(assignment_id: int) -> Iterator[Assignment]:
    """Lock what decides about a scheduled activation, in the order of the house, then read."""
    found = Assignment.objects.select_related("role", "activated_from", "user").get(pk=assignment_id)
    if activation.makes_member(found.role):
        lock_administrators()
    # Changed settings are seen, or wait until this is done.
    RolePolicy.objects.select_for_update().get(role=found.role_id)
    if found.activated_from and found.user:
        lock(found.activated_from, asker=found.user, extending=assignment_id)
    yield Assignment.objects.select_related("role__policy", "scope", "user").get(pk=assignment_id)


def _called_off(act: Act, assignment: Assignment) -> bool:
    """Whether it was: because the settings of the role no longer allow what was asked for."""
    role_request = RoleRequest.objects.filter(assignment=assignment).with_names().first()
    if role_request is None or assignment.is_over(act.at):
        return False
    reasons = no_longer_allowed(act, role_request)
    if reasons:
        because = "the settings of the role have changed since: " + " ".join(reasons).removesuffix(".")
        activation.call_off(act, assignment, because=because)
    return bool(reasons)


def no_longer_allowed(act: Act, role_request: RoleRequest) -> list[str]:
    """Why the settings as they are now would not let this begin, in the sentences of the rules."""
    terms = role_request.role.policy.activation_terms()
    changed = assess_again(terms, allowed(role_request).ask, asked_by(role_request), at=act.at)
    return [*(refusal.sentence for refusal in changed), *_lacks_approval(role_request, terms)]


def _lacks_approval(role_request: RoleRequest, terms: ActivationTerms) -> list[str]:
    approvals = role_request.decisions.filter(verdict=Decision.Verdict.APPROVE).values_list("stage", flat=True)
    if not terms.needs_approval or is_complete(role_request.role.policy.quorums(), list(approvals)):
        return []
    return ["This role asks for approval now, and not enough approvers have approved this."]
