"""Who is away, and who sits in their place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from accounts.models import Absence, User


@dataclass(frozen=True)
class Seat:
    """One place among those who decide: whose it is, and who sits there now; nobody, if their deputy cannot either."""

    holder: User
    decider: User | None
    # Until when the holder is away; None where they are there.
    until: datetime | None = None


@dataclass(frozen=True)
class Away:
    """Who is away at a moment."""

    absences: Mapping[int, Absence] = field(default_factory=dict)

    def seat(self, holder: User) -> Seat:
        """The holder's own place: theirs, or for the time of their absence their deputy's. Deputies have none."""
        absence = self.absences.get(holder.pk)
        if absence is None:
            return Seat(holder, holder)
        deputy = absence.deputy
        is_able = deputy.is_enabled and not deputy.is_break_glass and deputy.pk not in self.absences
        return Seat(holder, deputy if is_able else None, absence.end_at)


def away(at: datetime) -> Away:
    """Everybody who is away at that moment; one query."""
    return Away({absence.user_id: absence for absence in Absence.objects.covering(at).select_related("deputy")})


def seats_of(user: User, at: datetime) -> list[User]:
    """In whose places somebody sits: their own, and those of whom they are the deputy; none while they are away."""
    theirs = Absence.objects.covering(at).filter(Q(user=user) | Q(deputy=user)).select_related("user")
    found = list(theirs)
    if any(absence.user_id == user.pk for absence in found):
        return []
    absent = [absence.user for absence in found]
    return [user, *(one for one in absent if one.is_enabled and not one.is_break_glass)]


def absences_of(user: User) -> list[Absence]:
    """Somebody's absences, the latest first."""
    return list(Absence.objects.filter(user=user).select_related("deputy", "user")[:50])


def standing_in(user: User, at: datetime) -> list[Absence]:
    """For whom somebody is, or will be, the deputy."""
    return list(Absence.objects.not_over(at).filter(deputy=user).select_related("user").order_by("start_at"))
