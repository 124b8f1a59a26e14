"""The lines a person may answer, asked of the database in one query: for their page, and for the number beside it."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from reviews.models import ReviewItem, StageReviewer
from reviews.models.items import ItemQuerySet
from reviews.terms import Reviewers
from roles.queries.groups import owned
from roles.queries.people import groups_of


def by(user: User, at: datetime) -> ItemQuerySet:
    """The lines this person may answer at that moment, answered already or not."""
    if user.is_break_glass or not user.is_enabled:
        return ReviewItem.objects.none()
    own = Q(user=user) | Q(group__in=groups_of(user, at))
    named = StageReviewer.objects.filter(Q(user=user) | Q(group__in=groups_of(user, at)), stage=OuterRef("stage"))
    first = (
        Q(stage__reviewers=Reviewers.SELF, user=user)
        | Q(stage__reviewers=Reviewers.MANAGERS, manager=user) & ~Q(user=user)
        | Q(Exists(named.filter(is_fallback=False)), stage__reviewers=Reviewers.CHOSEN) & ~own
        | Q(stage__reviewers=Reviewers.OWNERS, review__series__group__in=owned(user, at)) & ~own
    )
    fallback = Q(Exists(named.filter(is_fallback=True))) & ~own
    mine = Q(first, is_for_fallback=False) | Q(fallback, is_for_fallback=True)
    return ReviewItem.objects.in_open_stage(at).filter(mine)


def waiting_for(user: User, at: datetime) -> ItemQuerySet:
    """Those nobody has answered yet in this stage."""
    return by(user, at).unanswered()
