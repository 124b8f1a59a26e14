"""The settings of a role as values, and the rules for assigning it. Pure: no database, no clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.act import Act
from accounts.policy import PROOF_WINDOW
from kernel.period import DAY, HOUR, MINUTE, Period, in_words
from kernel.refusal import Refusal

# The numbers are those of Microsoft Entra PIM: `docs/decisions/0004-numbers.md`.
SHORTEST_ACTIVATION = 30 * MINUTE
LONGEST_ACTIVATION = 24 * HOUR
ACTIVATION_STEP = 30 * MINUTE
SHORTEST_ASSIGNMENT = 5 * MINUTE
EXPIRY_CHOICES = (15 * DAY, 30 * DAY, 90 * DAY, 180 * DAY, 365 * DAY)
SHORTEST_DECISION_WINDOW = 1 * HOUR
LONGEST_DECISION_WINDOW = 168 * HOUR
FURTHEST = 10 * 365 * DAY
# "From now" was now when the page was opened: this far back a start still counts as now.
START_GRACE = 15 * MINUTE


@dataclass(frozen=True)
class ActivationTerms:
    """What it takes to activate a role."""

    max_duration: timedelta = 8 * HOUR
    needs_second_factor: bool = True
    proof_window: timedelta = PROOF_WINDOW
    needs_justification: bool = True
    needs_ticket: bool = False
    needs_approval: bool = False
    decision_window: timedelta = 24 * HOUR


@dataclass(frozen=True)
class GrantTerms:
    """How long somebody may be made eligible, or active, at most."""

    permanent_allowed: bool = True
    max_duration: timedelta = 365 * DAY


@dataclass(frozen=True)
class Settings:
    """Everything that can be set for a role; as it stands here, the default of every role."""

    activation: ActivationTerms = ActivationTerms()
    eligible: GrantTerms = GrantTerms()
    active: GrantTerms = GrantTerms(max_duration=180 * DAY)


DEFAULTS = Settings()


@dataclass(frozen=True)
class GrantAsk:
    """What an administrator asks for when assigning: from when, until when, why."""

    start_at: datetime
    end_at: datetime | None
    justification: str = ""


GrantRule = Callable[[GrantTerms, GrantAsk, Act], Refusal | None]


def ends_after_start(terms: GrantTerms, ask: GrantAsk, act: Act) -> Refusal | None:
    # A start that still counts as now is now; one further back is another rule's business.
    start_at = act.at if act.at - START_GRACE <= ask.start_at < act.at else ask.start_at
    if ask.end_at is None or ask.end_at - start_at >= SHORTEST_ASSIGNMENT:
        return None
    return Refusal(
        "too_short", f"The end has to be at least {in_words(SHORTEST_ASSIGNMENT)} after the start.", "end_at"
    )


def starts_now_or_later(terms: GrantTerms, ask: GrantAsk, act: Act) -> Refusal | None:
    if ask.start_at >= act.at - START_GRACE:
        return None
    return Refusal("start_past", "The start is in the past. Leave it empty to start now.", "start_at")


def within_ten_years(terms: GrantTerms, ask: GrantAsk, act: Act) -> Refusal | None:
    if ask.start_at > act.at + FURTHEST:
        return Refusal("too_far", "Choose a start within the next 10 years.", "start_at")
    if ask.end_at is not None and ask.end_at > act.at + FURTHEST:
        return Refusal("too_far", "Choose an end within the next 10 years, or permanent.", "end_at")
    return None


def permanent_only_where_allowed(terms: GrantTerms, ask: GrantAsk, act: Act) -> Refusal | None:
    if ask.end_at is not None or terms.permanent_allowed:
        return None
    return Refusal(
        "permanent",
        "This role may not be assigned permanently. "
        f"Choose an end at most {in_words(terms.max_duration)} after the start.",
        "end_at",
    )


def not_longer_than_allowed(terms: GrantTerms, ask: GrantAsk, act: Act) -> Refusal | None:
    # As in the product we match, a cap binds only where permanent is not allowed.
    duration = Period(ask.start_at, ask.end_at).duration
    if duration is None or terms.permanent_allowed or duration <= terms.max_duration:
        return None
    return Refusal(
        "too_long",
        f"That is {in_words(duration - terms.max_duration)} too long. "
        f"This role may be assigned for at most {in_words(terms.max_duration)}.",
        "end_at",
    )


GRANT_RULES: tuple[GrantRule, ...] = (
    starts_now_or_later,
    ends_after_start,
    within_ten_years,
    permanent_only_where_allowed,
    not_longer_than_allowed,
)


def assess_grant(terms: GrantTerms, ask: GrantAsk, act: Act) -> list[Refusal]:
    """Every reason why this may not be assigned so."""
    return [refusal for rule in GRANT_RULES if (refusal := rule(terms, ask, act))]


def assess_settings(wanted: Settings) -> list[Refusal]:
    """Every reason why a role may not be set so."""
    maximum, window = wanted.activation.max_duration, wanted.activation.decision_window
    refusals = []
    if not SHORTEST_ACTIVATION <= maximum <= LONGEST_ACTIVATION or maximum % ACTIVATION_STEP:
        refusals.append(
            Refusal(
                "max_duration",
                "Choose a maximum from 0.5 to 24 hours, in half hours.",
                "activation_max_duration",
            )
        )
    if not SHORTEST_DECISION_WINDOW <= window <= LONGEST_DECISION_WINDOW or window % HOUR:
        refusals.append(Refusal("decision_window", "Choose from 1 to 168 whole hours.", "decision_window_duration"))
    for terms, field in ((wanted.eligible, "eligible_max_duration"), (wanted.active, "active_max_duration")):
        if terms.max_duration not in EXPIRY_CHOICES:
            refusals.append(Refusal("expiry", "Choose one of the listed durations.", field))
    return refusals
