"""Leaving a group, or the organisation: nothing that came with it stays."""

from django.db import transaction

from accounts.act import Act
from accounts.models import Group, User
from accounts.operations import groups, people
from kernel.powers import Power
from kernel.refusal import refuse_if_any
from roles.operations.activation import end_what_is_lost, lock_people
from roles.operations.guard import administrators_stay
from roles.queries.access import lacks
from roles.queries.groups import not_looked_after


@transaction.atomic
def leave_group(act: Act, group: Group, user: User, because: str = "") -> None:
    """Take a person out of a group, and end what they activated from what the group is eligible for.

    Whoever is put back at once does not find it running.
    """
    refuse_if_any(not_looked_after(act, group))
    with administrators_stay(act):
        lock_people(user.pk)
        groups.remove(act, group, user, because=because)
        end_what_is_lost(act, user, because=because or f"{user.name} is no longer in {group.name}")


@transaction.atomic
def disable(act: Act, user: User) -> None:
    """Keep a person out at once, and end everything they activated: being enabled again does not bring it back."""
    refuse_if_any(lacks(act, Power.PEOPLE_MANAGE))
    with administrators_stay(act):
        lock_people(user.pk)
        people.disable(act, user)
        end_what_is_lost(act, user, because="the account was disabled")
