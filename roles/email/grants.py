"""The emails about who holds which role: who gets them, with which facts."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from accounts.act import Act
from accounts.models import Group, User
from kernel.period import DAY, Period, in_words
from notifications.operations.outbox import Address, Letter, Promise, post, post_all
from roles.email import keys
from roles.email.telling import (
    ADMINISTERS,
    HOLDS,
    NAMED,
    calendar_of,
    facts_of,
    holders_of,
    occasion_of,
    promises,
    tell,
    tell_holders_and_administrators,
    to_both,
)
from roles.models import Assignment, Eligibility
from roles.queries import people
from roles.terms import Audience, Occasion

MOST_ROWS = 50
"""How many assignments one email lists."""


def assigned(act: Act, grant: Eligibility | Assignment) -> None:
    """To the assignee, and to the administrators: somebody was made eligible or active."""
    mine, theirs = _assigned(act, grant)
    tell_holders_and_administrators(act, grant, mine, theirs)


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
        Letter(template="assigned", key=key, facts=facts, path=f"/assignments/{kind}/{grant.pk}/", only_informs=True),
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
    _tell_of_all(act, f"assigned_many:{grants[0].kind}:{grants[0].pk}", rows, administrators)


def _administrators_told_of(grant: Eligibility | Assignment, administrators: list[User]) -> list[User | Address]:
    notice = grant.role.policy.notice_terms().of(occasion_of(grant), Audience.ADMINISTRATORS)
    if notice.only_critical:
        return []
    told = [*(administrators if notice.by_default else ()), *people.readers(notice.addresses)]
    return list(dict.fromkeys(told))


def _tell_of_all(
    act: Act, key: str, rows: dict[User | Address, list[dict[str, Any]]], administrators: list[User]
) -> None:
    for reader, told in rows.items():
        facts = {
            "actor_name": act.actor_name,
            "count": len(told),
            "rows": told[:MOST_ROWS],
            "more": max(len(told) - MOST_ROWS, 0),
        }
        letter = Letter(template="assigned_many", key=key, facts=facts, path="/assignments/", only_informs=True)
        post(letter, to=reader, why=ADMINISTERS if reader in administrators else NAMED, at=act.at)


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
    path = f"/assignments/{kind}/{grant.pk}/"
    theirs = Letter(template="changed", key=key, facts=facts, path=path, only_informs=True)
    tell_holders_and_administrators(act, grant, mine, theirs)


def removed(act: Act, grant: Eligibility | Assignment, *, because: str) -> None:
    """To the holder: an administrator took it away."""
    kind = grant.kind
    reason = {"kind": kind, "actor_name": act.actor_name, "because": because}
    facts = {**facts_of(grant), **reason, **calendar_of(act, grant)}
    letter = Letter(template="removed_from_you", key=keys.ended(act, grant), facts=facts, path="/my-roles/")
    on, copy = (
        (occasion_of(grant), Audience.HOLDER),
        _ended_for_others(act, grant, f"{act.actor_name} removed it: {because}"),
    )
    tell(act, letter, role=grant.role, on=on, to=holders_of(grant, act.at), why=HOLDS, copy=copy)


def scheduled(act: Act, assignment: Assignment) -> None:
    """To the person: an activation will begin by itself, with an entry for their calendar."""
    facts = {**facts_of(assignment), "justification": assignment.justification, **calendar_of(act, assignment)}
    key = f"scheduled:{assignment.pk}"
    letter = Letter(template="your_role_is_scheduled", key=key, facts=facts, path="/my-roles/?tab=active")
    on = (Occasion.ACTIVATION, Audience.HOLDER)
    tell(act, letter, role=assignment.role, on=on, to=holders_of(assignment, act.at), why=HOLDS)


def activated(act: Act, *assignments: Assignment) -> None:
    """To each person and the administrators: an activation began."""
    watching = people.watchers(act.at)
    told = (to_both(act, assignment, *_activated(act, assignment), watching) for assignment in assignments)
    post_all([promise for each in told for promise in each], at=act.at)


def _activated(act: Act, assignment: Assignment) -> tuple[Letter, Letter]:
    facts = {**facts_of(assignment), "justification": assignment.justification}
    key = keys.activated(act, assignment)
    path = f"/assignments/active/{assignment.pk}/"
    return (
        Letter(template="your_role_is_active", key=key, facts=facts, path="/my-roles/?tab=active"),
        Letter(template="role_activated", key=key, facts=facts, path=path, only_informs=True),
    )


def expiring(act: Act, grant: Eligibility | Assignment, *, left: timedelta) -> None:
    """To the holder, each member of a group once, and to the administrators: what was assigned ends soon."""
    days = max(round(left / DAY), 1)
    facts = {**facts_of(grant), "kind": grant.kind, "left": in_words(days * DAY)}
    key = f"expiring:{grant.kind}:{grant.pk}:{act.at.isoformat()}"
    mine = Letter(template="expiring", key=key, facts={**facts, "is_own": True}, path=_to_keep(grant))
    theirs_path = f"/assignments/{grant.kind}/{grant.pk}/"
    not_own = {**facts, "is_own": False}
    theirs = Letter(template="expiring", key=key, facts=not_own, path=theirs_path, only_informs=True)
    tell_holders_and_administrators(act, grant, mine, theirs)


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
    path = f"/assignments/active/{assignment.pk}/"
    theirs = Letter(template="role_extended", key=key, facts=facts, path=path, only_informs=True)
    tell_holders_and_administrators(act, assignment, mine, theirs)


def ends_soon(act: Act, assignment: Assignment) -> None:
    """To the person: it ends soon, with what can be done about it."""
    assert assignment.end_at is not None  # noqa: S101 - the database checks it
    path = f"/my-roles/active/{assignment.pk}"
    facts = {
        **facts_of(assignment),
        "left": in_words(assignment.end_at - act.at),
        "end_now_path": f"{path}/deactivate/",
    }
    key = keys.ends_soon(act, assignment)
    letter = Letter(template="your_role_ends_soon", key=key, facts=facts, path=f"{path}/extend/")
    on = (Occasion.ACTIVATION, Audience.HOLDER)
    tell(act, letter, role=assignment.role, on=on, to=holders_of(assignment, act.at), why=HOLDS)


def did_not_start(act: Act, assignment: Assignment, *, because: str) -> None:
    """To the person, whatever the role's notification settings say: what they had planned does not begin, and why."""
    facts = {**facts_of(assignment), "because": because, **calendar_of(act, assignment)}
    key = f"did_not_start:{assignment.pk}"
    letter = Letter(template="your_role_did_not_start", key=key, facts=facts, path="/my-roles/")
    for person in holders_of(assignment, act.at):
        post(letter, to=person, why=HOLDS, at=act.at)


