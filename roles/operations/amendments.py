"""Changing what was assigned: its period, or eligible to active and back."""

from dataclasses import replace

from django.db import transaction

from accounts.act import Act
from audit.log import record
from kernel.period import Period
from kernel.powers import Power
from kernel.refusal import Refusal, refuse_if_any
from roles.email import grants as email
from roles.events import (
    ActivationShortened,
    AssignmentConverted,
    AssignmentUpdated,
    EligibilityConverted,
    EligibilityUpdated,
)
from roles.log import about_grant
from roles.models import Assignment, Eligibility
from roles.operations.activation import end_now
from roles.operations.grants import (
    create,
    guarded,
    lock_assignment,
    lock_eligibility,
    lock_roles,
    refusals_of,
    revoke_activations,
    take_away,
    too_early,
)
from roles.policy import GrantAsk, assess_grant
from roles.queries.access import lacks
from roles.queries.endings import ended_already
from roles.queries.giving import Wish, terms_of, unfit


@transaction.atomic
def update(act: Act, grant: Eligibility | Assignment, ask: GrantAsk) -> None:
    """Give what was assigned another period. What was activated from an eligibility ends with it at the latest."""
    with guarded(act, grant):
        fresh = _lock(grant)
        refuse_if_any(lacks(act, Power.ROLES_MANAGE), _updatable(act, fresh, ask))
        old = Period(fresh.start_at, fresh.end_at)
        fresh.start_at, fresh.end_at = ask.start_at, ask.end_at
        fresh.justification = ask.justification or fresh.justification
        fresh.save(update_fields=["start_at", "end_at", "justification"])
    event = EligibilityUpdated if isinstance(fresh, Eligibility) else AssignmentUpdated
    told = event(
        old_start_at=old.start,
        old_end_at=old.end,
        start_at=fresh.start_at,
        end_at=fresh.end_at,
        because=ask.justification,
    )
    record(act, told, about=about_grant(fresh))
    email.updated(act, fresh, old=old, because=ask.justification)
    if isinstance(fresh, Eligibility):
        _cut_activations(act, fresh, because=ask.justification)


@transaction.atomic
def convert(act: Act, grant: Eligibility | Assignment, ask: GrantAsk) -> Eligibility | Assignment:
    """End what was assigned, and begin the other kind of it: active instead of eligible, or the other way round.

    It begins at once, or when the old one would have begun; the start of the ask does not count.
    """
    with guarded(act, grant):
        fresh = _lock(grant)
        begins = replace(ask, start_at=max(fresh.start_at, act.at))
        wish = Wish(fresh.role, fresh.holder, fresh.scope, fresh.kind.other, begins)
        refuse_if_any(_convertible(act, fresh), _refusals(act, wish))
        old_end_at = fresh.end_at
        end_now(act, fresh)
        made = create(act, wish)
        type(fresh).objects.filter(pk=fresh.pk).update(converted_to=made)
    event = EligibilityConverted if isinstance(fresh, Eligibility) else AssignmentConverted
    told = event(
        old_number=fresh.pk,
        old_end_at=old_end_at,
        number=made.pk,
        start_at=made.start_at,
        end_at=made.end_at,
        because=ask.justification,
    )
    record(act, told, about=about_grant(made))
    email.converted(act, made, because=ask.justification)
    if isinstance(fresh, Eligibility):
        revoke_activations(act, fresh, because=ask.justification or "the eligibility was made an active assignment")
    return made


def _lock(grant: Eligibility | Assignment) -> Eligibility | Assignment:
    """The grant read again under a lock, after the settings of its role: in that order everywhere."""
    lock_roles([grant.role])
    return lock_eligibility(grant) if isinstance(grant, Eligibility) else lock_assignment(grant)


def _updatable(act: Act, grant: Eligibility | Assignment, ask: GrantAsk) -> list[Refusal]:
    if refusals := _amendable(act, grant):
        return refusals
    has_begun = grant.start_at <= act.at
    if has_begun and ask.start_at != grant.start_at:
        refusals.append(Refusal("begun", "This has begun already. Its start stays as it is.", "start_at"))
    if (ask.start_at, ask.end_at) == (grant.start_at, grant.end_at):
        refusals.append(Refusal("same", "That is the period it has already. Choose another end.", "end_at"))
    if grant.end_at and (ask.end_at is None or ask.end_at > grant.end_at):
        refusals += unfit(grant.role, grant.holder, grant.kind)
    # What has begun is measured from now on: otherwise what was given for the longest time could never be extended.
    measured = replace(ask, start_at=act.at) if has_begun else ask
    return [*refusals, *assess_grant(terms_of(grant.role, grant.kind), measured, act)]


def _amendable(act: Act, grant: Eligibility | Assignment) -> list[Refusal]:
    if grant.is_over(act.at):
        over = ended_already(act, grant)
        return [replace(over, sentence=f"{over.sentence} Renew it instead.")]
    if isinstance(grant, Assignment) and grant.activated_from_id:
        return [Refusal("activated", "This was activated from an eligibility. Change that, or remove this.")]
    return []


def _convertible(act: Act, grant: Eligibility | Assignment) -> list[Refusal]:
    if refusals := _amendable(act, grant):
        return refusals
    return too_early(act, grant, "convert it")


def _refusals(act: Act, wish: Wish) -> list[Refusal]:
    return refusals_of(act, wish.role, wish.ask, to=wish.to, on=wish.scope, kind=wish.kind)


def _cut_activations(act: Act, eligibility: Eligibility, *, because: str) -> None:
    """Nobody stays active longer than they are eligible."""
    end_at = eligibility.end_at
    if end_at is None:
        return
    running = Assignment.objects.to_be_ended(act.at).filter(activated_from=eligibility, end_at__gt=end_at)
    for activation in running.select_for_update(of=("self",)).select_related("role__policy", "scope", "user"):
        old_end_at = activation.end_at
        assert old_end_at is not None  # noqa: S101 - the database checks it
        if activation.start_at >= end_at:
            take_away(act, activation, because=because or "the eligibility now ends before it begins")
            continue
        activation.end_at = end_at
        activation.save(update_fields=["end_at"])
        event = ActivationShortened(old_end_at=old_end_at, end_at=end_at, because=because)
        record(act, event, about=about_grant(activation))
        email.updated(act, activation, old=Period(activation.start_at, old_end_at), because=because)
