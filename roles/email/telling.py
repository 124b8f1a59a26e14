"""How emails about a grant find their readers: the facts all of them tell, and the nine cells of a role's settings."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from accounts.act import Act
from accounts.models import User
from notifications.operations.outbox import Letter, Promise, post_all
from roles.models import Assignment, Eligibility, Role
from roles.queries import lists, people
from roles.terms import Audience, Occasion

ADMINISTERS = "you are Global or Privileged Role Administrator"
WATCHES = "you are Global, Privileged Role or Security Administrator"
HOLDS = "the role is or was assigned to you"
NAMED = "an administrator named this address in the settings of the role"


def facts_of(grant: Eligibility | Assignment) -> dict[str, Any]:
    """What every email about a grant can tell."""
    return {
        "person_name": grant.holder.name,
        "role_name": grant.role.name,
        "scope_name": grant.scope.name,
        "start_at": grant.start_at,
        "end_at": grant.end_at,
        "group_name": lists.through(grant),
    }


def calendar_of(act: Act, grant: Eligibility | Assignment) -> dict[str, Any]:
    """For the holder of an activation that was planned: what stands in their calendar from now on, if anything.

    Each version has a higher number than the one before: the seconds since it was planned.
    """
    if not isinstance(grant, Assignment) or not grant.activated_from_id or grant.start_at <= grant.made_at:
        return {}
    assert grant.end_at is not None  # noqa: S101 - the database checks it
    entry = {
        "uid": f"activation-{grant.pk}",
        "sequence": int((act.at - grant.made_at).total_seconds()),
        "start_at": grant.start_at,
        "end_at": grant.end_at,
        "summary": f"{grant.role.name} is active",
        "description": f"{grant.role.name} in {grant.scope.name} is active for you, and ends by itself.",
        "is_cancelled": grant.end_at <= grant.start_at,
    }
    return {"calendar": entry}


def holders_of(grant: Eligibility | Assignment, at: datetime) -> list[User]:
    """The enabled people a grant is for."""
    if grant.user:
        return [grant.user] if grant.user.is_enabled else []
    if isinstance(grant, Eligibility):
        return list(people.holders(Eligibility.objects.filter(pk=grant.pk), at))
    return list(people.holders(Assignment.objects.filter(pk=grant.pk), at))


def tell(
    act: Act,
    letter: Letter,
    *,
    role: Role,
    on: tuple[Occasion, Audience],
    to: Iterable[User],
    why: str,
    is_critical: bool = False,
    copy: Letter | None = None,
    but: Sequence[User] = (),
) -> None:
    """Write to one audience as the role's settings say: by default or not, only if critical, and a copy to addresses.

    `copy` is what additional addresses read, unless they are those of people who know already; without it they are not
    written to.
    """
    told = promises(letter, role=role, on=on, to=to, why=why, is_critical=is_critical, copy=copy, but=but)
    post_all(told, at=act.at)


def promises(
    letter: Letter,
    *,
    role: Role,
    on: tuple[Occasion, Audience],
    to: Iterable[User],
    why: str,
    is_critical: bool = False,
    copy: Letter | None = None,
    but: Sequence[User] = (),
) -> list[Promise]:
    """What `tell` promises."""
    notice = role.policy.notice_terms().of(*on)
    if notice.only_critical and not is_critical:
        return []
    people_told = [Promise(letter, person, why) for person in to] if notice.by_default else []
    if copy is None or not notice.addresses:
        return people_told
    readers = (reader for reader in people.readers(notice.addresses) if reader not in but)
    return [*people_told, *(Promise(copy, reader, NAMED) for reader in readers)]


def occasion_of(grant: Eligibility | Assignment) -> Occasion:
    """Which emails of a role's settings are about this grant."""
    if isinstance(grant, Eligibility):
        return Occasion.ELIGIBLE
    return Occasion.ACTIVATION if grant.activated_from_id else Occasion.ACTIVE


def tell_holders_and_administrators(act: Act, grant: Eligibility | Assignment, mine: Letter, theirs: Letter) -> None:
    """Write about a grant to its holders, and to the administrators who are not among them."""
    of_activations = occasion_of(grant) is Occasion.ACTIVATION
    watching = people.watchers(act.at) if of_activations else people.administrators(act.at)
    post_all(to_both(act, grant, mine, theirs, watching), at=act.at)


def to_both(
    act: Act, grant: Eligibility | Assignment, mine: Letter, theirs: Letter, watching: list[User]
) -> list[Promise]:
    """What that promises; `watching` are the administrators of this occasion."""
    occasion, role = occasion_of(grant), grant.role
    holders = holders_of(grant, act.at)
    others = [person for person in watching if person not in holders]
    to_holders, to_administrators = (occasion, Audience.HOLDER), (occasion, Audience.ADMINISTRATORS)
    why = WATCHES if occasion is Occasion.ACTIVATION else ADMINISTERS
    return [
        *promises(mine, role=role, on=to_holders, to=holders, why=HOLDS, copy=theirs),
        *promises(theirs, role=role, on=to_administrators, to=others, why=why, copy=theirs),
    ]
