"""Who reviews, changed while the review runs: some more, or others. Fallback reviewers are only added."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.act import Act
from accounts.models import Group, User
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, refuse_if_any
from reviews import email
from reviews.events import ReviewersChanged
from reviews.log import about
from reviews.models import Review, ReviewStage, StageReviewer
from reviews.operations.occurrences import remark
from reviews.queries.standing import not_running
from reviews.terms import Reviewers
from roles.queries.access import lacks

Person = User | Group
NOTHING = Refusal("nothing", "Name somebody to add, or tick somebody to remove. Who is named already stays.")
LAST = Refusal("last_reviewer", "This stage would have no reviewer. Add somebody before you remove the last one.")


@dataclass(frozen=True)
class Change:
    """Who reviews from now on, who falls in where nobody else can, and who of those named reviews no more."""

    add: Sequence[Person] = ()
    fall_back_on: Sequence[Person] = ()
    remove: Sequence[Person] = ()


@transaction.atomic
def change(act: Act, stage: ReviewStage, wanted: Change) -> None:
    """Change who reviews in a stage that is open or still ahead. Answers given already stand."""
    review = Review.objects.select_for_update(of=("self",)).with_names().get(pk=stage.review_id)
    locked = review.stages.prefetch_related("named__user", "named__group").get(pk=stage.pk)
    refuse_if_any(may_change(act, locked))
    named = list(locked.named.all())
    added = [*_new(wanted.add, named, is_fallback=False), *_new(wanted.fall_back_on, named, is_fallback=True)]
    removed = [one for one in named if not one.is_fallback and _person(one) in wanted.remove]
    refuse_if_any(_not_by_name(locked, wanted), _unfit(wanted), _nobody_left(locked, named, added, removed))
    if not added and not removed:
        refuse_if_any([NOTHING])

    StageReviewer.objects.filter(pk__in=[one.pk for one in removed]).delete()
    StageReviewer.objects.bulk_create(_row(locked, person, is_fallback) for person, is_fallback in added)
    if locked.opens_at <= act.at:
        fresh = review.stages.get(pk=locked.pk)
        remark(fresh, act.at)
        # Who was told already is not told again.
        email.started(act, fresh)
    event = ReviewersChanged(
        series=review.series_id,
        review=review.pk,
        name=review.name,
        stage=locked.number,
        added=[f"{person} (fallback)" if is_fallback else str(person) for person, is_fallback in added],
        removed=[str(one) for one in removed],
    )
    record(act, event, about=about(review.series))


@transaction.atomic
def fall_back(act: Act, stage_id: int) -> None:
    """Let the fallback reviewers in where nobody else is left to answer, because a reviewer was disabled or left a
    group, and out where somebody is there again; where not even they are left, administrators are told. Harmless if
    nothing changed, or the stage is over."""
    review = Review.objects.locked().get(stages=stage_id)
    stage = review.stages.open(act.at).filter(pk=stage_id).first()
    if stage is not None and remark(stage, act.at):
        email.started(act, stage)


def may_change(act: Act, stage: ReviewStage) -> list[Refusal]:
    """Why nobody can be added to this stage, or removed from it, now."""
    over = Refusal("stage_over", f"Stage {stage.number} is over, so nobody can review in it any more.")
    is_over = stage.closes_at <= act.at
    return [*lacks(act, Power.REVIEWS_MANAGE), *(not_running(stage.review, act.at) or ([over] if is_over else []))]


def _new(people: Iterable[Person], named: list[StageReviewer], *, is_fallback: bool) -> list[tuple[Person, bool]]:
    known = {_person(one) for one in named if one.is_fallback == is_fallback}
    return [(person, is_fallback) for person in dict.fromkeys(people) if person not in known]


def _person(one: StageReviewer) -> Person | None:
    return one.user or one.group


def _row(stage: ReviewStage, person: Person, is_fallback: bool) -> StageReviewer:
    user, group = (person, None) if isinstance(person, User) else (None, person)
    return StageReviewer(stage=stage, user=user, group=group, is_fallback=is_fallback)


def _not_by_name(stage: ReviewStage, wanted: Change) -> list[Refusal]:
    if stage.reviewers == Reviewers.CHOSEN or not wanted.add:
        return []
    who = Reviewers(stage.reviewers).label.lower()
    sentence = f"Who reviews in this stage: {who}, nobody by name. You can add fallback reviewers."
    return [Refusal("not_by_name", sentence, "add")]


def _unfit(wanted: Change) -> list[Refusal]:
    return [
        Refusal("reviewer", f"{one.name} cannot review: disabled, or break-glass. Name somebody else.", field)
        for field, people in (("add", wanted.add), ("fall_back_on", wanted.fall_back_on))
        for one in people
        if isinstance(one, User) and (one.is_break_glass or not one.is_enabled)
    ]


def _nobody_left(
    stage: ReviewStage, named: list[StageReviewer], added: list[tuple[Person, bool]], removed: list[StageReviewer]
) -> list[Refusal]:
    stay = [one for one in named if not one.is_fallback and one not in removed]
    come = [person for person, is_fallback in added if not is_fallback]
    return [LAST] if removed and not stay and not come else []
