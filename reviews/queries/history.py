"""What happened to one review: its own events, and those of its series."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from audit.models import Entry, EntryQuerySet
from reviews import events
from reviews.models import Review
from reviews.terms import Answered

OF_SERIES = (
    events.ReviewPlanned.kind,
    events.ReviewChanged.kind,
    events.ReviewSkipped.kind,
    events.ReviewSeriesEnded.kind,
    events.ReviewDeleted.kind,
    events.ReviewRestored.kind,
)
OF_REVIEW = (
    events.ReviewStarted.kind,
    events.ReviewersChanged.kind,
    events.ReviewAnswered.kind,
    events.ReviewStageEnded.kind,
    events.ReviewStopped.kind,
    events.ReviewReset.kind,
    events.ReviewFinished.kind,
    events.ReviewApplyAsked.kind,
    events.ReviewItemApplied.kind,
    events.ReviewApplied.kind,
    events.ReviewReminded.kind,
    events.ReviewDeleted.kind,
    events.ReviewRestored.kind,
    events.ReviewExported.kind,
)


def entries(review: Review) -> EntryQuerySet:
    """By kind and from its beginning on, so that an index finds them; of other reviews of the series nothing."""
    series = review.series
    own = Q(kind__in=OF_REVIEW, at__gte=review.start_at, facts__review=review.pk)
    whole = Q(kind__in=OF_SERIES, at__gte=series.made_at, facts__series=series.pk) & (
        Q(facts__review=None) | Q(facts__review__isnull=True)
    )
    return Entry.objects.filter(own | whole)


# --- what an event tells beyond who and when

Facts = dict[str, Any]
VERDICTS = {one.value: one.label for one in Answered}


def told(kind: str, facts: Facts) -> list[str]:
    """What stands in the facts of an event, line by line."""
    tell = _TOLD.get(kind)
    return [line for line in tell(facts) if line] if tell else []


def _answered(facts: Facts) -> list[str]:
    old = VERDICTS.get(facts["old_verdict"], "") if facts["old_verdict"] else ""
    return [f"{VERDICTS[facts['verdict']]}{f', instead of: {old}' if old else ''}", f"Stage {facts['stage']}"]


def _changed_reviewers(facts: Facts) -> list[str]:
    return [
        f"Stage {facts['stage']}",
        f"Added: {', '.join(facts['added'])}" if facts["added"] else "",
        f"Removed: {', '.join(facts['removed'])}" if facts["removed"] else "",
    ]


def _changes(facts: Facts) -> list[str]:
    return [f"{one['what']}: {one['old']} → {one['new']}" for one in facts["changes"]]


def _counts(facts: Facts) -> list[str]:
    return [", ".join(f"{word.replace('_', ' ')}: {count}" for word, count in facts["counts"].items())]


def _started(facts: Facts) -> list[str]:
    names, lines = facts.get("names", []), facts["lines"]
    more = f" and {lines - len(names)} more" if names and lines > len(names) else ""
    return [f"Lines: {lines}", f"{', '.join(names)}{more}", _digest("lines", facts)]


def _digest(of: str, facts: Facts) -> str:
    """Nothing where it was told before digests were made."""
    made = facts.get(f"{of}_digest")
    return f"SHA-256 of the {of}: {made}" if made else ""


_TOLD: dict[str, Callable[[Facts], list[str]]] = {
    "review.changed": _changes,
    "review.started": _started,
    "review.skipped": lambda facts: [f"Number {facts['number']}"],
    "review.reviewers_changed": _changed_reviewers,
    "review.answered": _answered,
    "review.stage_ended": lambda facts: [f"Stage {facts['stage']}", f"Lines that went on: {facts['moved_on']}"],
    "review.reset": lambda facts: [f"Answers taken back: {facts['answers']}"],
    "review.finished": lambda facts: [*_counts(facts), _digest("answers", facts)],
    "review.item_applied": lambda facts: [facts["result"].replace("_", " ").capitalize()],
    "review.applied": _counts,
    "review.reminded": lambda facts: [f"Stage {facts['stage']}", f"To: {', '.join(facts['reminded'])}"],
}
