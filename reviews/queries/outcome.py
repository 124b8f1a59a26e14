"""What comes of a review: how it was answered, who loses what, what happens next. As things stand, until it ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from reviews.lifecycle import ANSWERS, Badge, State, state_of
from reviews.models import Review, ReviewItem, Series
from reviews.models.items import loses
from reviews.terms import Applied, Outcome, Silence
from roles.queries.endings import clock_words

MOST_NAMED = 5
IF_SILENT = {
    Silence.KEEP: "Whoever nobody answered about keeps it.",
    Silence.REMOVE: "Whoever nobody answered about loses it; where nobody could answer, it is kept.",
    Silence.RECOMMENDED: "Where nobody answered, the recommendation counts; where nobody could answer, it is kept.",
}


# --- in numbers


@dataclass(frozen=True)
class Progress:
    """How far a review has come."""

    lines: int = 0
    answered: int = 0

    @property
    def open(self) -> int:
        """How many lines nobody has answered."""
        return self.lines - self.answered


def progress_of(reviews: Iterable[int]) -> dict[int, Progress]:
    """How far each of these reviews has come, by their numbers; one query."""
    rows = ReviewItem.objects.filter(review__in=reviews).order_by("review").values("review")
    counted = rows.annotate(lines=Count("pk"), answered=Count("pk", filter=~Q(verdict="")))
    return {row["review"]: Progress(row["lines"], row["answered"]) for row in counted}


def answers_of(review: Review) -> list[tuple[Badge, int]]:
    """How many lines have which answer, those without any last."""
    rows = review.items.order_by("verdict").values("verdict").annotate(lines=Count("pk"))
    counts = {row["verdict"]: row["lines"] for row in rows}
    return [(badge, counts.get(verdict, 0)) for verdict, badge in ANSWERS.items()]


# --- who loses what


def losing(review: Review) -> QuerySet[ReviewItem]:
    """The lines that lose it: as worked out at the end, or as it would be if the review ended now."""
    if review.closed_at is not None:
        return review.items.filter(outcome=Outcome.REMOVE)
    return review.items.filter(loses(Silence(review.if_silent)))


def still_losing(review: Review) -> QuerySet[ReviewItem]:
    """Those of them with whom that is still to be done."""
    return losing(review).filter(applied="")


def in_words(lines: QuerySet[ReviewItem], series: Series) -> str:
    """Who of a review loses what, by number and name: '2 people lose Teams Administrator: Anna and Bert.'"""
    counts = lines.aggregate(people=Count("user"), groups=Count("group"))
    people, groups = counts["people"], counts["groups"]
    thing = lost(series)
    if not people and not groups:
        return f"Nobody loses {thing}."
    who = [f"{people} {'person' if people == 1 else 'people'}"] if people else []
    who += [f"{groups} {'group' if groups == 1 else 'groups'}"] if groups else []
    verb = "loses" if people + groups == 1 else "lose"
    return f"{' and '.join(who)} {verb} {thing}: {_names(lines, people + groups)}."


def lost(series: Series) -> str:
    """What somebody loses who is denied."""
    return series.role.name if series.role else f"their place in {series.subject}"


def _names(lines: QuerySet[ReviewItem], count: int) -> str:
    names = list(lines.values_list("name", flat=True)[:MOST_NAMED])
    if count > len(names):
        return f"{', '.join(names)} and {count - len(names)} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


# --- what happens next


def next_step(review: Review, at: datetime) -> str:
    """What happens next, in a sentence or three."""
    if review.deleted_at is not None:
        deleted = clock_words(review.deleted_at, at)
        return f"Deleted at {deleted}. Nobody can answer it, and nothing is applied, unless it is restored."
    if state_of(review, at) == State.IN_PROGRESS:
        return f"Ends at {clock_words(review.ends_at, at)}. {_afterwards(review)} {_as_things_stand(review)}"
    return _AFTER[state_of(review, at)](review)


def _afterwards(review: Review) -> str:
    how = "removed by itself" if review.applies_itself else "removed when an administrator applies it, not before"
    return f"Then what was denied is {how}. {IF_SILENT[Silence(review.if_silent)]}"


def _as_things_stand(review: Review) -> str:
    return f"If it ended now: {in_words(losing(review), review.series)}"


def _completing(review: Review) -> str:
    return "Its time is over. The portal works out now who keeps it and who loses it."


def _completed(review: Review) -> str:
    return f"Nothing is removed before an administrator applies it. Then: {in_words(losing(review), review.series)}"


def _applying(review: Review) -> str:
    done, all_of_it = losing(review).exclude(applied="").count(), losing(review).count()
    return f"What was denied is being removed: {done} of {all_of_it} so far."


def _applied(review: Review) -> str:
    rows = losing(review).order_by("applied").values("applied").annotate(lines=Count("pk"))
    counts = {row["applied"]: row["lines"] for row in rows}
    told = [f"{counts.get(applied, 0)} {applied.label.lower()}" for applied in Applied]
    return f"Done: {', '.join(told)}." if counts else "Done. There was nothing to remove."


_AFTER = {
    State.COMPLETING: _completing,
    State.COMPLETED: _completed,
    State.APPLYING: _applying,
    State.APPLIED: _applied,
}
