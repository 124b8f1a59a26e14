"""What somebody likes to activate: favourites, and sets of roles under a name. Conveniences, not history."""

from collections.abc import Sequence

from django.db import transaction

from accounts.act import Act
from accounts.models import User
from kernel.refusal import Refusal, Refused, refuse_if_any
from requests_app.models import Favourite, RoleSet, RoleSetLine
from requests_app.queries.standing import standing
from roles.models import Eligibility

MOST_SETS = 30
LONGEST_NAME = 80


def mark(act: Act, eligibility: Eligibility, *, is_favourite: bool) -> None:
    """Offer this role there first, or no longer. Harmless if it is so already."""
    refuse_if_any(standing(act, eligibility, act.person))
    role, scope = eligibility.role, eligibility.scope
    if is_favourite:
        Favourite.objects.get_or_create(user=act.person, role=role, scope=scope)
    else:
        Favourite.objects.filter(user=act.person, role=role, scope=scope).delete()


@transaction.atomic
def save_set(act: Act, eligibilities: Sequence[Eligibility], *, name: str) -> RoleSet:
    """Keep these roles under a name; a set of that name is replaced."""
    # Two tabs come one after the other, so that nobody has more sets than there may be.
    User.objects.select_for_update(no_key=True).get(pk=act.person.pk)
    name, mine = name.strip(), RoleSet.objects.filter(user=act.person)
    refuse_if_any(_unnamed(name), _empty(eligibilities), *(standing(act, one, act.person) for one in eligibilities))
    if not mine.filter(name=name).exists() and mine.count() >= MOST_SETS:
        sentence = f"You have {MOST_SETS} sets already. Delete one first, or use the name of one to replace it."
        raise Refused(Refusal("many_sets", sentence, "name"))
    kept, _is_new = RoleSet.objects.get_or_create(user=act.person, name=name)
    kept.lines.all().delete()
    places = {(one.role_id, one.scope_id) for one in eligibilities}
    RoleSetLine.objects.bulk_create(
        RoleSetLine(role_set=kept, role_id=role, scope_id=scope) for role, scope in sorted(places)
    )
    return kept


def delete_set(act: Act, role_set: RoleSet) -> None:
    """Forget a set of one's own."""
    if role_set.user != act.person:
        raise Refused(Refusal("not_yours", "Only the person whose set this is can delete it."))
    role_set.delete()


def _unnamed(name: str) -> list[Refusal]:
    if not name:
        return [Refusal("no_name", "Give the set a name.", "name")]
    if len(name) > LONGEST_NAME:
        return [Refusal("long_name", f"Use at most {LONGEST_NAME} characters.", "name")]
    return []


def _empty(eligibilities: Sequence[Eligibility]) -> list[Refusal]:
    return [] if eligibilities else [Refusal("empty", "Choose at least one role you can activate.")]
