"""Being away, with a deputy who decides meanwhile."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts import email
from accounts.act import Act
from accounts.events import AbsenceAnnounced, AbsenceEnded
from accounts.log import about
from accounts.models import Absence, User
from accounts.policy import assess_absence
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, refuse_if_any
from roles.operations.activation import lock_people
from roles.queries.access import lacks
from roles.queries.endings import clock_words


@transaction.atomic
def announce(act: Act, user: User, *, deputy: User, start_at: datetime, end_at: datetime) -> Absence:
    """Somebody is away from then until then; the deputy decides in their stead. For oneself, or by administrators."""
    lock_people(user.pk)
    refuse_if_any(
        _whose(act, user),
        _unfit(user, deputy),
        assess_absence(start_at, end_at, act.at),
        _overlapping(user, start_at, end_at, act.at),
    )
    absence = Absence.objects.create(
        user=user, deputy=deputy, start_at=max(start_at, act.at), end_at=end_at, made_at=act.at, made_by=act.actor
    )
    event = AbsenceAnnounced(deputy=deputy.name, start_at=absence.start_at, end_at=absence.end_at)
    record(act, event, about=about(user))
    email.deputy_named(act, absence)
    return absence


@transaction.atomic
def end(act: Act, absence: Absence) -> None:
    """Back earlier than thought; what has not begun is called off."""
    lock_people(absence.user_id)
    fresh = Absence.objects.select_related("user", "deputy").get(pk=absence.pk)
    refuse_if_any(_whose(act, fresh.user), _over(fresh, act.at))
    old_end_at, fresh.end_at = fresh.end_at, max(fresh.start_at, act.at)
    fresh.save(update_fields=["end_at"])
    record(act, AbsenceEnded(deputy=fresh.deputy.name, old_end_at=old_end_at), about=about(fresh.user))
    email.deputy_released(act, fresh)


def _whose(act: Act, user: User) -> list[Refusal]:
    return [] if act.actor == user else lacks(act, Power.PEOPLE_MANAGE)


def _unfit(user: User, deputy: User) -> list[Refusal]:
    if deputy == user:
        return [Refusal("oneself", "Nobody is their own deputy. Name somebody else.", "deputy")]
    if not deputy.is_enabled:
        return [Refusal("disabled", f"{deputy} is disabled. Name somebody else.", "deputy")]
    if deputy.is_break_glass:
        return [Refusal("break_glass", f"{deputy} is a break-glass account. It never approves.", "deputy")]
    return []


def _overlapping(user: User, start_at: datetime, end_at: datetime, at: datetime) -> list[Refusal]:
    others = Absence.objects.filter(user=user, start_at__lt=end_at, end_at__gt=start_at).exclude(end_at=F("start_at"))
    found = others.not_over(at).select_related("deputy").first()
    if found is None:
        return []
    until = clock_words(found.end_at, at)
    sentence = f"An absence with {found.deputy} as deputy, until {until}, is in that time. End it first."
    return [Refusal("overlapping", sentence, is_conflict=True)]


def _over(absence: Absence, at: datetime) -> list[Refusal]:
    if absence.end_at > at and absence.end_at > absence.start_at:
        return []
    return [Refusal("over", "This absence has ended already.", is_conflict=True)]
