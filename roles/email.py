"""The emails about who holds which role: who gets them, with which facts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from accounts.act import Act
from accounts.models import EmergencyUse, Group, User
from kernel.period import DAY, Period, in_words
from notifications.operations.outbox import Address, Letter, Promise, post, post_all
from roles.models import Assignment, Eligibility, Role
from roles.queries import lists, people
from roles.terms import Audience, Occasion

ADMINISTERS = "you are Global or Privileged Role Administrator"
HOLDS = "the role is or was assigned to you"
MOST_ROWS = 50
"""How many assignments one email lists."""

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
) -> None:
    """Write to one audience as the role's settings say: by default or not, only if critical, and a copy to addresses.

    `copy` is what additional addresses read; without it they are not written to.
    """
    post_all(promises(letter, role=role, on=on, to=to, why=why, is_critical=is_critical, copy=copy), at=act.at)


def promises(
    letter: Letter,
    *,
    role: Role,
    on: tuple[Occasion, Audience],
    to: Iterable[User],
    why: str,
    is_critical: bool = False,
    copy: Letter | None = None,
) -> list[Promise]:
    """What `tell` promises."""
    notice = role.policy.notice_terms().of(*on)
    if notice.only_critical and not is_critical:
        return []
    people_told = [Promise(letter, person, why) for person in to] if notice.by_default else []
    addresses = notice.addresses if copy else ()
    return [*people_told, *(Promise(copy or letter, Address(address), NAMED) for address in addresses)]


def occasion_of(grant: Eligibility | Assignment) -> Occasion:
    """Which emails of a role's settings are about this grant."""
    if isinstance(grant, Eligibility):
        return Occasion.ELIGIBLE
    return Occasion.ACTIVATION if grant.activated_from_id else Occasion.ACTIVE


def assigned(act: Act, grant: Eligibility | Assignment) -> None:
    """To the assignee, and to the administrators: somebody was made eligible or active."""
    mine, theirs = _assigned(act, grant)
    _tell_holders_and_administrators(act, grant, mine, theirs)


def _assigned(act: Act, grant: Eligibility | Assignment) -> tuple[Letter, Letter]:
    kind = grant.kind
    facts = {
        **facts_of(grant),
        "kind": kind,
        "actor_name": act.actor_name,
        "justification": grant.justification,
    }
    key = f"assigned:{kind}:{grant.pk}"
    return (
        Letter(template="assigned_to_you", key=key, facts=facts, path="/my-roles/"),
        Letter(template="assigned", key=key, facts=facts, path=f"/assignments/?tab={kind}"),
    )


def assigned_many(act: Act, grants: Sequence[Eligibility | Assignment]) -> None:
    """To each assignee what they were given; to each administrator one email about all of it."""
    if len(grants) == 1:
        assigned(act, grants[0])
        return
    administrators = people.administrators(act.at)
    holders: dict[User | Group, list[User]] = {}
    rows: dict[User | Address, list[dict[str, Any]]] = defaultdict(list)
    for grant in grants:
        if grant.holder not in holders:
            holders[grant.holder] = holders_of(grant, act.at)
        mine, theirs = _assigned(act, grant)
        on, theirs_too = (occasion_of(grant), Audience.HOLDER), holders[grant.holder]
        tell(act, mine, role=grant.role, on=on, to=theirs_too, why=HOLDS, copy=theirs)
        others = [person for person in administrators if person not in theirs_too]
        for reader in _administrators_told_of(grant, others):
            rows[reader].append({**facts_of(grant), "kind": grant.kind})
    _tell_of_all(act, f"assigned_many:{grants[0].kind}:{grants[0].pk}", rows)


def _administrators_told_of(grant: Eligibility | Assignment, administrators: list[User]) -> list[User | Address]:
    notice = grant.role.policy.notice_terms().of(occasion_of(grant), Audience.ADMINISTRATORS)
    if notice.only_critical:
        return []
    return [*(administrators if notice.by_default else ()), *(Address(address) for address in notice.addresses)]


def _tell_of_all(act: Act, key: str, rows: dict[User | Address, list[dict[str, Any]]]) -> None:
    for reader, told in rows.items():
        facts = {
            "actor_name": act.actor_name,
            "count": len(told),
            "rows": told[:MOST_ROWS],
            "more": max(len(told) - MOST_ROWS, 0),
        }
        letter = Letter(template="assigned_many", key=key, facts=facts, path="/assignments/")
        post(letter, to=reader, why=ADMINISTERS if isinstance(reader, User) else NAMED, at=act.at)


def updated(act: Act, grant: Eligibility | Assignment, *, old: Period, because: str) -> None:
    """To the holder, and to the administrators: it has another period than before."""
    facts = {"verb": "updated", "old_start_at": old.start, "old_end_at": old.end}
    _changed(act, grant, facts, because=because)


def converted(act: Act, grant: Eligibility | Assignment, *, because: str) -> None:
    """To the holder, and to the administrators: what was eligible is active now, or the other way round."""
    _changed(act, grant, {"verb": "converted"}, because=because)


