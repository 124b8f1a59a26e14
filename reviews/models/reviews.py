"""Reviews that have begun, their stages, and who reviews."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from reviews.models.rules import NamedReviewer, Rules, StageRules, reviewer_constraints, stage_constraints
from reviews.models.series import Series


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reviews, by where they stand."""

    def shown(self) -> Self:
        """Those nobody deleted."""
        return self.filter(deleted_at=None)

    def running(self, at: datetime) -> Self:
        """Those that can still be answered."""
        return self.shown().filter(closed_at=None, ends_at__gt=at)

    def to_close(self, at: datetime) -> Self:
        """Those whose end has come, and whose outcome is still to be worked out."""
        return self.shown().filter(closed_at=None, ends_at__lte=at)

    def to_apply(self) -> Self:
        """Those whose outcome somebody asked to be applied, or that do so by themselves, and that are not done."""
        return self.shown().filter(apply_asked_at__isnull=False, applied_at=None)

    def with_names(self) -> Self:
        """With what pages and emails show of them."""
        return self.select_related("series__role__resource", "series__group", "series__made_by", "stopped_by")

    def locked(self) -> Self:
        """Read again under a lock, which comes before any other lock of a review."""
        return self.with_names().select_for_update(of=("self",))


class Review(Rules):
    """One occurrence: who held the role, or was in the group, when it began, line by line."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="reviews")
    number = models.PositiveIntegerField()
    start_at = models.DateTimeField()
    # The end of its last stage; stopped early, it is moved to that moment.
    ends_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reset_at = models.DateTimeField(null=True)
    # When its outcome was worked out. From then on nothing is answered any more.
    closed_at = models.DateTimeField(null=True)
    apply_asked_at = models.DateTimeField(null=True)
    # Null where it applies itself.
    apply_asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-start_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["series", "number"], name="each_occurrence_once"),
            models.CheckConstraint(
                name="review_ends_no_earlier_than_it_starts", condition=Q(ends_at__gte=F("start_at"))
            ),
            models.CheckConstraint(
                name="what_is_applied_was_closed",
                condition=Q(apply_asked_at=None) | Q(closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="what_was_applied_was_to_be", condition=Q(applied_at=None) | Q(apply_asked_at__isnull=False)
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["ends_at"], name="review_running", condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.series.subject}"


class StageQuerySet(models.QuerySet["ReviewStage"]):
    """Stages, by the clock."""

    def open(self, at: datetime) -> Self:
        """Those in which one can answer at that moment."""
        running = {"review__deleted_at": None, "review__closed_at": None, "handed_on_at": None}
        return self.filter(opens_at__lte=at, closes_at__gt=at, **running)

    def to_hand_on(self) -> Self:
        """Those that are followed by another one, and still have their lines, whether they are over or not."""
        waiting = self.filter(handed_on_at=None, review__deleted_at=None, review__closed_at=None)
        return waiting.filter(closes_at__lt=F("review__ends_at"))

    def to_remind(self) -> Self:
        """Those whose reviewers are to be reminded at half time, and were not since, whether that has come or not."""
        rules = {"review__reminds": True, "review__writes_emails": True}
        running = self.filter(handed_on_at=None, review__deleted_at=None, review__closed_at=None, **rules)
        return running.filter(Q(reminded_at=None) | Q(reminded_at__lt=F("remind_at")))

    def reminding(self, at: datetime) -> Self:
        """Of those, the ones that are past half time and still open."""
        return self.to_remind().filter(remind_at__lte=at, closes_at__gt=at)


class ReviewStage(StageRules):
    """One round of a review. A stage closed early has its end moved, and the next one its start."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="stages")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    # Half time. Moved with the two above.
    remind_at = models.DateTimeField()
    # When its lines were handed on to the next stage. Until then nobody can answer in either.
    handed_on_at = models.DateTimeField(null=True)
    # When its reviewers were last written to: as it opened, and to remind them.
    told_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    objects = StageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *stage_constraints("review"),
            models.CheckConstraint(
                name="stage_closes_no_earlier_than_it_opens", condition=Q(closes_at__gte=F("opens_at"))
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["closes_at"], name="stage_open")]

    def __str__(self) -> str:
        return f"stage {self.number} of {self.review}"

    def is_open(self, at: datetime) -> bool:
        """Whether one can answer in it at that moment, as long as its review runs."""
        return self.handed_on_at is None and self.opens_at <= at < self.closes_at


class StageReviewer(NamedReviewer):
    """Who reviews in a stage."""

    stage = models.ForeignKey(ReviewStage, on_delete=models.CASCADE, related_name="named")

    class Meta:
        ordering: ClassVar[list[str]] = ["is_fallback", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = reviewer_constraints("stage_reviewer")
