"""Changing the settings of a role."""

from django.db import transaction

from accounts.act import Act
from accounts.models import Group, User
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, Refused, refuse_if_any
from roles.documents import changes, settings_to
from roles.email import alarms as email
from roles.events import SettingsChanged
from roles.log import about_role
from roles.models import Approver, Role, RolePolicy, SettingsVersion
from roles.policy import assess_settings
from roles.queries import approvability
from roles.queries.access import lacks
from roles.terms import ApproverKind, Named, Settings
from roles.weakening import weaker


@transaction.atomic
def change(act: Act, role: Role, wanted: Settings, *, version: int, because: str = "") -> list[dict[str, str]]:
    """Set the role as wanted by somebody who looked at this version of its settings.

    Returns what changed, old and new in words; an empty list if nothing did.
    """
    policy = RolePolicy.objects.select_for_update().get(role=role)
    named = _find(wanted)
    refuse_if_any(lacks(act, Power.SETTINGS_MANAGE), assess_settings(wanted), named.refusals)
    if policy.version != version:
        raise Refused(_changed_meanwhile(policy))
    before = policy.settings()
    if before == wanted:
        return []
    refuse_if_any(approvability.of_settings(act, role, wanted))
    changed = changes(before, wanted)
    _keep(policy, before)
    policy.take(wanted)
    policy.version += 1
    policy.changed_at, policy.changed_by = act.at, act.actor
    policy.save()
    named.write(policy, wanted)
    _keep(policy, wanted)
    record(act, SettingsChanged(version=policy.version, changes=changed, because=because), about=about_role(role))
    if role.is_privileged or role.powers:
        email.settings_weakened(act, role, policy.version, changed, weaker(before, wanted))
    return changed


def check(act: Act, role: Role, wanted: Settings) -> list[Refusal]:
    """Why saving this would be refused, whoever saves it. Saves nothing."""
    unfit = [*assess_settings(wanted), *_find(wanted).refusals]
    return unfit or approvability.of_settings(act, role, wanted)


def _changed_meanwhile(policy: RolePolicy) -> Refusal:
    editor = policy.changed_by.name if policy.changed_by else "the portal"
    return Refusal(
        "version",
        f"{editor} changed these settings while you were editing. Open them again and repeat your change.",
    )


def _keep(policy: RolePolicy, settings: Settings) -> None:
    """Keep a version to look at and to go back to; the first one with the settings the role came with."""
    SettingsVersion.objects.get_or_create(
        policy=policy,
        number=policy.version,
        defaults={
            "document": settings_to(settings),
            "made_at": policy.changed_at,
            "made_by_name": policy.changed_by.name if policy.changed_by else "the portal",
        },
    )


class Found:
    """The people and groups that settings name, by email and by name."""

    def __init__(self, users: dict[str, User], groups: dict[str, Group], refusals: list[Refusal]) -> None:
        self.users, self.groups, self.refusals = users, groups, refusals

    def write(self, policy: RolePolicy, settings: Settings) -> None:
        """Make them the approvers of a role, instead of those who are."""
        policy.approvers.all().delete()
        Approver.objects.bulk_create(
            Approver(
                policy=policy,
                step=step,
                user=self.users.get(one.name) if one.kind is ApproverKind.USER else None,
                group=self.groups.get(one.name) if one.kind is ApproverKind.GROUP else None,
                is_manager=one.kind is ApproverKind.MANAGER,
            )
            for step, named in steps(settings).items()
            for one in named
        )


def steps(settings: Settings) -> dict[Approver.Step, tuple[Named, ...]]:
    """Who is named, by when they are asked."""
    stages = dict(zip((Approver.Step.FIRST, Approver.Step.SECOND), settings.approval.stages, strict=False))
    return {
        **{step: stage.approvers for step, stage in stages.items()},
        Approver.Step.ESCALATION: settings.approval.escalation,
    }


FIELDS = {
    Approver.Step.FIRST: "approvers",
    Approver.Step.SECOND: "second_approvers",
    Approver.Step.ESCALATION: "escalation",
}


def _find(settings: Settings) -> Found:
    by_kind: dict[ApproverKind, set[str]] = {kind: set() for kind in ApproverKind}
    for named in steps(settings).values():
        for one in named:
            by_kind[one.kind].add(one.name)
    known = User.objects.enabled().filter(email__in=by_kind[ApproverKind.USER])
    users = {user.email: user for user in known}
    groups = {group.name: group for group in Group.objects.filter(name__in=by_kind[ApproverKind.GROUP])}
    refusals = [
        refusal
        for step, named in steps(settings).items()
        for one in named
        if (refusal := _unknown(one, users, groups, FIELDS[step]))
    ]
    return Found(users, groups, refusals)


def _unknown(one: Named, users: dict[str, User], groups: dict[str, Group], field: str) -> Refusal | None:
    if one.kind is ApproverKind.USER and one.name not in users:
        return Refusal("approver", f"Nobody enabled has the email {one.name}. Name somebody else.", field)
    if one.kind is ApproverKind.USER and users[one.name].is_break_glass:
        return Refusal("break_glass", f"{one.name} is a break-glass account. It never approves.", field)
    if one.kind is ApproverKind.GROUP and one.name not in groups:
        return Refusal("approver", f"There is no group called {one.name}. Name another one.", field)
    return None
