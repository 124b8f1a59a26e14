"""How an access review is set up, as values.

Source of what can be set: `PIM/pim-create-roles-and-resource-roles-review.md`.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import TextChoices

from kernel.period import DAY
from roles.terms import Named


class Holding(TextChoices):
    """Which assignments are looked at."""

    ELIGIBLE = "eligible", "Eligible only"
    ACTIVE = "active", "Active only"
    ALL = "all", "Eligible and active"


class Reviewers(TextChoices):
    """Who looks at a line."""

    CHOSEN = "chosen", "Chosen people and groups"
    SELF = "self", "The holders themselves"
    MANAGERS = "managers", "The manager of each holder"
    OWNERS = "owners", "The owners of the group"


class Recurrence(TextChoices):
    """How often it comes again."""

    ONCE = "once", "Once"
    WEEKLY = "weekly", "Every week"
    MONTHLY = "monthly", "Every month"
    QUARTERLY = "quarterly", "Every 3 months"
    HALF_YEARLY = "half_yearly", "Every 6 months"
    YEARLY = "yearly", "Every year"


class Silence(TextChoices):
    """What happens to a line nobody answered."""

    KEEP = "keep", "Nothing: they keep it"
    REMOVE = "remove", "They lose it"
    RECOMMENDED = "recommended", "What the recommendation says"


class Verdict(TextChoices):
    """What a reviewer answers."""

    APPROVE = "approve", "Approved"
    DENY = "deny", "Denied"
    DONT_KNOW = "dont_know", "Don’t know"


class Answered(TextChoices):
    """What was answered in a stage, or that nobody did; some of it goes on to the next one."""

    APPROVE = "approve", "Approved"
    DENY = "deny", "Denied"
    DONT_KNOW = "dont_know", "Don’t know"
    NOTHING = "", "Not reviewed"


class Outcome(TextChoices):
    """What is to become of a line, once the review has ended."""

    KEEP = "keep", "Keeps it"
    REMOVE = "remove", "Loses it"


class Applied(TextChoices):
    """What became of a line that was to lose it."""

    REMOVED = "removed", "Removed"
    GONE = "gone", "Had it no longer"
    REFUSED = "refused", "Could not be removed"


@dataclass(frozen=True)
class StagePlan:
    """One round of review. `fallback` looks at lines that have nobody else. `moves_on`: what goes to the next stage."""

    reviewers: Reviewers = Reviewers.CHOSEN
    chosen: tuple[Named, ...] = ()
    fallback: tuple[Named, ...] = ()
    duration: timedelta = 14 * DAY
    moves_on: frozenset[Answered] = frozenset(Answered)
    shows_earlier: bool = True


@dataclass(frozen=True)
class Plan:
    """What an administrator sets up; each role named becomes a series of reviews of its own.

    `start_at` is the first occurrence; `time_zone` keeps later ones at the same hour of the day. With neither
    `last_day` nor `occurrences` it never ends. `inactive_days`: only people who did not sign in for so many days.
    """

    name: str
    description: str = ""
    holding: Holding = Holding.ALL
    inactive_days: int | None = None
    stages: tuple[StagePlan, ...] = (StagePlan(),)
    start_at: datetime | None = None
    time_zone: str = "UTC"
    recurrence: Recurrence = Recurrence.ONCE
    last_day: date | None = None
    occurrences: int | None = None
    if_silent: Silence = Silence.KEEP
    applies_itself: bool = False
    needs_reason: bool = True
    writes_emails: bool = True
    reminds: bool = True
    extra_text: str = ""
    told_addresses: tuple[str, ...] = ()

    @property
    def duration(self) -> timedelta:
        """How long one occurrence lasts, with all its stages."""
        return sum((stage.duration for stage in self.stages), timedelta())


@dataclass(frozen=True)
class Rhythm:
    """When occurrences come. With neither `last_day` nor `occurrences` they never end.

    `first_number` is the number of the occurrence at `first_at`: not 1 where the rhythm was changed later.
    """

    first_at: datetime
    time_zone: str
    recurrence: Recurrence
    last_day: date | None = None
    occurrences: int | None = None
    first_number: int = 1


@dataclass(frozen=True)
class Evidence:
    """What is known of a line when its review starts. Moments are None where it never happened.

    Of a group, the moments are those of whichever member came last.
    """

    at: datetime
    is_enabled: bool
    is_eligible_only: bool
    granted_at: datetime | None
    last_sign_in_at: datetime | None
    last_used_at: datetime | None
    uses: int
    peers: int = 0
    peers_holding: int = 0


@dataclass(frozen=True)
class Recommendation:
    """Approve or deny, and why."""

    verdict: Verdict
    because: str
