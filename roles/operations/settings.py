"""Changing the settings of a role."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts.act import Act
from accounts.models import Group, User
from audit.log import record
from kernel.period import in_words
from kernel.powers import Power
from kernel.refusal import Refusal, Refused, refuse_if_any
from roles import queries
from roles.events import SettingsChanged
from roles.log import about_role
from roles.models import Approver, Role, RolePolicy
from roles.policy import Settings, assess_settings

WORDS: dict[str, str] = {
    "activation_max_duration": "Activation maximum duration",
    "needs_second_factor": "Require a second factor on activation",
    "needs_justification": "Require a justification on activation",
    "needs_ticket": "Require a ticket on activation",
    "needs_approval": "Require approval to activate",
    "decision_window_duration": "Time to decide",
    "permanent_eligible_allowed": "Allow permanent eligible assignment",
    "eligible_max_duration": "Expire eligible assignments after",
    "permanent_active_allowed": "Allow permanent active assignment",
    "active_max_duration": "Expire active assignments after",
}
APPROVERS = "Approvers"


@dataclass(frozen=True)
class Wanted:
    """What somebody wants a role's settings to be, and which version they were looking at."""

    settings: Settings
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    version: int = 0


@transaction.atomic
def change(act: Act, role: Role, wanted: Wanted) -> list[dict[str, str]]:
    """Set the role as wanted. Returns what changed, old and new in words; an empty list if nothing did."""
    policy = RolePolicy.objects.select_for_update().get(role=role)
    refuse_if_any(queries.lacks(act, Power.SETTINGS_MANAGE), assess_settings(wanted.settings))
    if policy.version != wanted.version:
        raise Refused(_changed_meanwhile(policy))

    before = _in_words(policy)
    policy.take(wanted.settings)
    _set_approvers(policy, wanted)
    after = _in_words(policy)
    changes = [
        {"what": what, "old": before[what], "new": after[what]} for what in before if before[what] != after[what]
    ]
    if changes:
        policy.version += 1
        policy.changed_at, policy.changed_by = act.at, act.actor
        policy.save()
        record(act, SettingsChanged(version=policy.version, changes=changes), about=about_role(role))
    return changes


def _changed_meanwhile(policy: RolePolicy) -> Refusal:
    editor = policy.changed_by.name if policy.changed_by else "the portal"
    return Refusal(
        "version",
        f"{editor} changed these settings while you were editing. Open them again and repeat your change.",
    )


def _set_approvers(policy: RolePolicy, wanted: Wanted) -> None:
    policy.approvers.all().delete()
    Approver.objects.bulk_create(
        [
            *(Approver(policy=policy, user=user) for user in wanted.users),
            *(Approver(policy=policy, group=group) for group in wanted.groups),
        ]
    )


def _in_words(policy: RolePolicy) -> dict[str, str]:
    words = {word: _value(getattr(policy, column)) for column, word in WORDS.items()}
    approvers = policy.approvers.select_related("user", "group")
    # Names are not unique among people; with their emails they are.
    names = sorted(f"{one.user.name} ({one.user.email})" if one.user else f"{one.group} (group)" for one in approvers)
    words[APPROVERS] = ", ".join(names) or "Global and Privileged Role Administrators"
    return words


def _value(value: Any) -> str:
    if isinstance(value, timedelta):
        return in_words(value)
    return "yes" if value else "no"
