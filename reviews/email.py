"""The emails about access reviews: who gets them, with which facts. Most only where the review writes emails."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from accounts.act import Act
from accounts.models import User
from kernel.powers import Power
from notifications.operations.outbox import Address, Letter, Promise, post_all
from reviews.models import Review, ReviewStage
from reviews.queries import tally
from reviews.queries.panels import open_lines
from reviews.terms import Reviewers
from roles.email.telling import ADMINISTERS
from roles.queries import people
from roles.queries.access import powers_of

REVIEWS = "you are a reviewer in this access review"
HOLDS = "you hold what this access review is about"
SET_UP = "you set up this access review"
WAS_IN = "you were in the group that this access review is about"
NAMED = "an administrator named this address for the end of this access review"
MOST_ROWS = 50
"""How many lines one email lists."""
AT_ONCE = 500
"""How many emails are promised together."""


def started(act: Act, stage: ReviewStage) -> None:
    """To each reviewer of a stage that is open, with how many lines they have in it, and to administrators if it has
    lines nobody can answer. Whoever was written to already is not again, so that it can be told anew when reviewers
    were added; only when all answers were taken back, everybody is."""
    if not stage.is_open(act.at):
        return
    _stuck(act, stage)
    if stage.review.writes_emails:
        reset_at = _reset_in(stage)
        letter = _letter(stage, "review_started", f"{stage.pk}:{reset_at.isoformat()}" if reset_at else f"{stage.pk}")
        _tell_reviewers(act, stage, replace(letter, facts={**letter.facts, "reset_at": reset_at}))
        ReviewStage.objects.filter(pk=stage.pk, told_at=None).update(told_at=act.at)


def _reset_in(stage: ReviewStage) -> datetime | None:
    """When all answers were taken back, if that was in this stage."""
    reset_at = stage.review.reset_at
    return reset_at if reset_at and reset_at >= stage.opens_at else None


def _stuck(act: Act, stage: ReviewStage) -> None:
    """To administrators and to who set it up, once for each stage: lines that nobody can answer. An alarm, so it is
    written even where the review writes no emails."""
    if not (lines := stage.items.stuck().count()):
        return
    review = stage.review
    letter = Letter(
        template="review_stuck",
        key=f"review_stuck:{stage.pk}",
        facts={**_facts(review), **_round(stage), "lines": lines},
        path=f"/reviews/{review.pk}/reviewers/",
    )
    post_all([Promise(letter, reader, why) for reader, why in _followers(act, review).items()], at=act.at)


def reminder(act: Act, stage: ReviewStage) -> list[User]:
    """To each reviewer of a stage who has lines that nobody answered; return whom."""
    letter = _letter(stage, "review_reminder", f"{stage.pk}:{act.at.isoformat()}")
    return _tell_reviewers(act, stage, letter)


def finished(act: Act, review: Review, counts: dict[str, int], *, because: str = "") -> None:
    """To administrators, who set it up and the addresses named: what was answered, and what comes of it. `because` is
    why it was stopped, if it was."""
    ends_itself = review.applies_itself or not counts["to_remove"]
    facts = {**_facts(review), **counts, **_stopped(review, because), "applies_itself": review.applies_itself}
    # Where somebody has to apply it, it does more than inform.
    letter = Letter(
        template="review_finished",
        key=f"review_finished:{review.pk}",
        facts=facts,
        path=f"/reviews/{review.pk}/",
        only_informs=ends_itself,
    )
    _tell_the_end(act, review, letter)


def applied(act: Act, review: Review, counts: dict[str, int]) -> None:
    """To the same: what was taken away, and what could not be and why."""
    rows = [{"name": item.name, "note": item.applied_note} for item in tally.refused(review, MOST_ROWS)]
    facts = {**_facts(review), **counts, "rows": rows, "more": counts["refused"] - len(rows)}
    letter = Letter(
        template="review_applied",
        key=f"review_applied:{review.pk}:{act.at.isoformat()}",
        facts=facts,
        path=f"/reviews/{review.pk}/",
        only_informs=not rows,
    )
    _tell_the_end(act, review, letter)


def taken_out(act: Act, review: Review, user: User, *, because: str) -> None:
    """To whoever a review took out of its group. It is about what they held, so it is always written."""
    letter = Letter(
        template="review_took_you_out",
        key=f"review_took_you_out:{review.pk}",
        facts={"review_name": review.name, "group_name": review.series.subject.name, "because": because},
        path="/my-roles/",
    )
    post_all([Promise(letter, user, WAS_IN)], at=act.at)


def _facts(review: Review) -> dict[str, Any]:
    role, group, maker = review.series.role, review.series.group, review.series.made_by
    return {
        "review_name": review.name,
        "description": review.description,
        "role_name": role.name if role else "",
        "scope_name": role.resource.name if role else "",
        "group_name": group.name if group else "",
        "made_by_name": maker.name if maker else "",
    }


def _stopped(review: Review, because: str) -> dict[str, Any]:
    stopper = review.stopped_by
    return {"stopped_by_name": stopper.name if stopper else "", "stopped_at": review.stopped_at, "because": because}


def _letter(stage: ReviewStage, template: str, key: str) -> Letter:
    review = stage.review
    facts = {**_facts(review), **_round(stage), "if_silent": review.if_silent, "extra_text": review.extra_text}
    return Letter(template=template, key=f"{template}:{key}", facts=facts, path=f"/my-reviews/{review.pk}/")


def _round(stage: ReviewStage) -> dict[str, Any]:
    stages = stage.review.stages.count()
    return {"stage_text": f"{stage.number} of {stages}" if stages > 1 else "", "closes_at": stage.closes_at}


def _tell_reviewers(act: Act, stage: ReviewStage, letter: Letter) -> list[User]:
    open_to, told = open_lines(stage, act.at), list[User]()
    for first in range(0, len(open_to), AT_ONCE):
        some = list(open_to)[first : first + AT_ONCE]
        readers = list(User.objects.filter(pk__in=some).order_by("display_name", "pk"))
        own = _own_lines(stage, readers)
        post_all([_promise(letter, one, open_to[one.pk], own) for one in readers], at=act.at)
        told += readers
    return told


def _own_lines(stage: ReviewStage, readers: list[User]) -> set[int | None]:
    """Who of these has a line of their own to look at."""
    if stage.reviewers != Reviewers.SELF:
        return set()
    return set(stage.items.filter(user__in=readers, is_for_fallback=False).values_list("user", flat=True))


def _promise(letter: Letter, reader: User, lines: int, own: set[int | None]) -> Promise:
    # Who is a fallback reviewer besides has more lines than that.
    is_own = reader.pk in own and lines == 1
    facts = {**letter.facts, "lines": lines, "is_own": is_own}
    return Promise(replace(letter, facts=facts), reader, HOLDS if is_own else REVIEWS)


def _tell_the_end(act: Act, review: Review, letter: Letter) -> None:
    if not review.writes_emails:
        return
    # Who has several reasons to be told is told once, for the last of them.
    reasons: dict[User | Address, str] = dict.fromkeys(people.readers(review.told_addresses), NAMED)
    reasons |= _followers(act, review)
    post_all([Promise(letter, reader, why) for reader, why in reasons.items()], at=act.at)


def _followers(act: Act, review: Review) -> dict[User | Address, str]:
    """Administrators, and who set it up as long as they may read its pages."""
    maker = review.series.made_by
    may_read = maker is not None and Power.ROLES_READ in powers_of(maker, at=act.at)
    reasons: dict[User | Address, str] = {maker: SET_UP} if maker and may_read else {}
    return reasons | dict.fromkeys(people.administrators(act.at), ADMINISTERS)
