"""The settings of a role as values. Pure: no database, no clock. The numbers are those of Microsoft Entra PIM:
`docs/decisions/0004-numbers.md`."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from accounts.policy import PROOF_WINDOW
from kernel.period import DAY, HOUR, MINUTE


class SecondFactor(StrEnum):
    """What has to be shown on activation."""

    NONE = "none"
    SHOWN = "shown"  # within the proof window
    FRESH = "fresh"  # within the proof window, and for this activation alone


@dataclass(frozen=True)
class ActivationTerms:
    """What it takes to activate a role."""

    max_duration: timedelta = 8 * HOUR
    second_factor: SecondFactor = SecondFactor.SHOWN
    proof_window: timedelta = PROOF_WINDOW
    needs_justification: bool = True
    justification_min_length: int = 0
    needs_ticket: bool = False
    # A regular expression the whole ticket number has to match; empty: anything.
    ticket_pattern: str = ""
    needs_approval: bool = False
    decision_window: timedelta = 24 * HOUR
    # How long before its end whoever activated is told; zero: not at all.
    warning: timedelta = 15 * MINUTE


class ApproverKind(StrEnum):
    """How an approver is named."""

    USER = "user"
    GROUP = "group"
    MANAGER = "manager"


@dataclass(frozen=True, order=True)
class Named:
    """Somebody who may decide: a person by email, a group by name, or the manager of whoever asks."""

    kind: ApproverKind
    name: str = ""


MANAGER = Named(ApproverKind.MANAGER)


@dataclass(frozen=True)
class Stage:
    """One round of approval: so many of these have to approve. Nobody named: the active administrators."""

    approvers: tuple[Named, ...] = ()
    quorum: int = 1


@dataclass(frozen=True)
class ApprovalTerms:
    """Who decides on activations, and how. Nobody decides twice on one request, nor ever on their own."""

    stages: tuple[Stage, ...] = (Stage(),)
    reminds_at_half_time: bool = True
    # After this time without a decision, `escalation` may decide as well, and is written to.
    escalation_after: timedelta | None = None
    escalation: tuple[Named, ...] = ()
    needs_reason: bool = True
    needs_second_factor: bool = False


@dataclass(frozen=True)
class GrantTerms:
    """How long somebody may be made eligible, or active, at most; and what it takes of whoever assigns."""

    permanent_allowed: bool = True
    max_duration: timedelta = 365 * DAY
    needs_second_factor: bool = False
    needs_justification: bool = False


class Occasion(StrEnum):
    """When emails are written."""

    ELIGIBLE = "eligible"
    ACTIVE = "active"
    ACTIVATION = "activation"


class Audience(StrEnum):
    """To whom."""

    ADMINISTRATORS = "administrators"
    HOLDER = "holder"
    APPROVERS = "approvers"


@dataclass(frozen=True)
class Notice:
    """Who gets the emails of one occasion to one audience."""

    by_default: bool = True
    addresses: tuple[str, ...] = ()
    only_critical: bool = False


CELLS = tuple((occasion, audience) for occasion in Occasion for audience in Audience)


@dataclass(frozen=True)
class Notices:
    """Nine cells: three occasions for three audiences, in the order of `CELLS`."""

    cells: tuple[Notice, ...] = (Notice(),) * len(CELLS)

    def of(self, occasion: Occasion, audience: Audience) -> Notice:
        """One cell."""
        return self.cells[CELLS.index((occasion, audience))]


@dataclass(frozen=True)
class Settings:
    """Everything that can be set for a role; as it stands here, the default of every role."""

    activation: ActivationTerms = ActivationTerms()
    approval: ApprovalTerms = ApprovalTerms()
    eligible: GrantTerms = GrantTerms()
    active: GrantTerms = GrantTerms(max_duration=180 * DAY, needs_justification=True)
    notices: Notices = field(default_factory=Notices)


DEFAULTS = Settings()
GROUP_DEFAULTS = Settings(
    eligible=GrantTerms(permanent_allowed=False),
    active=GrantTerms(permanent_allowed=False, max_duration=180 * DAY, needs_justification=True),
)
"""Of Member and Owner of a group."""
