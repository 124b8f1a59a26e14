"""The last approver stays: whoever may activate a role that needs approval finds enough others to approve."""

from collections.abc import Sequence

from accounts.act import Act
from accounts.models import Group, User
from kernel.refusal import Refusal
from roles.models import Role
from roles.queries import deciders, people
from roles.terms import Settings

WHY = "Nobody approves their own request; disabled people and break-glass accounts never approve."
ADVICE = "Name more approvers in the settings of the role first."


def of_settings(act: Act, role: Role, wanted: Settings) -> list[Refusal]:
    """Why a role may not be set so: for whom of those eligible, now or later, there would be too few approvers."""
    left = deciders.unapprovable(wanted, deciders.eligible_people(role, act.at), act.at)
    if not left:
        return []
    sentence = f"Too few others could approve for {people.some_of(left)}. {WHY} Name more approvers."
    return [Refusal("last_approver", sentence, "approvers")]


def of_holders(act: Act, role: Role, holders: Sequence[User | Group]) -> dict[User | Group, list[Refusal]]:
    """Why each of them may not be made eligible: too few others could approve for them, or for some of the group.

    Four queries at most for the approvers of the role, one more for each holder. The caller locked the settings.
    """
    if not role.policy.needs_approval:
        return {}
    stages = deciders.panels(role.policy.settings().approval, act.at)
    found = {}
    for to in holders:
        # Read afresh: who somebody's manager is may have changed since they were looked up.
        askers = people.members(to, act.at) if isinstance(to, Group) else User.objects.filter(pk=to.pk)
        if left := deciders.stranded(stages, askers.select_related("manager")):
            sentence = f"Too few others could approve for {people.some_of(left)}. {WHY} {ADVICE}"
            found[to] = [Refusal("last_approver", sentence, "holder")]
    return found
