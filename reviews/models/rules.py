"""What a series and each of its reviews have in common: a review keeps the rules it began with."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Group, User
from reviews.terms import Answered, Holding, Reviewers, Silence


class Rules(models.Model):
    """How a review goes."""

    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    holding = models.CharField(max_length=20, choices=Holding.choices, default=Holding.ALL)
    # Only people who did not sign in for so many days; null: everybody.
    inactive_days = models.PositiveSmallIntegerField(null=True)
    if_silent = models.CharField(max_length=20, choices=Silence.choices, default=Silence.KEEP)
    applies_itself = models.BooleanField(default=False)
    needs_reason = models.BooleanField(default=True)
    writes_emails = models.BooleanField(default=True)
    reminds = models.BooleanField(default=True)
    # Stands in the emails to reviewers.
    extra_text = models.TextField(blank=True)
    # Who is told at the end, besides the administrators.
    told_addresses: "models.JSONField[list[str]]" = models.JSONField(default=list)

    RULES: ClassVar[tuple[str, ...]] = (
        "name", "description", "holding", "inactive_days", "if_silent", "applies_itself", "needs_reason",
        "writes_emails", "reminds", "extra_text", "told_addresses",
    )  # fmt: skip

    class Meta:
        abstract = True

    def rules(self) -> dict[str, Any]:
        """The columns a review takes over from its series."""
        return {name: getattr(self, name) for name in self.RULES}


class StageRules(models.Model):
    """How one round of a review goes."""

    number = models.PositiveSmallIntegerField()
    reviewers = models.CharField(max_length=20, choices=Reviewers.choices)
    duration = models.DurationField()
    # Which answers go on to the next stage.
    moves_on: "models.JSONField[list[str]]" = models.JSONField(default=list)
    # Whether reviewers see what was answered in earlier stages.
    shows_earlier = models.BooleanField(default=True)

    RULES: ClassVar[tuple[str, ...]] = ("number", "reviewers", "duration", "moves_on", "shows_earlier")

    class Meta:
        abstract = True

    def rules(self) -> dict[str, Any]:
        """The columns a stage of a review takes over from its series."""
        return {name: getattr(self, name) for name in self.RULES}

    def moves(self) -> frozenset[Answered]:
        """The answers that go on, as values."""
        return frozenset(map(Answered, self.moves_on))


def stage_constraints(of: str) -> list[models.BaseConstraint]:
    """One to three stages, each once and with some time."""
    return [
        models.UniqueConstraint(fields=[of, "number"], name=f"{of}_has_each_stage_once"),
        models.CheckConstraint(name=f"{of}_has_three_stages_at_most", condition=Q(number__gte=1, number__lte=3)),
    ]


class NamedReviewer(models.Model):
    """A person or a group who reviews; as fallback, the lines that nobody else can."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    # Were it to vanish with the group, nobody would be asked, and silence could take everything away.
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="+")
    is_fallback = models.BooleanField(default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.user or self.group)


def reviewer_constraints(name: str) -> list[models.BaseConstraint]:
    """A user or a group, each once."""
    return [
        models.CheckConstraint(
            name=f"{name}_is_user_or_group",
            condition=Q(user=None, group__isnull=False) | Q(user__isnull=False, group=None),
        ),
        models.UniqueConstraint(fields=["stage", "user", "is_fallback"], name=f"{name}_user_once"),
        models.UniqueConstraint(fields=["stage", "group", "is_fallback"], name=f"{name}_group_once"),
    ]
