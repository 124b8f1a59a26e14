"""The rules for activating a role and for deciding on it. Pure: the page and the operation ask the same ones."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.act import Act
from accounts.policy import PROOF_WINDOW
from kernel.period import DAY, MINUTE, in_words
from kernel.refusal import Refusal
from roles.policy import SHORTEST_ASSIGNMENT, START_GRACE
from roles.terms import ActivationTerms, ApprovalTerms, SecondFactor

FURTHEST_START = 30 * DAY
LONGEST_TEXT = 2000
LONGEST_TICKET = 100


@dataclass(frozen=True)
class ActivationAsk:
    """What somebody asks for. `start_at` is None for at once."""

    duration: timedelta
    start_at: datetime | None = None
    justification: str = ""
    ticket_number: str = ""
    ticket_system: str = ""


ActivationRule = Callable[[ActivationTerms, ActivationAsk, Act], Refusal | None]


def needs_fresh_proof(terms: ActivationTerms, act: Act) -> bool:
    """Whether a second factor has to be shown before going on."""
    if terms.second_factor is SecondFactor.NONE:
        return False
    return act.proof is None or not act.proof.is_fresh(act.at, terms.proof_window)


def second_factor(terms: ActivationTerms, ask: ActivationAsk, act: Act) -> Refusal | None:
    if not needs_fresh_proof(terms, act):
        return None
    return Refusal("second_factor", "Additional verification required: show your second factor, then send again.")


def duration(terms: ActivationTerms, ask: ActivationAsk, act: Act) -> Refusal | None:
    if ask.duration < SHORTEST_ASSIGNMENT:
        return Refusal("too_short", f"Choose at least {in_words(SHORTEST_ASSIGNMENT)}.", "duration")
    if ask.duration > terms.max_duration:
        return Refusal("too_long", f"Choose at most {in_words(terms.max_duration)}.", "duration")
    if ask.duration % MINUTE:
        return Refusal("not_minutes", "Choose whole minutes.", "duration")
    return None


def start(terms: ActivationTerms, ask: ActivationAsk, act: Act) -> Refusal | None:
    if ask.start_at is None:
        return None
    if ask.start_at < act.at - START_GRACE:
        return Refusal("start_past", "This start is in the past. Leave it empty to start at once.", "start_at")
    if ask.start_at > act.at + FURTHEST_START:
        return Refusal("start_far", f"Choose a start within the next {in_words(FURTHEST_START)}.", "start_at")
    return None


def justification(terms: ActivationTerms, ask: ActivationAsk, act: Act) -> Refusal | None:
    if len(ask.justification) > LONGEST_TEXT:
        return Refusal("justification_long", f"Use at most {LONGEST_TEXT} characters.", "justification")
    if not terms.needs_justification:
        return None
    if not ask.justification.strip():
        return Refusal("justification", "Say why you need the role.", "justification")
    if len(ask.justification.strip()) >= terms.justification_min_length:
        return None
    sentence = f"Write at least {terms.justification_min_length} characters: who reads it has to understand why."
    return Refusal("justification_short", sentence, "justification")


def ticket_number(terms: ActivationTerms, ask: ActivationAsk, act: Act) -> Refusal | None:
    if len(ask.ticket_number) > LONGEST_TICKET:
        return Refusal("ticket_number_long", f"Use at most {LONGEST_TICKET} characters.", "ticket_number")
    if not terms.needs_ticket:
        return None
    if not ask.ticket_number.strip():
        return Refusal("ticket_number", "Enter the number of the ticket this is for.", "ticket_number")
    if not terms.ticket_pattern or re.fullmatch(terms.ticket_pattern, ask.ticket_number.strip()):
        return None
    sentence = f"This is not a ticket number as this role asks for: it has to match {terms.ticket_pattern}"
    return Refusal("ticket_pattern", sentence, "ticket_number")


def ticket_system(terms: ActivationTerms, ask: ActivationAsk, act: Act) -> Refusal | None:
    if len(ask.ticket_system) > LONGEST_TICKET:
        return Refusal("ticket_system_long", f"Use at most {LONGEST_TICKET} characters.", "ticket_system")
    if ask.ticket_system.strip() or not terms.needs_ticket:
        return None
    return Refusal("ticket_system", "Enter the system the ticket is in.", "ticket_system")


ACTIVATION_RULES: tuple[ActivationRule, ...] = (
    second_factor,
    duration,
    start,
    justification,
    ticket_number,
    ticket_system,
)


def assess(terms: ActivationTerms, ask: ActivationAsk, act: Act) -> list[Refusal]:
    """Every reason why this may not be activated so."""
    return [refusal for rule in ACTIVATION_RULES if (refusal := rule(terms, ask, act))]


def assess_again(terms: ActivationTerms, ask: ActivationAsk, asked: Act, *, at: datetime) -> list[Refusal]:
    """The same rules when it is decided: under today's terms, with the proof as it was when it was asked for."""
    not_later_than_wanted = replace(ask, start_at=None) if ask.start_at and ask.start_at < at else ask
    return assess(terms, not_later_than_wanted, asked)


