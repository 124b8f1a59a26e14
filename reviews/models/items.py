"""The lines of a review, what each of them holds, and what was answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Self

from django.db import connection, models
from django.db.models import F, Q

from accounts.models import Group, User
from reviews.models.reviews import Review, ReviewStage
from reviews.terms import Answered, Applied, Outcome, Silence, Verdict
from roles.models import Assignment, Eligibility


def loses(if_silent: Silence) -> Q:
    """Of lines: which lose what they hold, as they were answered. "Don't know" keeps, and so does the silence of a line
    that nobody could answer."""
    denied, unanswered = Q(verdict=Verdict.DENY), Q(verdict="", has_nobody=False)
    if if_silent == Silence.REMOVE:
        return denied | unanswered
    if if_silent == Silence.RECOMMENDED:
        return denied | unanswered & Q(recommendation=Verdict.DENY)
    return denied


OPEN = Q(decided_in=None) | ~Q(decided_in=F("stage"))
"""Of a line: nobody has answered it yet in the stage it is in."""


class ItemQuerySet(models.QuerySet["ReviewItem"]):
    """Lines, by where they stand."""

    def in_open_stage(self, at: datetime) -> Self:
        """Those that can be answered at that moment."""
        return self.filter(
            review__deleted_at=None,
            review__closed_at=None,
            stage__opens_at__lte=at,
            stage__closes_at__gt=at,
            stage__handed_on_at=None,
        )

    def unanswered(self) -> Self:
        """Those nobody has answered in the stage they are in."""
        return self.filter(OPEN)

    def stuck(self) -> Self:
        """Of those, the ones that nobody can answer."""
        return self.unanswered().filter(has_nobody=True)

    def moving_on(self, stage: ReviewStage) -> Self:
        """Of the lines of a stage, those that go on to the next one, by what was answered in this one."""
        answered = Q(decided_in=stage, verdict__in=stage.moves_on)
        return self.filter(answered | OPEN if Answered.NOTHING in stage.moves_on else answered)

    def to_apply(self) -> Self:
        """Those that lose what they hold, and have it still."""
        return self.filter(outcome=Outcome.REMOVE, applied="", review__deleted_at=None)


class ReviewItem(models.Model):
    """One line: a person, or a group as a whole, as they stood when the review began.

    The evidence and the recommendation stay as they were then. `verdict` is the last answer.
    """

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="items")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="+")
    # Copied, so that a list of ten thousand has an order it can be read in.
    name = models.CharField(max_length=120)
    # As it stood when the review began.
    manager = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # The round it is in, or ended in.
    stage = models.ForeignKey(ReviewStage, on_delete=models.CASCADE, related_name="items")
    # Whether only the fallback reviewers of that round can answer; worked out when it opens and every minute.
    is_for_fallback = models.BooleanField(default=False)
    # Whether not even these can; worked out at the same times.
    has_nobody = models.BooleanField(default=False)

    last_sign_in_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    uses = models.PositiveIntegerField(default=0)
    granted_at = models.DateTimeField(null=True)
    granted_by_name = models.CharField(max_length=120, blank=True)
    # Groups through which they hold the same besides, which a denial leaves.
    through = models.CharField(max_length=500, blank=True)
    # Of a group: how many people are in it.
    size = models.PositiveIntegerField(default=1)
    peers = models.PositiveIntegerField(default=0)
    peers_holding = models.PositiveIntegerField(default=0)
    recommendation = models.CharField(max_length=10, choices=Verdict.choices)
    recommended_because = models.CharField(max_length=200)

    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_in = models.ForeignKey(ReviewStage, null=True, on_delete=models.CASCADE, related_name="+")

    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    applied = models.CharField(max_length=10, choices=Applied.choices, blank=True)
    # Why it could not be removed.
    applied_note = models.TextField(blank=True)
    applied_at = models.DateTimeField(null=True)
    # Who had it applied; null where the portal did by itself.
    applied_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="line_is_user_or_group",
                condition=Q(user=None, group__isnull=False) | Q(user__isnull=False, group=None),
            ),
            models.UniqueConstraint(fields=["review", "user"], name="one_line_per_person"),
            models.UniqueConstraint(fields=["review", "group"], name="one_line_per_group"),
            models.CheckConstraint(
                name="a_verdict_has_its_moment_and_stage",
                condition=Q(verdict="", decided_at=None, decided_in=None)
                | (~Q(verdict="") & Q(decided_at__isnull=False, decided_in__isnull=False)),
            ),
            models.CheckConstraint(name="only_what_is_lost_is_applied", condition=Q(applied="") | Q(outcome="remove")),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["review", "name", "id"], name="line_in_order"),
            models.Index(fields=["stage", "verdict"], name="line_by_answer"),
            models.Index(fields=["review", "outcome", "applied"], name="line_to_apply"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_stuck(self) -> bool:
        """Whether nobody answered, because nobody could."""
        return self.has_nobody and not self.verdict

    @property
    def holder(self) -> User | Group:
        """The person or the group."""
        holder = self.user or self.group
        assert holder is not None  # noqa: S101 - the database checks it
        return holder


class ReviewedGrant(models.Model):
    """What a line holds, and loses if it is denied: a grant, or having been added to the group at that moment."""

    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="held")
    eligibility = models.ForeignKey(Eligibility, null=True, on_delete=models.PROTECT, related_name="+")
    assignment = models.ForeignKey(Assignment, null=True, on_delete=models.PROTECT, related_name="+")
    member_since = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="held_is_one_of_three",
                condition=Q(eligibility__isnull=False, assignment=None, member_since=None)
                | Q(eligibility=None, assignment__isnull=False, member_since=None)
                | Q(eligibility=None, assignment=None, member_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.eligibility or self.assignment or f"member since {self.member_since}")


class AnswerManager(models.Manager["Answer"]):
    """Answers, which are kept as they stand on the lines."""

    KEEP = """INSERT INTO reviews_answer (item_id, stage_id, by_id, verdict, reason, at, is_as_recommended)
        SELECT id, decided_in_id, decided_by_id, verdict, reason, decided_at, %s
        FROM reviews_reviewitem WHERE id IN ({}) ORDER BY id"""

    def keep(self, items: Sequence[int], *, is_as_recommended: bool) -> None:
        """Keep what stands on these lines. The database copies it: ten thousand answers never come here."""
        with connection.cursor() as cursor:
            cursor.execute(self.KEEP.format(", ".join(["%s"] * len(items))), [is_as_recommended, *items])


class Answer(models.Model):
    """What a reviewer said about a line. Never changed: a later one counts instead, and this one stays."""

    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="answers")
    stage = models.ForeignKey(ReviewStage, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.TextField(blank=True)
    # Given by accepting the recommendation.
    is_as_recommended = models.BooleanField(default=False)
    at = models.DateTimeField()

    objects = AnswerManager()

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} by {self.by}"
