"""Rules of access reviews, pure: what can be set up, when occurrences come, what is recommended."""

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kernel.period import DAY, in_words
from kernel.refusal import Refusal
from reviews.terms import Evidence, Plan, Recommendation, Recurrence, Reviewers, Rhythm, Silence, StagePlan, Verdict
from roles.policy import MOST_ADDRESSES, is_address

LONGEST = {
    Recurrence.ONCE: 365 * DAY,
    Recurrence.WEEKLY: 7 * DAY,
    Recurrence.MONTHLY: 27 * DAY,
    Recurrence.QUARTERLY: 88 * DAY,
    Recurrence.HALF_YEARLY: 180 * DAY,
    Recurrence.YEARLY: 364 * DAY,
}
"""How long an occurrence lasts at most, so that it is over before the next one. Monthly: 27 days, as in PIM."""

MONTHS = {Recurrence.MONTHLY: 1, Recurrence.QUARTERLY: 3, Recurrence.HALF_YEARLY: 6, Recurrence.YEARLY: 12}
MOST_STAGES = 3
FURTHEST_START = 3650 * DAY
LONGEST_INACTIVE_DAYS = 730
"""Source: `docs/id-governance/create-access-review.md`, inactive users."""
LOOK_BACK = 30 * DAY
"""Who did not sign in for so long is recommended to be denied. Source: `review-recommendations-access-reviews.md`."""
USE_BACK = 90 * DAY
MOST_OCCURRENCES = 1000
LONGEST_REASON = 2000


# --- what can be set up

Rule = Callable[[Plan, datetime], "list[Refusal]"]


def problems(plan: Plan, *, of_group: bool, at: datetime) -> list[Refusal]:
    """Every reason why this cannot be set up."""
    if plan.start_at is not None and plan.start_at - at > FURTHEST_START:
        # First, because nothing else can be computed with the end of all calendars.
        return [Refusal("far", "Choose a start within ten years.", "start_at")]
    found = [refusal for rule in RULES for refusal in rule(plan, at)]
    if not of_group:
        found += _no_owners(plan)
    return found


def _no_owners(plan: Plan) -> list[Refusal]:
    sentence = "Only a group has owners. Choose who reviews the holders of a role in another way."
    staged = enumerate(plan.stages, 1)
    return [Refusal("owners", sentence, f"reviewers_{n}") for n, one in staged if one.reviewers == Reviewers.OWNERS]


def _named(plan: Plan, at: datetime) -> list[Refusal]:
    return [] if plan.name.strip() else [Refusal("name", "Give the review a name.", "name")]


def _staged(plan: Plan, at: datetime) -> list[Refusal]:
    if not 1 <= len(plan.stages) <= MOST_STAGES:
        return [Refusal("stages", "A review has one to three stages.", "stages")]
    return [refusal for number, stage in enumerate(plan.stages, 1) for refusal in _stage(stage, number, plan)]


def _stage(stage: StagePlan, number: int, plan: Plan) -> list[Refusal]:
    found, which = [], f" of stage {number}" if len(plan.stages) > 1 else ""
    if stage.reviewers == Reviewers.CHOSEN and not stage.chosen:
        found.append(Refusal("reviewers", f"Name the reviewers{which}.", f"chosen_{number}"))
    if stage.duration < DAY:
        found.append(Refusal("duration", f"Give the reviewers{which} one day at least.", f"days_{number}"))
    if number < len(plan.stages) and not stage.moves_on:
        found.append(Refusal("moves_on", f"Say which lines go on after stage {number}.", f"moves_on_{number}"))
    return found


def _short_enough(plan: Plan, at: datetime) -> list[Refusal]:
    longest = LONGEST[plan.recurrence]
    if plan.duration <= longest:
        return []
    how_often = Recurrence(plan.recurrence).label.lower()
    sentence = f"All stages together may last {in_words(longest)} at most where the review comes {how_often}."
    return [Refusal("too_long", sentence, "days_1")]


def _inactive(plan: Plan, at: datetime) -> list[Refusal]:
    if plan.inactive_days is None or 1 <= plan.inactive_days <= LONGEST_INACTIVE_DAYS:
        return []
    return [Refusal("inactive_days", f"Choose 1 to {LONGEST_INACTIVE_DAYS} days.", "inactive_days")]


def _ending(plan: Plan, at: datetime) -> list[Refusal]:
    found = []
    if plan.occurrences is not None and not 1 <= plan.occurrences <= MOST_OCCURRENCES:
        found.append(Refusal("occurrences", f"Choose 1 to {MOST_OCCURRENCES} times.", "occurrences"))
    first = (plan.start_at or at).astimezone(ZoneInfo(plan.time_zone)).date()
    if plan.last_day is not None and plan.last_day < first:
        found.append(Refusal("last_day", "Choose a last day after the start.", "last_day"))
    return found


