"""The lines a person may answer, asked of the database in one query: for their page, and for the number beside it."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from kernel.refusal import Refusal
from reviews.models import Answer, Review, ReviewItem, ReviewStage, StageReviewer
from reviews.models.items import ItemQuerySet
from reviews.terms import Reviewers
from roles.queries.endings import clock_words
from roles.queries.groups import ones_own, owned
from roles.queries.people import groups_of

MOST_NAMES = 5
AT_ONCE = 5000
"""How many numbers one statement holds; SQLite takes 32,766."""
TO_ANSWER = (
    "review", "user", "name", "stage", "recommendation", "recommended_because",
    "verdict", "reason", "decided_by", "decided_in",
)  # fmt: skip
"""What answering has to know of a line: ten thousand of them are read at once."""


def by(user: User, at: datetime) -> ItemQuerySet:
    """The lines this person may answer at that moment, answered already or not."""
    if user.is_break_glass or not user.is_enabled:
        return ReviewItem.objects.none()
    return ReviewItem.objects.in_open_stage(at).filter(_reviewed_by(user, at))


def _reviewed_by(user: User, at: datetime) -> Q:
    """Of lines: those a person reviews in the stage they are in, be it open or not."""
    own = Q(user=user) | ones_own(user, at)
    named = StageReviewer.objects.filter(Q(user=user) | Q(group__in=groups_of(user, at)), stage=OuterRef("stage"))
    others = (
        Q(stage__reviewers=Reviewers.MANAGERS, manager=user)
        | Q(Exists(named.filter(is_fallback=False)), stage__reviewers=Reviewers.CHOSEN)
        | Q(stage__reviewers=Reviewers.OWNERS, review__series__group__in=owned(user, at))
        | Q(Exists(named.filter(is_fallback=True)), is_for_fallback=True)
    )
    return Q(stage__reviewers=Reviewers.SELF, user=user) | others & ~own


def waiting_for(user: User, at: datetime) -> ItemQuerySet:
    """Those nobody has answered yet in this stage.

    Every page asks it. Most of the time no stage is open, and then the long question is not even put together.
    """
    return by(user, at).unanswered() if ReviewStage.objects.open(at).exists() else ReviewItem.objects.none()


def among(user: User, review: Review, wanted: Iterable[int], at: datetime) -> list[ReviewItem]:
    """Of these lines of a review, those this person may answer; with what the history tells of them."""
    mine = by(user, at).filter(review=review).prefetch_related("stage").only(*TO_ANSWER)
    found = [item for some in portions(wanted) for item in mine.filter(pk__in=some)]
    for item in found:
        item.review = review  # read once, not for each line
    return found


def portions(numbers: Iterable[int]) -> list[list[int]]:
    """The same numbers, each once, in order, as many as one statement holds."""
    each = sorted(set(numbers))
    return [each[first : first + AT_ONCE] for first in range(0, len(each), AT_ONCE)]


# --- why not


def over(review: Review, at: datetime) -> list[Refusal]:
    """Why nobody can answer anything in this review any more."""
    if review.deleted_at is not None:
        sentence = f"This review was deleted at {clock_words(review.deleted_at, at)}, so nothing was saved."
        return [Refusal("deleted", sentence, is_conflict=True)]
    if review.closed_at is not None or review.ends_at <= at:
        sentence = f"This review ended at {clock_words(review.ends_at, at)}, so nothing was saved."
        return [Refusal("over", f"{sentence} Ask an administrator if an answer was wrong.", is_conflict=True)]
    return []


def why_not(user: User, review: Review, missing: Iterable[int], at: datetime) -> list[Refusal]:
    """Why this person may not answer these lines: a sentence for each kind of reason.

    Numbers can be guessed, and a name would tell who holds the role: named is only what they review, have answered or
    belong to.
    """
    left = set(missing)
    if not left:
        return []
    lines = ReviewItem.objects.filter(review=review)
    found = [item for some in portions(left) for item in lines.select_related("stage").filter(pk__in=some)]
    answered = Q(pk__in=Answer.objects.filter(by=user, item__review=review).values("item"))
    known = set(lines.filter(_reviewed_by(user, at) | answered).values_list("pk", flat=True))
    own = set(lines.filter(ones_own(user, at)).values_list("pk", flat=True))
    kinds: dict[str, list[ReviewItem]] = {}
    for item in found:
        kinds.setdefault(_kind(item, user, own, known, at), []).append(item)
    if len(found) < len(left):
        kinds["unknown"] = []
    return [_refusal(kind, kinds[kind], at) for kind in KINDS if kind in kinds]


def _kind(item: ReviewItem, user: User, own: set[int], known: set[int], at: datetime) -> str:
    is_over = item.stage.handed_on_at is not None or item.stage.closes_at <= at
    if is_over and item.pk in known:
        return "stage_over"
    if item.user_id == user.pk:
        return "own_line"
    return "own_group" if item.pk in own else "not_yours"


KINDS = {
    "stage_over": "{stage} ended at {when}, so {names} can no longer be answered in it.",
    "own_line": "Nobody decides on their own line. Another reviewer has to.",
    "own_group": "You are in, own or can join {names}, and nobody decides on what they hold themselves. "
    "Another reviewer has to.",
    "not_yours": "{count} you chose {are} not yours to answer now. Open the review again to see which are.",
    "unknown": "A line you chose is not in this review. Open the review again.",
}


def _refusal(kind: str, items: list[ReviewItem], at: datetime) -> Refusal:
    stage = items[0].stage if items else None
    facts = {
        "names": named_shortly([item.name for item in items]),
        "count": "1 line" if len(items) == 1 else f"{len(items)} lines",
        "are": "is" if len(items) == 1 else "are",
        "stage": f"Stage {stage.number}" if stage else "",
        "when": clock_words(stage.closes_at, at) if stage else "",
    }
    return Refusal(kind, KINDS[kind].format(**facts), is_conflict=True)


def named_shortly(names: list[str]) -> str:
    """Some names in a sentence: 'Anna, Bert and 12 others'."""
    shown, others = sorted(names)[:MOST_NAMES], len(names) - MOST_NAMES
    if others > 0:
        return f"{', '.join(shown)} and {others} {'other' if others == 1 else 'others'}"
    return " and ".join([", ".join(shown[:-1]), *shown[-1:]] if len(shown) > 1 else shown)
