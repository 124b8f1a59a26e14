"""The accounts for emergencies: when they were tested, what their sign-ins were."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from accounts.models import EmergencyUse, User
from kernel.period import DAY, SECOND

# Of the product we match: validated at least every 90 days.
TEST_EVERY = 90 * DAY
# A sign-in is written when its password was checked, which takes a while: it may be found a little later.
LOOK_BACK = 10 * SECOND


@dataclass(frozen=True)
class Account:
    """A break-glass account. Tested when it was last known to work: a drill, or an emergency."""

    user: User
    tested_at: datetime | None
    due_at: datetime
    is_overdue: bool

    def rounds(self, at: datetime) -> int:
        """How many times 90 days a test has been overdue."""
        return (at - self.due_at) // TEST_EVERY


def accounts(at: datetime) -> list[Account]:
    """Every enabled break-glass account, with its last test and the next one due."""
    worked = Q(emergency_uses__purpose__in=(EmergencyUse.Purpose.DRILL, EmergencyUse.Purpose.EMERGENCY))
    found = User.objects.enabled().filter(is_break_glass=True)
    users = found.annotate(tested_at=Max("emergency_uses__signed_in_at", filter=worked))
    return [_account(user, user.tested_at, at) for user in users.order_by("display_name", "pk")]


def _account(user: User, tested_at: datetime | None, at: datetime) -> Account:
    due_at = (tested_at or user.created_at) + TEST_EVERY
    return Account(user, tested_at, due_at, is_overdue=due_at <= at)


def uses() -> QuerySet[EmergencyUse]:
    """Every sign-in, newest first."""
    return EmergencyUse.objects.select_related("user", "noted_by").order_by("-signed_in_at", "-pk")


def unexplained() -> int:
    """How many sign-ins nobody has explained yet."""
    return EmergencyUse.objects.filter(noted_at=None).count()


def next_alarm(after: datetime) -> datetime | None:
    """When the next sign-in that was not told yet happened."""
    untold = EmergencyUse.objects.filter(alarmed_at=None, signed_in_at__gt=after - LOOK_BACK)
    return untold.order_by("signed_in_at").values_list("signed_in_at", flat=True).first()


def unalarmed() -> list[int]:
    """The sign-ins nobody was told of yet."""
    return list(EmergencyUse.objects.filter(alarmed_at=None).order_by("pk").values_list("pk", flat=True)[:100])