def _changed(act: Act, grant: Eligibility | Assignment, more: dict[str, Any], *, because: str) -> None:
    kind = grant.kind
    facts = {**facts_of(grant), **more, "kind": kind, "actor_name": act.actor_name, "because": because}
    key = f"changed:{kind}:{grant.pk}:{act.at.isoformat()}"
    mine = Letter(template="changed_for_you", key=key, facts=facts, path="/my-roles/")
    theirs = Letter(template="changed", key=key, facts=facts, path=f"/assignments/{kind}/{grant.pk}/")
    _tell_holders_and_administrators(act, grant, mine, theirs)


def _tell_holders_and_administrators(act: Act, grant: Eligibility | Assignment, mine: Letter, theirs: Letter) -> None:
    post_all(_to_both(act, grant, mine, theirs, people.administrators(act.at)), at=act.at)


def _to_both(
    act: Act, grant: Eligibility | Assignment, mine: Letter, theirs: Letter, administrators: list[User]
) -> list[Promise]:
    occasion, role = occasion_of(grant), grant.role
    holders = holders_of(grant, act.at)
    others = [person for person in administrators if person not in holders]
    to_holders, to_administrators = (occasion, Audience.HOLDER), (occasion, Audience.ADMINISTRATORS)
    return [
        *promises(mine, role=role, on=to_holders, to=holders, why=HOLDS, copy=theirs),
        *promises(theirs, role=role, on=to_administrators, to=others, why=ADMINISTERS, copy=theirs),
    ]


def removed(act: Act, grant: Eligibility | Assignment, *, because: str) -> None:
    """To the holder: an administrator took it away."""
    kind = grant.kind
    facts = {
        **facts_of(grant),
        "kind": kind,
        "actor_name": act.actor_name,
        "because": because,
        **calendar_of(act, grant),
    }
    letter = Letter(template="removed_from_you", key=f"removed:{kind}:{grant.pk}", facts=facts, path="/my-roles/")
    on = (occasion_of(grant), Audience.HOLDER)
    tell(act, letter, role=grant.role, on=on, to=holders_of(grant, act.at), why=HOLDS)


def scheduled(act: Act, assignment: Assignment) -> None:
    """To the person: an activation will begin by itself, with an entry for their calendar."""
    facts = {**facts_of(assignment), "justification": assignment.justification, **calendar_of(act, assignment)}
    key = f"scheduled:{assignment.pk}"
    letter = Letter(template="your_role_is_scheduled", key=key, facts=facts, path="/my-roles/?tab=active")
    on = (Occasion.ACTIVATION, Audience.HOLDER)
    tell(act, letter, role=assignment.role, on=on, to=holders_of(assignment, act.at), why=HOLDS)


def activated(act: Act, *assignments: Assignment) -> None:
    """To each person and the administrators: an activation began."""
    administrators = people.administrators(act.at)
    told = (_to_both(act, assignment, *_activated(assignment), administrators) for assignment in assignments)
    post_all([promise for each in told for promise in each], at=act.at)


def _activated(assignment: Assignment) -> tuple[Letter, Letter]:
    facts = {**facts_of(assignment), "justification": assignment.justification}
    key = f"activated:{assignment.pk}"
    return (
        Letter(template="your_role_is_active", key=key, facts=facts, path="/my-roles/?tab=active"),
        Letter(template="role_activated", key=key, facts=facts, path="/history/"),
    )


def expiring(act: Act, grant: Eligibility | Assignment, *, left: timedelta) -> None:
    """To the holder, each member of a group once, and to the administrators: what was assigned ends soon."""
    days = max(round(left / DAY), 1)
    facts = {**facts_of(grant), "kind": grant.kind, "left": in_words(days * DAY)}
    key = f"expiring:{grant.kind}:{grant.pk}:{act.at.isoformat()}"
    mine = Letter(template="expiring", key=key, facts={**facts, "is_own": True}, path=_to_keep(grant))
    theirs_path = f"/assignments/{grant.kind}/{grant.pk}/"
    theirs = Letter(template="expiring", key=key, facts={**facts, "is_own": False}, path=theirs_path)
    _tell_holders_and_administrators(act, grant, mine, theirs)


def _to_keep(grant: Eligibility | Assignment) -> str:
    """Where the holder asks to keep it; what comes through a group, or was activated, is kept otherwise."""
    if grant.group_id or (isinstance(grant, Assignment) and grant.activated_from_id):
        return "/my-roles/"
    return f"/my-roles/{grant.kind}/{grant.pk}/renew/"


def extended(act: Act, assignment: Assignment, *, old_end_at: datetime | None, because: str) -> None:
    """To the person and the administrators: an activation lasts longer."""
    assert assignment.end_at is not None  # noqa: S101 - the database checks it
    facts = {**facts_of(assignment), "old_end_at": old_end_at, "justification": because}
    # Two extensions may come at one moment, and a former end may come back after the eligibility was cut.
    key = f"extended:{assignment.pk}:{act.at.isoformat()}:{assignment.end_at.isoformat()}"
    my_facts = {**facts, **calendar_of(act, assignment)}
    mine = Letter(template="your_role_is_extended", key=key, facts=my_facts, path="/my-roles/?tab=active")
    theirs = Letter(template="role_extended", key=key, facts=facts, path="/history/")
    _tell_holders_and_administrators(act, assignment, mine, theirs)