def _not_past(plan: Plan, at: datetime) -> list[Refusal]:
    if plan.start_at is None or plan.start_at >= at - timedelta(minutes=5):
        return []
    return [Refusal("past", "The start is in the past. Choose a later one, or leave it empty for now.", "start_at")]


def _told(plan: Plan, at: datetime) -> list[Refusal]:
    found = []
    if len(plan.told_addresses) > MOST_ADDRESSES:
        found.append(Refusal("addresses", f"Name at most {MOST_ADDRESSES} addresses.", "told_addresses"))
    for address in plan.told_addresses:
        if not is_address(address):
            sentence = f"{address} is not an email address. Write name@example.com."
            found.append(Refusal("address", sentence, "told_addresses"))
    return found


RULES: tuple[Rule, ...] = (_named, _staged, _short_enough, _inactive, _ending, _not_past, _told)


def takes_from_all(if_silent: Silence) -> bool:
    """Whether silence alone can take something away, so that the page has to warn."""
    return if_silent in (Silence.REMOVE, Silence.RECOMMENDED)


# --- when occurrences come


def occurrence(number: int, rhythm: Rhythm) -> datetime:
    """When the occurrence with this number (from 1) starts: at the same hour of the day in its zone.

    A month that is too short has it on its last day. An hour that a change of the clocks leaves out is moved by it.
    """
    steps = number - rhythm.first_number
    if rhythm.recurrence == Recurrence.ONCE or steps == 0:
        return rhythm.first_at
    local = rhythm.first_at.astimezone(ZoneInfo(rhythm.time_zone))
    if rhythm.recurrence == Recurrence.WEEKLY:
        return (local + timedelta(weeks=steps)).astimezone(UTC)
    months = local.month - 1 + MONTHS[rhythm.recurrence] * steps
    year, month = local.year + months // 12, months % 12 + 1
    day = min(local.day, monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(UTC)


def following(number: int, rhythm: Rhythm) -> datetime | None:
    """When the occurrence after this one starts; None where there is none."""
    if rhythm.recurrence == Recurrence.ONCE or (rhythm.occurrences is not None and number >= rhythm.occurrences):
        return None
    start_at = occurrence(number + 1, rhythm)
    day = start_at.astimezone(ZoneInfo(rhythm.time_zone)).date()
    return None if rhythm.last_day is not None and day > rhythm.last_day else start_at


def upcoming(number: int, rhythm: Rhythm, count: int) -> list[datetime]:
    """When the occurrence with this number starts, and those after it: at most so many."""
    found: list[datetime] = []
    start_at: datetime | None = occurrence(number, rhythm)
    while start_at is not None and len(found) < count:
        found.append(start_at)
        start_at = following(number + len(found) - 1, rhythm)
    return found


# --- what is recommended


def recommend(evidence: Evidence) -> Recommendation:
    """Deny who is disabled, has not signed in for 30 days, or has not activated for 90; approve the others."""
    at = evidence.at
    if not evidence.is_enabled:
        return _deny("The account is disabled.")
    if evidence.granted_at is not None and at - evidence.granted_at < LOOK_BACK:
        return Recommendation(Verdict.APPROVE, "Was given less than 30 days ago.")
    if evidence.last_sign_in_at is None:
        return _deny("Has never signed in.")
    if at - evidence.last_sign_in_at >= LOOK_BACK:
        return _deny(f"Has not signed in for {(at - evidence.last_sign_in_at).days} days.")
    if not evidence.is_eligible_only:
        return Recommendation(Verdict.APPROVE, "Has signed in within 30 days.")
    if evidence.last_used_at is None:
        return _deny("Has never activated it.")
    if at - evidence.last_used_at >= USE_BACK:
        return _deny(f"Has not activated it for {(at - evidence.last_used_at).days} days.")
    times = "once" if evidence.uses == 1 else f"{evidence.uses} times"
    return Recommendation(Verdict.APPROVE, f"Has activated it {times} in 90 days.")


def _deny(because: str) -> Recommendation:
    return Recommendation(Verdict.DENY, because)


# --- what is answered


def assess_answer(verdict: Verdict, because: str, *, needs_reason: bool) -> list[Refusal]:
    """Why an answer is not enough. PIM asks for a reason on approval only; here whoever takes something away says why,
    too, because the person it is taken from and auditors will ask. "Don't know" says already that there is none.
    """
    if len(because) > LONGEST_REASON:
        return [Refusal("reason_long", f"Use at most {LONGEST_REASON} characters for a reason.", "because")]
    if needs_reason and verdict != Verdict.DONT_KNOW and not because.strip():
        return [Refusal("reason", "Say why you approve or deny: beside the line, or here for all of them.", "because")]
    return []