# --- deciding


def open_stage(quorums: Sequence[int], approved: Sequence[int]) -> int:
    """The first stage that lacks approvals, given the stages of those there are.

    Settings may ask for less than before. Then the last stage stays open, and the next approval settles it.
    """
    short = (stage for stage, quorum in enumerate(quorums, start=1) if approved.count(stage) < quorum)
    return next(short, len(quorums))


def is_complete(quorums: Sequence[int], approved: Sequence[int]) -> bool:
    """Whether every stage has the approvals it needs."""
    return all(approved.count(stage) >= quorum for stage, quorum in enumerate(quorums, start=1))


def decider_needs_proof(terms: ApprovalTerms, act: Act) -> bool:
    """Whether whoever decides has to show a second factor before going on."""
    return terms.needs_second_factor and not (act.proof and act.proof.is_fresh(act.at, PROOF_WINDOW))


def assess_decision(terms: ApprovalTerms, because: str, act: Act) -> list[Refusal]:
    """Every reason why one may not decide so, whoever one is."""
    refusals = []
    if decider_needs_proof(terms, act):
        sentence = "Additional verification required: show your second factor, then decide again."
        refusals.append(Refusal("decider_second_factor", sentence))
    if terms.needs_reason and not because.strip():
        refusals.append(Refusal("justification", "Say why you approve or deny.", "justification"))
    if len(because) > LONGEST_TEXT:
        refusals.append(Refusal("justification_long", f"Use at most {LONGEST_TEXT} characters.", "justification"))
    return refusals


def assess_allowance(
    duration: timedelta | None, start_at: datetime | None, so_far: ActivationAsk, *, extends: bool, at: datetime
) -> list[Refusal]:
    """Every reason why this may not be allowed of what was asked for: never longer, never earlier. None: as it is."""
    refusals = []
    if duration is not None and duration > so_far.duration:
        sentence = f"Choose at most {in_words(so_far.duration)}: less than was asked for can be allowed, never more."
        refusals.append(Refusal("allowed_longer", sentence, "duration"))
    if duration is not None and duration < SHORTEST_ASSIGNMENT:
        refusals.append(Refusal("allowed_short", f"Allow at least {in_words(SHORTEST_ASSIGNMENT)}.", "duration"))
    if duration is not None and duration % MINUTE:
        refusals.append(Refusal("not_minutes", "Choose whole minutes.", "duration"))
    return refusals if start_at is None else [*refusals, *_assess_delay(start_at, so_far, extends=extends, at=at)]


def _assess_delay(start_at: datetime, so_far: ActivationAsk, *, extends: bool, at: datetime) -> list[Refusal]:
    if extends:
        sentence = "What runs already cannot start later. Allow a shorter time, or deny it."
        return [Refusal("allowed_start", sentence, "start_at")]
    if so_far.start_at is not None and start_at < so_far.start_at:
        sentence = "This is earlier than what was asked for. Choose a later start, or leave it empty."
        return [Refusal("allowed_earlier", sentence, "start_at")]
    if start_at < at - START_GRACE:
        return [Refusal("start_past", "This start is in the past. Leave it empty to keep what was asked.", "start_at")]
    if start_at > at + FURTHEST_START:
        return [Refusal("start_far", f"Choose a start within the next {in_words(FURTHEST_START)}.", "start_at")]
    return []


def assess_text(text: str, sentence: str) -> list[Refusal]:
    """Why a question, or an answer, may not be sent so. `sentence` says that it is empty."""
    if not text.strip():
        return [Refusal("text", sentence, "text")]
    if len(text) > LONGEST_TEXT:
        return [Refusal("text_long", f"Use at most {LONGEST_TEXT} characters.", "text")]
    return []
