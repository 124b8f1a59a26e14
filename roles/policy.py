"""The rules for assigning a role, and for its settings. Pure: no database, no clock."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.act import Act
from accounts.policy import PROOF_WINDOW
from kernel.period import DAY, HOUR, MINUTE, Period, in_words
from kernel.refusal import Refusal
from roles.terms import CELLS, Audience, GrantTerms, Occasion, Settings

# The numbers are those of Microsoft Entra PIM: `docs/decisions/0004-numbers.md`.
SHORTEST_ACTIVATION = 30 * MINUTE
LONGEST_ACTIVATION = 24 * HOUR
ACTIVATION_STEP = 30 * MINUTE
SHORTEST_ASSIGNMENT = 5 * MINUTE
EXPIRY_CHOICES = (15 * DAY, 30 * DAY, 90 * DAY, 180 * DAY, 365 * DAY)
SHORTEST_DECISION_WINDOW = 1 * HOUR
LONGEST_DECISION_WINDOW = 168 * HOUR
WARNING_CHOICES = (0 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE)
FURTHEST = 10 * 365 * DAY
LONGEST_MINIMUM = 500
LONGEST_PATTERN = 200
MOST_STAGES = 2
LARGEST_QUORUM = 10
MOST_ADDRESSES = 20
MOST_NAMED = 200
TOO_MANY = f"Name at most {MOST_NAMED}. Use a group for more."
LONGEST_ADDRESS = 254
LONGEST_TEMPLATE_NAME = 120
LONGEST_TEMPLATE_DESCRIPTION = 300
# "From now" was now when the page was opened: this far back a start still counts as now.
START_GRACE = 15 * MINUTE


class Kind(StrEnum):
    """How somebody holds a role."""

    ELIGIBLE = "eligible"
    ACTIVE = "active"

    @property
    def other(self) -> "Kind":
        """What it is converted to."""
        return Kind.ACTIVE if self is Kind.ELIGIBLE else Kind.ELIGIBLE


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


def second_factor_of_assigner(terms: GrantTerms, ask: GrantAsk, act: Act) -> Refusal | None:
    # The portal itself has none to show.
    if not terms.needs_second_factor or act.actor is None or (act.proof and act.proof.is_fresh(act.at, PROOF_WINDOW)):
        return None
    return Refusal("second_factor", "Additional verification required: show your second factor, then send again.")


def justification_of_assigner(terms: GrantTerms, ask: GrantAsk, act: Act) -> Refusal | None:
    if not terms.needs_justification or ask.justification.strip():
        return None
    return Refusal("justification", "Say why they need it: this role asks for a justification.", "justification")


GRANT_RULES: tuple[GrantRule, ...] = (
    second_factor_of_assigner,
    justification_of_assigner,
    starts_now_or_later,
    ends_after_start,
    within_ten_years,
    permanent_only_where_allowed,
    not_longer_than_allowed,
)


def assess_grant(terms: GrantTerms, ask: GrantAsk, act: Act) -> list[Refusal]:
    """Every reason why this may not be assigned so."""
    return [refusal for rule in GRANT_RULES if (refusal := rule(terms, ask, act))]


def enough(stages: list[set[int]], quorums: list[int]) -> bool:
    """Whether each stage finds as many approvers as it needs, nobody deciding twice (Hall's condition, two stages)."""
    each = all(len(people) >= quorum for people, quorum in zip(stages, quorums, strict=True))
    return each and len(set().union(*stages)) >= sum(quorums)


SettingsRule = Callable[[Settings], list[Refusal]]


def durations_can_be_set(wanted: Settings) -> list[Refusal]:
    maximum, window = wanted.activation.max_duration, wanted.activation.decision_window
    refusals = []
    if not SHORTEST_ACTIVATION <= maximum <= LONGEST_ACTIVATION or maximum % ACTIVATION_STEP:
        sentence = "Choose a maximum from 0.5 to 24 hours, in half hours."
        refusals.append(Refusal("max_duration", sentence, "activation_max_duration"))
    if not SHORTEST_DECISION_WINDOW <= window <= LONGEST_DECISION_WINDOW or window % HOUR:
        refusals.append(Refusal("decision_window", "Choose from 1 to 168 whole hours.", "decision_window_duration"))
    if wanted.activation.warning not in WARNING_CHOICES:
        refusals.append(Refusal("warning", "Choose one of the listed times to warn.", "warning_duration"))
    elif SHORTEST_ACTIVATION <= maximum <= wanted.activation.warning:
        sentence = "Choose a time shorter than the maximum duration."
        refusals.append(Refusal("warning", sentence, "warning_duration"))
    for terms, field in ((wanted.eligible, "eligible_max_duration"), (wanted.active, "active_max_duration")):
        if terms.max_duration not in EXPIRY_CHOICES:
            refusals.append(Refusal("expiry", "Choose one of the listed durations.", field))
    return refusals


def reason_and_ticket_can_be_met(wanted: Settings) -> list[Refusal]:
    terms = wanted.activation
    refusals = []
    if not 0 <= terms.justification_min_length <= LONGEST_MINIMUM:
        sentence = f"Choose from 0 to {LONGEST_MINIMUM} characters."
        refusals.append(Refusal("justification_min_length", sentence, "justification_min_length"))
    try:
        re.compile(terms.ticket_pattern)
    except (re.error, OverflowError, RecursionError) as error:
        sentence = f"This is not a regular expression: {error}. INC-[0-9]+ is one, for INC-1234."
        refusals.append(Refusal("ticket_pattern", sentence, "ticket_pattern"))
    if len(terms.ticket_pattern) > LONGEST_PATTERN:
        refusals.append(Refusal("ticket_pattern", f"Use at most {LONGEST_PATTERN} characters.", "ticket_pattern"))
    return refusals


def approval_can_be_met(wanted: Settings) -> list[Refusal]:
    approval, window = wanted.approval, wanted.activation.decision_window
    refusals = []
    if not 1 <= len(approval.stages) <= MOST_STAGES:
        refusals.append(Refusal("stages", "Choose one stage of approval, or two.", "second_quorum"))
    for stage, field in zip(approval.stages, ("first_quorum", "second_quorum"), strict=False):
        if not 1 <= stage.quorum <= LARGEST_QUORUM:
            refusals.append(Refusal("quorum", f"Choose from 1 to {LARGEST_QUORUM} approvals.", field))
    in_stages = zip(("approvers", "second_approvers"), (stage.approvers for stage in approval.stages), strict=False)
    for field, people in (*in_stages, ("escalation", approval.escalation)):
        if len(people) > MOST_NAMED:
            refusals.append(Refusal("approvers", TOO_MANY, field))
    after = approval.escalation_after
    if after is not None and not (MINUTE <= after < window):
        sentence = "Escalate before the time to decide is over, and not at once."
        refusals.append(Refusal("escalation_after", sentence, "escalation_after_duration"))
    if (after is None) != (not approval.escalation):
        sentence = "Name who is asked on escalation and after which time, or neither."
        refusals.append(Refusal("escalation", sentence, "escalation"))
    return refusals


def notices_can_be_sent(wanted: Settings) -> list[Refusal]:
    refusals = []
    for (occasion, audience), notice in zip(CELLS, wanted.notices.cells, strict=True):
        field = f"{occasion}_{audience}_addresses"
        if len(notice.addresses) > MOST_ADDRESSES:
            refusals.append(Refusal("addresses", f"Name at most {MOST_ADDRESSES} addresses.", field))
        for address in notice.addresses:
            if not is_address(address):
                sentence = f"{address} is not an email address. Write name@example.com."
                refusals.append(Refusal("address", sentence, field))
        if notice.addresses and (occasion, audience) == (Occasion.ACTIVATION, Audience.APPROVERS):
            sentence = "Only those who may approve are asked to approve. Name them as approvers instead."
            refusals.append(Refusal("only_approvers", sentence, field))
    return refusals


def is_address(text: str) -> bool:
    """Whether one can write to it."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= LONGEST_ADDRESS


SETTINGS_RULES: tuple[SettingsRule, ...] = (
    durations_can_be_set,
    reason_and_ticket_can_be_met,
    approval_can_be_met,
    notices_can_be_sent,
)


def assess_settings(wanted: Settings) -> list[Refusal]:
    """Every reason why a role may not be set so."""
    return [refusal for rule in SETTINGS_RULES for refusal in rule(wanted)]


def assess_template(name: str, description: str) -> list[Refusal]:
    """Every reason why a template may not be called and described so."""
    refusals = []
    if not name:
        refusals.append(Refusal("name", "Give the template a name.", "name"))
    if len(name) > LONGEST_TEMPLATE_NAME:
        refusals.append(Refusal("name", f"Use at most {LONGEST_TEMPLATE_NAME} characters.", "name"))
    if len(description) > LONGEST_TEMPLATE_DESCRIPTION:
        sentence = f"Use at most {LONGEST_TEMPLATE_DESCRIPTION} characters."
        refusals.append(Refusal("description", sentence, "description"))
    return refusals
