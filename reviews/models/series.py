"""What administrators set up: series of reviews of one role, or of one group."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models import Group, User
from reviews.models.rules import NamedReviewer, Rules, StageRules, reviewer_constraints, stage_constraints
from reviews.terms import Recurrence, Rhythm
from roles.models import Role


class SeriesQuerySet(models.QuerySet["Series"]):
    """Series, by what is to come of them."""

    def shown(self) -> Self:
        """Those nobody deleted."""
        return self.filter(deleted_at=None)

    def to_begin(self, at: datetime) -> Self:
        """Those whose next occurrence has come."""
        return self.shown().filter(next_at__lte=at)

    def with_names(self) -> Self:
        """With what pages and emails show of them."""
        return self.select_related("role__resource", "group", "made_by")


class Series(Rules):
    """One review, or one that comes again, of whoever holds a role or is in a group."""

    role = models.ForeignKey(Role, null=True, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="+")
    # The rhythm counts from here: the occurrence of this number starts at this moment.
    first_at = models.DateTimeField()
    first_number = models.PositiveIntegerField(default=1)
    time_zone = models.CharField(max_length=60)
    recurrence = models.CharField(max_length=20, choices=Recurrence.choices)
    last_day = models.DateField(null=True)
    occurrences = models.PositiveSmallIntegerField(null=True)
    # Which occurrence comes next, and when; null where none does. Moved by a conditional update, so each comes once.
    next_number = models.PositiveIntegerField(default=1)
    next_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # Tells the form that was sent twice; null where no form made it.
    form_key = models.UUIDField(null=True, unique=True)
    # Counts saved changes, so that two editors do not overwrite each other.
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    deleted_at = models.DateTimeField(null=True)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="series_is_of_role_or_group",
                condition=Q(role=None, group__isnull=False) | Q(role__isnull=False, group=None),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_at"], name="series_to_begin", condition=Q(next_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.subject}"

    @property
    def subject(self) -> Role | Group:
        """What is reviewed: who holds this role, or who is in this group."""
        subject = self.role or self.group
        assert subject is not None  # noqa: S101 - the database checks it
        return subject

    def rhythm(self) -> Rhythm:
        """When occurrences come, as a value."""
        return Rhythm(
            self.first_at,
            self.time_zone,
            Recurrence(self.recurrence),
            self.last_day,
            self.occurrences,
            self.first_number,
        )

    @property
    def stand(self) -> str:
        """What a page that edits it has seen of it: it changes with every saved change and with every review begun."""
        next_at = self.next_at.isoformat() if self.next_at else ""
        return f"{self.version}/{self.next_number}/{next_at}"


class PlannedStage(StageRules):
    """A stage of the reviews to come."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="stages")

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = stage_constraints("series")

    def __str__(self) -> str:
        return f"stage {self.number} of {self.series}"


class PlannedReviewer(NamedReviewer):
    """Who reviews in a stage to come."""

    stage = models.ForeignKey(PlannedStage, on_delete=models.CASCADE, related_name="named")

    class Meta:
        ordering: ClassVar[list[str]] = ["is_fallback", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = reviewer_constraints("planned_reviewer")