def ends_soon(act: Act, assignment: Assignment) -> None:
    """To the person: it ends soon, with what can be done about it."""
    assert assignment.end_at is not None  # noqa: S101 - the database checks it
    path = f"/my-roles/active/{assignment.pk}"
    facts = {
        **facts_of(assignment),
        "left": in_words(assignment.end_at - act.at),
        "end_now_path": f"{path}/deactivate/",
    }
    key = f"ends_soon:{assignment.pk}:{assignment.end_at.isoformat()}"
    letter = Letter(template="your_role_ends_soon", key=key, facts=facts, path=f"{path}/extend/")
    on = (Occasion.ACTIVATION, Audience.HOLDER)
    tell(act, letter, role=assignment.role, on=on, to=holders_of(assignment, act.at), why=HOLDS)


def did_not_start(act: Act, assignment: Assignment, *, because: str) -> None:
    """To the person: what they had planned does not begin, and why."""
    facts = {**facts_of(assignment), "because": because, **calendar_of(act, assignment)}
    key = f"did_not_start:{assignment.pk}"
    letter = Letter(template="your_role_did_not_start", key=key, facts=facts, path="/my-roles/")
    on = (Occasion.ACTIVATION, Audience.HOLDER)
    tell(act, letter, role=assignment.role, on=on, to=holders_of(assignment, act.at), why=HOLDS)


def ended(act: Act, *grants: Eligibility | Assignment, because: str) -> None:
    """To each person: what they held is over."""
    told = (_ended(act, grant, because) for grant in grants)
    post_all([promise for each in told for promise in each], at=act.at)


def _ended(act: Act, grant: Eligibility | Assignment, because: str) -> list[Promise]:
    kind = grant.kind
    can_renew = _after(grant) != "/my-roles/"
    facts = {**facts_of(grant), "kind": kind, "because": because, "can_renew": can_renew, **calendar_of(act, grant)}
    letter = Letter(template="your_role_ended", key=f"ended:{kind}:{grant.pk}", facts=facts, path=_after(grant))
    on = (occasion_of(grant), Audience.HOLDER)
    return promises(letter, role=grant.role, on=on, to=holders_of(grant, act.at), why=HOLDS)


def _after(grant: Eligibility | Assignment) -> str:
    """Where its end leads: what ended by its time can be renewed."""
    return "/my-roles/" if grant.removed_at else _to_keep(grant)


def break_glass_made(act: Act, user: User) -> None:
    """To all administrators but the account itself, whatever settings say: there is one more for emergencies."""
    facts = {"person_name": user.name, "person_email": user.email}
    letter = Letter(template="break_glass_made", key=f"break_glass_made:{user.pk}", facts=facts, path="/break-glass/")
    _tell_administrators(act, letter, but=user.pk)


def break_glass_used(act: Act, use: EmergencyUse) -> None:
    """To all administrators but the account itself: it signed in, and somebody has to say what that was."""
    facts = {
        "person_name": use.user.name,
        "person_email": use.user.email,
        "signed_in_at": use.signed_in_at,
        "address": use.ip or "an unknown address",
    }
    letter = Letter(template="break_glass_used", key=f"break_glass_used:{use.pk}", facts=facts, path="/break-glass/")
    _tell_administrators(act, letter, but=use.user_id)


def _tell_administrators(act: Act, letter: Letter, *, but: int | None = None) -> None:
    for administrator in people.administrators(act.at):
        if administrator.pk != but:
            post(letter, to=administrator, why=ADMINISTERS, at=act.at)


def break_glass_untested(act: Act, user: User, *, due_at: datetime, round_: int) -> None:
    """To all administrators: nobody has tested this account in time. One email for each round of 90 days."""
    facts = {"person_name": user.name, "person_email": user.email, "due_at": due_at}
    key = f"break_glass_untested:{user.pk}:{due_at:%Y%m%d}:{round_}"
    letter = Letter(template="break_glass_untested", key=key, facts=facts, path="/break-glass/")
    _tell_administrators(act, letter)


def settings_weakened(act: Act, role: Role, version: int, changes: list[dict[str, str]], weaker: list[str]) -> None:
    """To every administrator, whoever made the change and whatever the role's own notification settings say."""
    facts = {
        "role_name": role.name,
        "scope_name": role.resource.name,
        "actor_name": act.actor_name,
        "changed_at": act.at,
        "changes": [{**change, "is_weaker": change["what"] in weaker} for change in changes],
        "count": len(weaker),
    }
    key = f"settings_weakened:{role.pk}:{version}"
    letter = Letter(template="settings_weakened", key=key, facts=facts, path=f"/roles/{role.pk}/")
    for person in people.administrators(act.at) if weaker else ():
        post(letter, to=person, why=ADMINISTERS, at=act.at)
