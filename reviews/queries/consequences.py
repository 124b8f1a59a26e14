"""What will happen if somebody goes on, in sentences and numbers, for the pages that ask first."""

from datetime import datetime

from reviews.lifecycle import State, state_of
from reviews.models import Review, ReviewStage, Series
from reviews.queries.outcome import IF_SILENT, Progress, in_words, losing, progress_of, still_losing
from reviews.terms import Applied, Silence
from roles.queries.endings import clock_words

NOT_SINCE = "What they were given after the review had ended, they keep."
OTHERS = " The others stay as they were answered, and nobody can answer them any more."
ANSWERS_STAY = "Answers given so far are kept, and come back if it is restored."


def of_stopping(review: Review) -> list[str]:
    """The review ends now."""
    progress = progress_of([review.pk]).get(review.pk, Progress())
    return [
        "The review ends now, for good: nobody can answer any more.",
        _silent(review, progress.open, progress.lines),
        _then(review),
    ]


def _silent(review: Review, count: int, lines: int) -> str:
    if not count:
        return "Every line has an answer."
    said = f"{count} of {_lines(lines)} {'has' if count == 1 else 'have'} no answer."
    return f"{said} {IF_SILENT[Silence(review.if_silent)]}"


def _then(review: Review) -> str:
    by_hand = "Nobody loses anything until an administrator applies it."
    how = "That begins at once." if review.applies_itself else by_hand
    return f"{in_words(losing(review), review.series)} {how}"


def of_stopping_stage(stage: ReviewStage) -> list[str]:
    """The stage ends now, and the next one begins."""
    on, all_of_it, after = stage.items.moving_on(stage).count(), stage.items.count(), stage.number + 1
    others = OTHERS if on < all_of_it else ""
    return [
        f"Stage {stage.number} ends now, for good, and stage {after} begins. The review ends so much earlier.",
        f"{on} of {_lines(all_of_it)} {'goes' if on == 1 else 'go'} on to stage {after}.{others}",
    ]


def of_resetting(review: Review, stage: ReviewStage | None) -> list[str]:
    """All answers are taken back."""
    progress = progress_of([review.pk]).get(review.pk, Progress())
    answers = f"{progress.answered} {'answer is' if progress.answered == 1 else 'answers are'} taken back"
    told = [f"{answers}, and every line is to be reviewed again. What was answered stays to be read."]
    back = review.items.exclude(stage=stage).count() if stage else 0
    if stage and back:
        told.append(f"Stage {stage.number} stays open, and {_lines(back)} that earlier stages kept come back into it.")
    return [*told, "The review ends when it was to end before: nobody gets more time."]


def of_applying(review: Review) -> list[str]:
    """What was denied is taken away."""
    return [
        in_words(still_losing(review), review.series),
        NOT_SINCE,
        f"{_told(review.series)} This cannot be undone.",
    ]


def _told(series: Series) -> str:
    if series.role:
        return "Whoever loses it gets an email, unless the settings of the role say otherwise."
    return (
        "Whoever was added to the group gets an email; whoever holds its role Member does, unless the settings of that "
        "role say otherwise."
    )


def of_applying_again(review: Review) -> list[str]:
    """What could not be removed is tried once more."""
    refused = losing(review).filter(applied=Applied.REFUSED)
    return [f"If nothing is in the way any more: {in_words(refused, review.series)}", NOT_SINCE]


def of_deleting(review: Review, at: datetime) -> list[str]:
    """The review is hidden."""
    series = review.series
    others = "Other reviews of its series are not touched." if series.next_at or series.reviews.count() > 1 else ""
    kept = losing(review).filter(applied="").count()
    if state_of(review, at) == State.APPLIED:
        told = "What was removed stays removed."
    elif review.closed_at is None:
        told = f"Nobody can answer it any more, and nothing is applied. {ANSWERS_STAY}"
    else:
        told = f"Nothing is applied: who was to lose it keeps it ({_lines(kept)})."
    return [sentence for sentence in ("It leaves the list, and can be restored.", told, others) if sentence]


def of_restoring(review: Review, at: datetime) -> list[str]:
    """The review comes back."""
    if review.closed_at is not None:
        return ["It comes back as it was."]
    if at < review.ends_at:
        return [f"It can be answered again until {clock_words(review.ends_at, at)}, as if it had not been deleted."]
    return [
        "Its end came while it was deleted, so it ends at once.",
        _then(review),
    ]


# --- a series as a whole


def of_ending(series: Series, at: datetime) -> list[str]:
    """No more reviews begin."""
    told = ["No further review begins."]
    if series.next_at:
        told.append(f"The next one was to begin at {clock_words(series.next_at, at)}.")
    return [*told, "The one that runs goes on to its end."] if series.reviews.running(at).exists() else told


def of_deleting_series(series: Series, at: datetime) -> list[str]:
    """The series is hidden with all its reviews."""
    shown, running = series.reviews.shown().count(), series.reviews.running(at).count()
    waiting = series.reviews.shown().exclude(closed_at=None).filter(applied_at=None).count()
    return [
        sentence
        for sentence in (
            f"{_reviews(shown)} and all that were to come leave the list, and can be restored.",
            f"{_reviews(running)} can no longer be answered. {ANSWERS_STAY}" if running else "",
            f"{_reviews(waiting)} {'is' if waiting == 1 else 'are'} not applied." if waiting else "",
            "What was removed already stays removed.",
        )
        if sentence
    ]


def of_restoring_series(series: Series, at: datetime) -> list[str]:
    """The series comes back with what was hidden along with it."""
    hidden = series.reviews.filter(deleted_at=series.deleted_at).count()
    over = series.reviews.filter(deleted_at=series.deleted_at, closed_at=None, ends_at__lte=at).count()
    return [
        sentence
        for sentence in (
            f"{_reviews(hidden)} {'comes' if hidden == 1 else 'come'} back.",
            f"{_reviews(over)} ended meanwhile, so the outcome is worked out at once." if over else "",
            _next(series, at),
        )
        if sentence
    ]


def _next(series: Series, at: datetime) -> str:
    if series.next_at is None:
        return "No further review is planned."
    when = f"at {clock_words(series.next_at, at)}" if series.next_at > at else "at once"
    return f"The next review begins {when}."


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def _reviews(count: int) -> str:
    return "1 review" if count == 1 else f"{count} reviews"
