"""The numbers of a week: who activated, what was assigned and made permanent, which roles most people have."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate

from accounts.models import Membership
from audit.models import Entry
from kernel.period import DAY, last_time
from roles.events import (
    AssignmentConverted,
    AssignmentMade,
    AssignmentUpdated,
    EligibilityAssigned,
    EligibilityConverted,
    EligibilityUpdated,
)
from roles.models import Assignment, AssignmentQuerySet, Eligibility, Role, joined

WEEK = 7 * DAY
NAME = re.compile(r"20[0-9]{2}-W[0-9]{2}")
SENT_AT = time(8)
PLOTTED = 12
"""How many weeks are drawn beside each other."""

TOP = 5
MADE_ELIGIBLE = (EligibilityAssigned.kind, AssignmentConverted.kind)
MADE_ACTIVE = (AssignmentMade.kind, EligibilityConverted.kind)
CHANGED = (EligibilityUpdated.kind, AssignmentUpdated.kind)


def zone() -> ZoneInfo:
    """The portal's own."""
    return ZoneInfo(settings.TIME_ZONE)


@dataclass(frozen=True, order=True)
class Week:
    """From Monday to Sunday in the portal's time zone."""

    begins_on: date

    @classmethod
    def of(cls, at: datetime) -> Self:
        """The week in which this moment is."""
        today = at.astimezone(zone()).date()
        return cls(today - timedelta(days=today.weekday()))

    @classmethod
    def named(cls, name: str) -> Self | None:
        """The week of this name, like 2026-W47; None if there is none."""
        if not NAME.fullmatch(name):
            return None
        try:
            return cls(date.fromisocalendar(int(name[:4]), int(name[-2:]), 1))
        except ValueError:
            return None

    @property
    def name(self) -> str:
        """As ISO 8601 counts weeks: 2026-W47."""
        year, number, _day = self.begins_on.isocalendar()
        return f"{year:04}-W{number:02}"

    @property
    def days(self) -> list[date]:
        """Monday to Sunday."""
        return [self.begins_on + timedelta(days=day) for day in range(7)]

    @property
    def ends_on(self) -> date:
        """Its Sunday."""
        return self.days[-1]

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.begins_on, time(), zone()).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.after().start

    def after(self, weeks: int = 1) -> Self:
        """So many weeks later; earlier, if negative."""
        return type(self)(self.begins_on + weeks * WEEK)


def last_due(at: datetime) -> Week:
    """The last week whose numbers were to be sent by this moment: on Monday at eight after it."""
    return Week.of(last_time(SENT_AT, zone(), at)).after(-1)


@dataclass(frozen=True)
class Top:
    """A role, and how many people may activate it or are assigned to it."""

    role: Role
    people: int


@dataclass(frozen=True)
class Numbers:
    """What happened in a week."""

    week: Week
    activations: int
    activated_by: int
    made_permanent: int
    made_eligible: int
    made_active: int
    by_day: list[tuple[date, int]]
    by_week: list[tuple[Week, int]]
    top: list[Top]

    @property
    def assigned(self) -> int:
        """Eligible and active together."""
        return self.made_eligible + self.made_active


def numbers(week: Week, at: datetime) -> Numbers:
    """The numbers of a week, so far if it is not over; holders are counted at its end."""
    each_day = _activations_by_day(week.after(1 - PLOTTED), week, at)
    begun = _activations(week, at)
    told = _told(week)
    weeks = [week.after(back) for back in range(1 - PLOTTED, 1)]
    return Numbers(
        week=week,
        activations=sum(each_day.get(day, 0) for day in week.days),
        activated_by=begun.aggregate(people=Count("user", distinct=True))["people"],
        made_permanent=told["permanent"],
        made_eligible=told["eligible"],
        made_active=told["active"],
        by_day=[(day, each_day.get(day, 0)) for day in week.days],
        by_week=[(one, sum(each_day.get(day, 0) for day in one.days)) for one in weeks],
        top=top_roles(min(at, week.end)),
    )


def _activations(week: Week, at: datetime, *, since: Week | None = None) -> AssignmentQuerySet:
    """What began in the week, or since an earlier one; not what was called off before."""
    begun = Assignment.objects.exclude(activated_from=None).filter(start_at__gte=(since or week).start)
    return begun.filter(start_at__lt=week.end, start_at__lte=at).exclude(end_at=F("start_at"))


def _activations_by_day(since: Week, until: Week, at: datetime) -> dict[date, int]:
    begun = _activations(until, at, since=since).annotate(day=TruncDate("start_at", tzinfo=zone()))
    return dict(begun.order_by().values_list("day").annotate(number=Count("pk")))


def _told(week: Week) -> dict[str, int]:
    """What the history says, whatever became of it since."""
    entries = Entry.objects.filter(
        at__gte=week.start, at__lt=week.end, kind__in=(*MADE_ELIGIBLE, *MADE_ACTIVE, *CHANGED)
    )
    permanent = Q(facts__end_at=None) & ~Q(kind__in=CHANGED, facts__old_end_at=None)
    return entries.order_by().aggregate(
        eligible=Count("pk", filter=Q(kind__in=MADE_ELIGIBLE)),
        active=Count("pk", filter=Q(kind__in=MADE_ACTIVE)),
        permanent=Count("pk", filter=permanent),
    )


def top_roles(at: datetime) -> list[Top]:
    """The roles most people are eligible for or assigned to at that moment, directly or through groups as they are
    now; what somebody activated does not count, since they are eligible."""
    columns = ("role", "user", "group")
    eligible = Eligibility.objects.in_force(at).order_by().values_list(*columns)
    assigned = Assignment.objects.in_force(at).filter(activated_from=None).order_by().values_list(*columns)
    pairs = [*eligible.distinct(), *assigned.distinct()]
    members = _members(at) if any(group for _role, _user, group in pairs) else {}
    people: dict[int, set[int]] = defaultdict(set)
    for role, user, group in pairs:
        people[role] |= {user} if user else members.get(group, set())
    most = sorted(people, key=lambda role: (-len(people[role]), role))[:TOP]
    roles = Role.objects.select_related("resource").in_bulk(most)
    return [Top(roles[role], len(people[role])) for role in most if people[role]]


def _members(at: datetime) -> dict[int, set[int]]:
    added = Membership.objects.values_list("group", "user")
    found: dict[int, set[int]] = defaultdict(set)
    for group, user in [*added, *joined(at).values_list("role__resource__group", "user")]:
        found[group].add(user)
    return found