def ended(act: Act, *grants: Eligibility | Assignment, because: str, for_others: str = "") -> None:
    """To each person: what they held is over. Others read `for_others`, where the reason speaks to the person."""
    told: list[Promise] = []
    for grant in grants:
        mine, theirs = _ended(act, grant, because), _ended_for_others(act, grant, for_others or because)
        on, to = (occasion_of(grant), Audience.HOLDER), holders_of(grant, act.at)
        told += promises(mine, role=grant.role, on=on, to=to, why=HOLDS, copy=theirs)
    post_all(told, at=act.at)


def ran_out(act: Act, *grants: Eligibility | Assignment) -> None:
    """To each person, and to the administrators: the time of what was assigned is over."""
    because = "its time is over"
    administrators = people.administrators(act.at) if grants else []
    told: list[Promise] = []
    for grant in grants:
        mine, theirs = _ended(act, grant, because), _ended_for_others(act, grant, because)
        told += to_both(act, grant, mine, theirs, administrators)
    post_all(told, at=act.at)


def _ended(act: Act, grant: Eligibility | Assignment, because: str) -> Letter:
    can_renew = _after(grant) != "/my-roles/"
    facts = {
        **facts_of(grant),
        "kind": grant.kind,
        "because": because,
        "can_renew": can_renew,
        **calendar_of(act, grant),
    }
    return Letter(template="your_role_ended", key=keys.ended(act, grant), facts=facts, path=_after(grant))


def _ended_for_others(act: Act, grant: Eligibility | Assignment, because: str) -> Letter:
    facts = {**facts_of(grant), "kind": grant.kind, "because": because}
    path = f"/assignments/{grant.kind}/{grant.pk}/"
    return Letter(template="ended", key=keys.ended(act, grant), facts=facts, path=path, only_informs=True)


def _after(grant: Eligibility | Assignment) -> str:
    """Where its end leads: what ended by its time can be renewed."""
    return "/my-roles/" if grant.removed_at else _to_keep(grant)
