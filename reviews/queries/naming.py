"""The people and groups a plan names, by email and by name."""

from collections.abc import Iterator

from accounts.models import Group, User
from kernel.refusal import Refusal
from reviews.models import PlannedReviewer
from reviews.terms import Plan, StagePlan
from roles.terms import ApproverKind, Named


class Naming:
    """Who is named in a plan; `refusals` says who cannot review. Two queries, however many they are."""

    def __init__(self, plan: Plan) -> None:
        wanted = {one for stage in plan.stages for one in (*stage.chosen, *stage.fallback)}
        emails = [one.name for one in wanted if one.kind is ApproverKind.USER]
        names = [one.name for one in wanted if one.kind is ApproverKind.GROUP]
        known = User.objects.enabled().filter(email__in=emails, is_break_glass=False)
        self.users = {user.email: user for user in known}
        self.groups = {group.name: group for group in Group.objects.filter(name__in=names)}
        self.refusals = list(self._refusals(plan))

    def reviewers(self, stage: StagePlan) -> list[PlannedReviewer]:
        """Those named for this stage, each once, as rows that are not written yet."""
        return [
            PlannedReviewer(user=self.users.get(one.name), group=self.groups.get(one.name), is_fallback=is_fallback)
            for is_fallback, those in ((False, stage.chosen), (True, stage.fallback))
            for one in dict.fromkeys(those)
        ]

    def _refusals(self, plan: Plan) -> Iterator[Refusal]:
        for number, stage in enumerate(plan.stages, 1):
            for field, those in ((f"chosen_{number}", stage.chosen), (f"fallback_{number}", stage.fallback)):
                yield from (Refusal("reviewer", said, field) for one in those if (said := self._unknown(one)))

    def _unknown(self, one: Named) -> str:
        if one.kind is ApproverKind.USER and one.name not in self.users:
            return f"{one.name} is nobody who can review: not known, disabled, or break-glass. Name somebody else."
        if one.kind is ApproverKind.GROUP and one.name not in self.groups:
            return f"There is no group called {one.name}. Name another one."
        if one.kind is ApproverKind.MANAGER:
            return "“manager” is a way to choose reviewers, not a name. Choose “The manager of each holder”."
        return ""
