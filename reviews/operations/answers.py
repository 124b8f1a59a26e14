"""Reviewers answer: one line, several, or all they may. The last answer counts, and the earlier ones stay."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from accounts.act import Act
from audit.log import record_all
from kernel.refusal import Refusal, refuse_if_any
from reviews.events import ReviewAnswered
from reviews.log import about_item
from reviews.models import Answer, Review, ReviewItem
from reviews.policy import assess_answer
from reviews.queries.answerable import among, by, over, portions, why_not
from reviews.terms import Verdict

NOTHING_CHOSEN = Refusal("lines", "Choose an answer for a line, or tick lines and answer them together.")
ANSWERED_MEANWHILE = Refusal(
    "otherwise", "Meanwhile somebody answered some of these lines. Nothing was saved; look again.", is_conflict=True
)
NOTHING_OPEN = Refusal(
    "nothing_open", "These lines are answered already, and a recommendation never replaces an answer.", is_conflict=True
)


@dataclass(frozen=True)
class Mark:
    """What somebody wants to say about one line. With no verdict: what is recommended, if it is still open."""

    item_id: int
    verdict: Verdict | None
    because: str = ""


@dataclass(frozen=True)
class _Said:
    item: ReviewItem
    verdict: str
    reason: str
    is_as_recommended: bool


def answer(
    act: Act, review: Review, items: Iterable[int], verdict: Verdict, *, because: str, only_open: bool = False
) -> Counter[str]:
    """Answer these lines, by their numbers, in one way; if `only_open`, none of them was answered meanwhile."""
    marks = [Mark(item, verdict, because) for item in items]
    return _answer_each(act, review, marks, if_none=NOTHING_CHOSEN, only_open=only_open)


def follow_recommendations(act: Act, review: Review, items: Iterable[int] | None = None) -> Counter[str]:
    """Answer what is recommended, with the recommendation's own reason; of all lines that are open if none are named.

    An answer somebody gave in this stage is never replaced.
    """
    chosen = by(act.person, act.at).unanswered().filter(review=review).values_list("pk", flat=True)
    marks = [Mark(item, None) for item in (chosen if items is None else items)]
    return _answer_each(act, review, marks, if_none=NOTHING_OPEN if items is None else NOTHING_CHOSEN)


def answer_each(act: Act, review: Review, marks: Sequence[Mark]) -> Counter[str]:
    """Answer lines, each in its own way: all or none. Returns how many answers were given, by verdict; what one has
    answered so already is not said again."""
    return _answer_each(act, review, marks, if_none=NOTHING_CHOSEN)


@transaction.atomic
def _answer_each(
    act: Act, review: Review, marks: Sequence[Mark], *, if_none: Refusal, only_open: bool = False
) -> Counter[str]:
    locked = Review.objects.select_for_update(of=("self",)).with_names().get(pk=review.pk)
    wanted = {mark.item_id: mark for mark in marks}
    found = among(act.person, locked, wanted, act.at)
    refuse_if_any(
        over(locked, act.at) or why_not(act.person, locked, wanted.keys() - {item.pk for item in found}, act.at),
        [] if wanted else [if_none],
        [ANSWERED_MEANWHILE] if only_open and any(item.decided_in_id == item.stage_id for item in found) else [],
        _problems({(mark.verdict, mark.because) for mark in marks}, locked),
    )
    said = [one for item in found if (one := _say(act, item, wanted[item.pk]))]
    refuse_if_any([] if said or any(mark.verdict for mark in marks) else [NOTHING_OPEN])
    _write(act, locked, said)
    return Counter(one.verdict for one in said)


def _problems(said: Iterable[tuple[Verdict | None, str]], review: Review) -> list[Refusal]:
    """Why these answers are not enough, each reason once. A recommendation brings its own reason."""
    found = [assess_answer(verdict, because, needs_reason=review.needs_reason) for verdict, because in said if verdict]
    return list(dict.fromkeys(refusal for refusals in found for refusal in refusals))


def _say(act: Act, item: ReviewItem, mark: Mark) -> _Said | None:
    """The answer to be given; None where it would say what stands already, or replace an answer unasked."""
    is_answered = item.decided_in_id == item.stage_id
    if mark.verdict is None:
        return None if is_answered else _Said(item, item.recommendation, item.recommended_because, True)
    reason = mark.because.strip()
    stands = (item.verdict, item.reason, item.decided_by_id) == (mark.verdict, reason, act.person.pk)
    return None if stands and is_answered else _Said(item, mark.verdict, reason, False)


# --- writing


def _write(act: Act, review: Review, said: list[_Said]) -> None:
    """One statement for each way of answering, however many lines it is about, and one or two that keep the answers."""
    alike: dict[tuple[int, str | F, str | F], list[int]] = defaultdict(list)
    for one in said:
        alike[(one.item.stage_id, *_columns(one))].append(one.item.pk)
    for (stage_id, verdict, reason), items in alike.items():
        for some in portions(items):
            ReviewItem.objects.filter(pk__in=some).update(
                verdict=verdict, reason=reason, decided_by=act.person, decided_at=act.at, decided_in=stage_id
            )
    for is_as_recommended in (False, True):
        for some in portions(one.item.pk for one in said if one.is_as_recommended is is_as_recommended):
            Answer.objects.keep(some, is_as_recommended=is_as_recommended)
    record_all(act, [(_event(review, one), about_item(one.item)) for one in said])


def _columns(said: _Said) -> tuple[str | F, str | F]:
    """Verdict and reason as the database is told them: recommendations stand beside them already."""
    return (F("recommendation"), F("recommended_because")) if said.is_as_recommended else (said.verdict, said.reason)


def _event(review: Review, said: _Said) -> ReviewAnswered:
    return ReviewAnswered(
        review=review.pk,
        name=review.name,
        stage=said.item.stage.number,
        verdict=said.verdict,
        old_verdict=said.item.verdict,
        because=said.reason,
        is_as_recommended=said.is_as_recommended,
    )
