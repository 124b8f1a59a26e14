"""Assigning much at once: many people, many roles, all or nothing."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from accounts.act import Act
from kernel.refusal import Refusal, Refused
from roles.email import grants as email
from roles.models import Assignment, Eligibility
from roles.operations.grants import create, lock_roles, record_made
from roles.queries import giving
from roles.queries.giving import Wish

MOST_PAIRS = 500


@transaction.atomic
def give(act: Act, wishes: Sequence[Wish]) -> list[Eligibility | Assignment]:
    """Give all of it, or nothing where one of them is refused. Each assignee is written to as ever, each
    administrator once."""
    _refuse_unless_countable(wishes)
    roles = {role.pk: role for role in lock_roles(list({wish.role.pk: wish.role for wish in wishes}.values()))}
    fresh = [replace(wish, role=roles[wish.role.pk]) for wish in wishes]
    refused = [
        replace(refusal, sentence=f"{wish.to}, {wish.role}: {refusal.sentence}")
        for wish, refusals in zip(fresh, giving.refusals(act, fresh), strict=True)
        for refusal in refusals
    ]
    if refused:
        raise Refused(*refused)
    made = [create(act, wish) for wish in fresh]
    for grant in made:
        record_made(act, grant)
    email.assigned_many(act, made)
    return made


def _refuse_unless_countable(wishes: Sequence[Wish]) -> None:
    if not wishes:
        raise Refused(Refusal("nothing", "There is nothing here that could be assigned."))
    if len(wishes) > MOST_PAIRS:
        sentence = f"That is {len(wishes)} assignments. Assign at most {MOST_PAIRS} at once."
        raise Refused(Refusal("too_many", sentence))
