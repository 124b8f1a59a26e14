"""A page of a review's lines as a reviewer sees them: who, what is known of them in words, what was answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.db.models.query import prefetch_related_objects

from accounts.models import Membership, User
from kernel.period import DAY
from reviews.lifecycle import ANSWERS, RECOMMENDED, Badge
from reviews.models import Answer, Review, ReviewedGrant, ReviewItem, ReviewStage
from reviews.models.items import OPEN, ItemQuerySet
from reviews.queries.answerable import by

ON_A_PAGE = 50
MOST_MEMBERS = 5


@dataclass(frozen=True)
class Narrowing:
    """Which lines are to be seen: open, answered or all; recommended this; of this name."""

    show: str = "open"
    recommended: str = ""
    said: str = ""


@dataclass(frozen=True)
class Line:
    """One line as it is shown. `now` is the answer that counts, as far as it may be seen in this stage."""

    item: ReviewItem
    who: str
    known: str
    now: Answer | None
    before: Sequence[Answer]

    @property
    def badge(self) -> Badge:
        """What was answered."""
        return ANSWERS[self.now.verdict if self.now else ""]

    @property
    def advice(self) -> Badge:
        """What is recommended."""
        return RECOMMENDED[self.item.recommendation]


def narrowed(items: ItemQuerySet, how: Narrowing) -> ItemQuerySet:
    """Only those that fit."""
    found = {"open": items.filter(OPEN), "answered": items.exclude(OPEN)}.get(how.show, items)
    if how.recommended:
        found = found.filter(recommendation=how.recommended)
    for word in how.said.split():
        found = found.filter(Q(name__icontains=word) | Q(user__email__icontains=word))
    return found


def open_ones(user: User, review: Review, how: Narrowing, at: datetime) -> ItemQuerySet:
    """The open lines this person may answer, of those that fit."""
    return narrowed(by(user, at).filter(review=review).filter(OPEN), how)


def page_of(user: User, stage: ReviewStage, how: Narrowing, number: str | None, at: datetime) -> Page[ReviewItem]:
    """A page of the lines this person may answer, by name."""
    mine = narrowed(by(user, at).filter(review=stage.review_id), how)
    return Paginator(_as_shown(mine), ON_A_PAGE).get_page(number)


def page_again(user: User, stage: ReviewStage, shown: list[int], at: datetime) -> Page[ReviewItem]:
    """The same lines again, as far as this person may still answer them: what was typed about them is kept, though
    somebody else may have answered some of them meanwhile."""
    mine = by(user, at).filter(review=stage.review_id, pk__in=shown)
    return Paginator(_as_shown(mine), ON_A_PAGE).get_page(1)


def answered_by(user: User, review: Review, number: str | None) -> Page[ReviewItem]:
    """A page of the lines this person has answered, in whatever stage; nothing of it can be changed any more."""
    mine = ReviewItem.objects.filter(review=review, pk__in=Answer.objects.filter(by=user).values("item"))
    return Paginator(_as_shown(mine), ON_A_PAGE).get_page(number)


def _as_shown(items: ItemQuerySet) -> ItemQuerySet:
    held = ReviewedGrant.objects.filter(item=OuterRef("pk"))
    shown: ItemQuerySet = items.select_related("user", "group").order_by("name", "pk")
    return shown.annotate(
        is_eligible=Exists(held.exclude(eligibility=None)),
        is_active=Exists(held.exclude(assignment=None)),
        is_member=Exists(held.exclude(member_since=None)),
    )


def seen_by(user: User, review: Review, stage: ReviewStage | None) -> QuerySet[Answer]:
    """The answers a person may read: in a stage that hides what was answered before it, those of that stage. Who has
    nothing to answer now reads their own, and those of others once they count: reviewers decide on their own."""
    if stage is not None:
        return Answer.objects.all() if stage.shows_earlier else Answer.objects.filter(stage=stage)
    return Answer.objects.filter(by=user) if review.closed_at is None else Answer.objects.all()


def lines(page: Page[ReviewItem], review: Review, seen: QuerySet[Answer]) -> list[Line]:
    """The lines of a page, with what of these answers is about them."""
    found = list(page)
    prefetch_related_objects(found, Prefetch("answers", seen.select_related("by", "stage"), to_attr="seen"))
    members = _members([item.group_id for item in found if item.group_id])
    return [_line(item, review, members.get(item.group_id or 0, [])) for item in found]


def _line(item: ReviewItem, review: Review, members: list[str]) -> Line:
    given: list[Answer] = item.seen  # type: ignore[attr-defined]
    counts = given[-1] if given and item.verdict and not _is_void(given[-1], review) else None
    before = given[:-1] if counts else given
    return Line(item, _who(item, members), " · ".join(known(item, review.start_at)), counts, before[::-1])


def _is_void(answer: Answer, review: Review) -> bool:
    """Whether the review began anew since. The answer stays to be read."""
    return review.reset_at is not None and answer.at <= review.reset_at


def _members(groups: Iterable[int]) -> dict[int, list[str]]:
    """The first few people of each group, by name; one query for all."""
    wanted = set(groups)
    if not wanted:
        return {}
    place = Window(RowNumber(), partition_by=[F("group")], order_by=[F("user__display_name").asc(), F("user").asc()])
    found: dict[int, list[str]] = {}
    inside = Membership.objects.filter(group__in=wanted, user__is_enabled=True).annotate(place=place)
    for one in inside.filter(place__lte=MOST_MEMBERS).select_related("user").order_by("place"):
        found.setdefault(one.group_id, []).append(one.user.name)
    return found


def _who(item: ReviewItem, members: list[str]) -> str:
    if item.user is not None:
        return item.user.email
    people = "1 person" if item.size == 1 else f"{item.size} people"
    others = item.size - len(members)
    names = [*members, *([f"{others} more"] if members and others > 0 else [])]
    return f"Group of {people}" + (f": {', '.join(names)}" if names else "")


# --- in words


def known(item: ReviewItem, at: datetime) -> list[str]:
    """What is known of a line, as it stood when the review began: a few words for each thing."""
    return [*_held(item), *_used(item, at), _signed_in(item, at), *_given(item, at), *_near(item)]


def _held(item: ReviewItem) -> list[str]:
    kinds = (("eligible", item.is_eligible), ("active", item.is_active), ("member", item.is_member))  # type: ignore[attr-defined]
    held = [kind for kind, is_it in kinds if is_it]
    return [" and ".join(held).capitalize()] if held else []


def _used(item: ReviewItem, at: datetime) -> list[str]:
    if item.last_used_at is None:
        return ["never activated"] if item.is_eligible else []  # type: ignore[attr-defined]
    times = {0: "not activated", 1: "activated once"}.get(item.uses, f"activated {item.uses} times")
    return [f"{times} in 90 days, last {ago(item.last_used_at, at)}"]


def _signed_in(item: ReviewItem, at: datetime) -> str:
    return f"signed in {ago(item.last_sign_in_at, at)}" if item.last_sign_in_at else "never signed in"


def _given(item: ReviewItem, at: datetime) -> list[str]:
    if item.granted_at is None:
        return []
    by_whom = f" by {item.granted_by_name}" if item.granted_by_name else ""
    return [f"given{by_whom} {ago(item.granted_at, at)}"]


def _near(item: ReviewItem) -> list[str]:
    found = [f"also through {item.through}"] if item.through else []
    if item.peers:
        colleagues = "colleague" if item.peers == 1 else "colleagues"
        hold = "holds" if item.peers_holding == 1 else "hold"
        found.append(f"{item.peers_holding} of {item.peers} {colleagues} in the same groups {hold} it")
    return found


def ago(moment: datetime, at: datetime) -> str:
    """How long before: in days, which is what matters here."""
    days = (at - moment) // DAY
    if days < 1:
        return "less than a day ago"
    return "1 day ago" if days == 1 else f"{days} days ago"
